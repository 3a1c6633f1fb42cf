using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace SpikeBench.Grpc.Http2;

/// <summary>
/// The 9 bytes before every frame (RFC 9113, 4.1).
/// </summary>
/// <remarks>
/// <code>
/// +-----------------------------------------------+
/// |                 Length (24)                   |
/// +---------------+---------------+---------------+
/// |   Type (8)    |   Flags (8)   |
/// +-+-------------+---------------+-------------------------------+
/// |R|                 Stream Identifier (31)                      |
/// +=+=============================================================+
/// |                   Frame Payload (0...)                      ...
/// +---------------------------------------------------------------+
/// </code>
/// </remarks>
internal readonly record struct FrameHeader(int Length, FrameType Type, FrameFlags Flags, uint StreamId)
{
    public const int Size = 9;
    public const int TypeOffset = 3;
    public const int FlagsOffset = 4;
    public const int StreamIdOffset = 5;

    /// <summary>The largest payload that either side may send until the other allows more (RFC 9113, 4.2).</summary>
    public const int DefaultMaxLength = 16_384;

    /// <summary>The most that SETTINGS_MAX_FRAME_SIZE can allow: 2^24 − 1.</summary>
    public const int LargestMaxLength = 16_777_215;

    public bool EndStream => (Flags & FrameFlags.EndStream) != 0;

    public bool EndHeaders => (Flags & FrameFlags.EndHeaders) != 0;

    public bool Ack => (Flags & FrameFlags.Ack) != 0;

    /// <summary>A header block and nothing else; whether it ends the stream does not matter.</summary>
    public bool IsPlainHeaders => (Flags & ~FrameFlags.EndStream) == FrameFlags.EndHeaders;

    public bool Padded => (Flags & FrameFlags.Padded) != 0;

    public bool Priority => (Flags & FrameFlags.Priority) != 0;

    /// <summary>Reads a header from the first <see cref="Size"/> bytes; the reserved bit is ignored, as 4.1 asks.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static FrameHeader Read(ReadOnlySpan<byte> source)
    {
        uint lengthAndType = BinaryPrimitives.ReadUInt32BigEndian(source);
        return new FrameHeader(
            (int)(lengthAndType >> 8),
            (FrameType)(byte)lengthAndType,
            (FrameFlags)source[FlagsOffset],
            BinaryPrimitives.ReadUInt32BigEndian(source[StreamIdOffset..]) & 0x7fff_ffff);
    }

    /// <summary>Writes the header; false when <paramref name="destination"/> is too small.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryWrite(Span<byte> destination)
    {
        if (destination.Length < Size)
        {
            return false;
        }

        BinaryPrimitives.WriteUInt32BigEndian(destination, ((uint)Length << 8) | (byte)Type);
        destination[FlagsOffset] = (byte)Flags;
        BinaryPrimitives.WriteUInt32BigEndian(destination[StreamIdOffset..], StreamId);
        return true;
    }
}

/// <summary>Frame types (RFC 9113, 6). Others are ignored, as 4.1 asks.</summary>
internal enum FrameType : byte
{
    Data = 0,
    Headers = 1,
    Priority = 2,
    RstStream = 3,
    Settings = 4,
    PushPromise = 5,
    Ping = 6,
    GoAway = 7,
    WindowUpdate = 8,
    Continuation = 9,
}

/// <summary>Frame flags; END_STREAM and ACK share a bit on different frame types.</summary>
[Flags]
internal enum FrameFlags : byte
{
    None = 0,
    EndStream = 0x1,
    Ack = EndStream,
    EndHeaders = 0x4,
    Padded = 0x8,
    Priority = 0x20,
}
