using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace SpikeBench.Cli.Metrics;

/// <summary>
/// Writes protocol buffer messages: a field is its number and wire type in a varint, then its value (protobuf.dev, encoding). Fields are
/// written as given, zeros too, where presence matters.
/// </summary>
internal sealed class ProtoWriter
{
    private const int VarintType = 0;
    private const int Fixed64Type = 1;
    private const int LengthType = 2;

    private readonly ArrayBufferWriter<byte> _bytes = new();

    public byte[] ToArray() => _bytes.WrittenSpan.ToArray();

    public ProtoWriter Varint(int field, ulong value)
    {
        Tag(field, VarintType);
        Raw(value);
        return this;
    }

    /// <summary>A sint32: small negative numbers stay short.</summary>
    public ProtoWriter ZigZag(int field, int value) => Varint(field, (uint)((value << 1) ^ (value >> 31)));

    public ProtoWriter Fixed64(int field, ulong value)
    {
        Tag(field, Fixed64Type);
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, value);
        _bytes.Write(bytes);
        return this;
    }

    public ProtoWriter Double(int field, double value) => Fixed64(field, BitConverter.DoubleToUInt64Bits(value));

    public ProtoWriter Text(int field, string value) => Bytes(field, Encoding.UTF8.GetBytes(value));

    public ProtoWriter Message(int field, ProtoWriter message) => Bytes(field, message.ToArray());

    /// <summary>A packed repeated uint64.</summary>
    public ProtoWriter Packed(int field, IEnumerable<long> values)
    {
        var packed = new ProtoWriter();
        foreach (long value in values)
        {
            packed.Raw((ulong)value);
        }

        return Message(field, packed);
    }

    private ProtoWriter Bytes(int field, byte[] value)
    {
        Tag(field, LengthType);
        Raw((ulong)value.Length);
        _bytes.Write(value);
        return this;
    }

    private void Tag(int field, int type) => Raw((ulong)((field << 3) | type));

    private void Raw(ulong value)
    {
        const int longest = 10;
        Span<byte> bytes = stackalloc byte[longest];
        int length = 0;
        for (; value >= 0x80; value >>= 7)
        {
            bytes[length++] = (byte)(value | 0x80);
        }

        bytes[length++] = (byte)value;
        _bytes.Write(bytes[..length]);
    }
}
