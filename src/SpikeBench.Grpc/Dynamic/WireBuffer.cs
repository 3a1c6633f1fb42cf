using System.Buffers.Binary;
using System.Text;
using Google.Protobuf;

namespace SpikeBench.Grpc.Dynamic;

/// <summary>
/// A protobuf message as it grows, front to back. What is nested is written in place and its length put before it afterwards.
/// </summary>
/// <remarks>protobuf.dev/programming-guides/encoding: a record is a tag (field number and wire type), then its value.</remarks>
internal sealed class WireBuffer
{
    private const int MaxVarint = 10;

    private byte[] _bytes = new byte[256];

    /// <summary>Bytes written so far.</summary>
    public int Length { get; private set; }

    public byte[] ToArray() => _bytes.AsSpan(0, Length).ToArray();

    public void Tag(int field, WireFormat.WireType type) => Varint(WireFormat.MakeTag(field, type));

    /// <summary>Seven bits a byte, the lowest first; the top bit says that more follow.</summary>
    public void Varint(ulong value)
    {
        Span<byte> free = Free(MaxVarint);
        int at = 0;
        for (; value >= 0x80; value >>= 7)
        {
            free[at++] = (byte)(value | 0x80);
        }

        free[at++] = (byte)value;
        Length += at;
    }

    public void Fixed32(uint value)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(Free(4), value);
        Length += 4;
    }

    public void Fixed64(ulong value)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(Free(8), value);
        Length += 8;
    }

    /// <summary>Length, then the bytes.</summary>
    public void Bytes(ReadOnlySpan<byte> value)
    {
        Varint((ulong)value.Length);
        value.CopyTo(Free(value.Length));
        Length += value.Length;
    }

    /// <summary>Length, then the text in UTF-8.</summary>
    public void Text(string value)
    {
        int length = Encoding.UTF8.GetByteCount(value);
        Varint((ulong)length);
        Length += Encoding.UTF8.GetBytes(value, Free(length));
    }

    /// <summary>Drops all that was written since the buffer was so long.</summary>
    public void Rewind(int length) => Length = length;

    /// <summary>Begins what needs its length before it; the token goes to <see cref="EndNested"/>.</summary>
    public int BeginNested() => Length;

    /// <summary>Puts the length in front of all that was written since.</summary>
    public void EndNested(int start)
    {
        int length = Length - start;
        int prefix = 1;
        for (uint rest = (uint)length >> 7; rest > 0; rest >>= 7)
        {
            prefix++;
        }

        _ = Free(prefix);
        _bytes.AsSpan(start, length).CopyTo(_bytes.AsSpan(start + prefix));
        Length = start;
        Varint((ulong)length);
        Length += length;
    }

    private Span<byte> Free(int wanted)
    {
        if (_bytes.Length - Length < wanted)
        {
            Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, Length + wanted));
        }

        return _bytes.AsSpan(Length);
    }
}
