using System.Buffers.Binary;

namespace SpikeBench.Grpc.Http2;

/// <summary>Writes the frames that carry no call data; each returns false, having written nothing, when the destination is too small.</summary>
internal static class ControlFrames
{
    public const int PingPayloadLength = 8;
    public const int RstStreamLength = FrameHeader.Size + sizeof(uint);
    public const int WindowUpdateLength = FrameHeader.Size + sizeof(uint);
    public const int GoAwayPayloadLength = 2 * sizeof(uint);

    /// <summary>What a client sends before everything else (RFC 9113, 3.4).</summary>
    public static ReadOnlySpan<byte> Preface => "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8;

    // 6.5 SETTINGS: entries as PeerSettings shows them.
    public static bool TryWriteSettings(Span<byte> destination, ReadOnlySpan<(ushort Id, uint Value)> settings, out int bytesWritten)
    {
        bytesWritten = 0;
        int length = settings.Length * PeerSettings.EntrySize;
        if (destination.Length < FrameHeader.Size + length)
        {
            return false;
        }

        new FrameHeader(length, FrameType.Settings, FrameFlags.None, 0).TryWrite(destination);
        int at = FrameHeader.Size;
        foreach ((ushort id, uint value) in settings)
        {
            BinaryPrimitives.WriteUInt16BigEndian(destination[at..], id);
            BinaryPrimitives.WriteUInt32BigEndian(destination[(at + sizeof(ushort))..], value);
            at += PeerSettings.EntrySize;
        }

        bytesWritten = at;
        return true;
    }

    public static bool TryWriteSettingsAck(Span<byte> destination, out int bytesWritten)
    {
        bool written = new FrameHeader(0, FrameType.Settings, FrameFlags.Ack, 0).TryWrite(destination);
        bytesWritten = written ? FrameHeader.Size : 0;
        return written;
    }

    // 6.7 PING
    // +---------------------------------------------------------------+
    // |                      Opaque Data (64)                         |
    // +---------------------------------------------------------------+
    public static bool TryWritePingAck(Span<byte> destination, ReadOnlySpan<byte> opaque, out int bytesWritten)
    {
        bytesWritten = 0;
        if (destination.Length < FrameHeader.Size + PingPayloadLength)
        {
            return false;
        }

        new FrameHeader(PingPayloadLength, FrameType.Ping, FrameFlags.Ack, 0).TryWrite(destination);
        opaque[..PingPayloadLength].CopyTo(destination[FrameHeader.Size..]);
        bytesWritten = FrameHeader.Size + PingPayloadLength;
        return true;
    }

    // 6.4 RST_STREAM
    // +---------------------------------------------------------------+
    // |                        Error Code (32)                        |
    // +---------------------------------------------------------------+
    public static bool TryWriteRstStream(Span<byte> destination, uint streamId, Http2ErrorCode code, out int bytesWritten)
        => TryWriteWord(destination, FrameType.RstStream, streamId, (uint)code, out bytesWritten);

    // 6.9 WINDOW_UPDATE
    // +-+-------------------------------------------------------------+
    // |R|              Window Size Increment (31)                     |
    // +-+-------------------------------------------------------------+
    public static bool TryWriteWindowUpdate(Span<byte> destination, uint streamId, int increment, out int bytesWritten)
        => TryWriteWord(destination, FrameType.WindowUpdate, streamId, (uint)increment, out bytesWritten);

    // 6.8 GOAWAY
    // +-+-------------------------------------------------------------+
    // |R|                  Last-Stream-ID (31)                        |
    // +-+-------------------------------------------------------------+
    // |                      Error Code (32)                          |
    // +---------------------------------------------------------------+
    // |                  Additional Debug Data (*)                    |
    // +---------------------------------------------------------------+
    public static bool TryWriteGoAway(Span<byte> destination, uint lastStreamId, Http2ErrorCode code, out int bytesWritten)
    {
        bytesWritten = 0;
        if (destination.Length < FrameHeader.Size + GoAwayPayloadLength)
        {
            return false;
        }

        new FrameHeader(GoAwayPayloadLength, FrameType.GoAway, FrameFlags.None, 0).TryWrite(destination);
        BinaryPrimitives.WriteUInt32BigEndian(destination[FrameHeader.Size..], lastStreamId);
        BinaryPrimitives.WriteUInt32BigEndian(destination[(FrameHeader.Size + sizeof(uint))..], (uint)code);
        bytesWritten = FrameHeader.Size + GoAwayPayloadLength;
        return true;
    }

    private static bool TryWriteWord(Span<byte> destination, FrameType type, uint streamId, uint word, out int bytesWritten)
    {
        bytesWritten = 0;
        if (destination.Length < FrameHeader.Size + sizeof(uint))
        {
            return false;
        }

        new FrameHeader(sizeof(uint), type, FrameFlags.None, streamId).TryWrite(destination);
        BinaryPrimitives.WriteUInt32BigEndian(destination[FrameHeader.Size..], word);
        bytesWritten = FrameHeader.Size + sizeof(uint);
        return true;
    }
}
