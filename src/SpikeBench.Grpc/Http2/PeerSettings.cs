using System.Buffers.Binary;

namespace SpikeBench.Grpc.Http2;

/// <summary>
/// What the peer's SETTINGS say (RFC 9113, 6.5), beginning with the protocol's defaults.
/// </summary>
/// <remarks>
/// <code>
/// +-------------------------------+
/// |       Identifier (16)         |
/// +-------------------------------+-------------------------------+
/// |                        Value (32)                             |
/// +---------------------------------------------------------------+
/// </code>
/// </remarks>
internal struct PeerSettings()
{
    public const int EntrySize = 6;
    public const ushort HeaderTableSizeId = 1;
    public const ushort EnablePushId = 2;
    public const ushort MaxConcurrentStreamsId = 3;
    public const ushort InitialWindowSizeId = 4;
    public const ushort MaxFrameSizeId = 5;
    public const ushort MaxHeaderListSizeId = 6;

    /// <summary>HPACK's default table size (6.5.2).</summary>
    public const int DefaultHeaderTableSize = 4096;

    /// <summary>The largest dynamic table that we may use when encoding.</summary>
    public int HeaderTableSize { get; private set; } = DefaultHeaderTableSize;

    /// <summary>How many streams we may have open; unlimited until said.</summary>
    public int MaxConcurrentStreams { get; private set; } = int.MaxValue;

    /// <summary>The send window of a new stream.</summary>
    public int InitialWindowSize { get; private set; } = FlowWindow.Default;

    /// <summary>The largest payload of a frame that we may send.</summary>
    public int MaxFrameSize { get; private set; } = FrameHeader.DefaultMaxLength;

    /// <summary>Takes the entries of one SETTINGS payload in their order (6.5.3); an unknown identifier is ignored (6.5.2).</summary>
    public ConnectionError Apply(ReadOnlySpan<byte> payload)
    {
        for (; payload.Length >= EntrySize; payload = payload[EntrySize..])
        {
            uint value = BinaryPrimitives.ReadUInt32BigEndian(payload[sizeof(ushort)..]);
            switch (BinaryPrimitives.ReadUInt16BigEndian(payload))
            {
                case HeaderTableSizeId:
                    HeaderTableSize = (int)Math.Min(value, int.MaxValue);
                    break;
                case EnablePushId when value != 0:
                    // A server may only ever say 0 (6.5.2).
                    return new ConnectionError(Http2ErrorCode.ProtocolError, ConnectionErrorReason.SettingOutOfRange);
                case MaxConcurrentStreamsId:
                    MaxConcurrentStreams = (int)Math.Min(value, int.MaxValue);
                    break;
                case InitialWindowSizeId when value > FlowWindow.Max:
                    return new ConnectionError(Http2ErrorCode.FlowControlError, ConnectionErrorReason.SettingOutOfRange);
                case InitialWindowSizeId:
                    InitialWindowSize = (int)value;
                    break;
                case MaxFrameSizeId when value is < FrameHeader.DefaultMaxLength or > FrameHeader.LargestMaxLength:
                    return new ConnectionError(Http2ErrorCode.ProtocolError, ConnectionErrorReason.SettingOutOfRange);
                case MaxFrameSizeId:
                    MaxFrameSize = (int)value;
                    break;
            }
        }

        return default;
    }
}
