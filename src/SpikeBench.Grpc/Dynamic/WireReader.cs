using System.Buffers.Binary;
using Google.Protobuf;

namespace SpikeBench.Grpc.Dynamic;

/// <summary>Bytes that are not a protobuf message.</summary>
internal sealed class WireException(string problem) : Exception(problem);

/// <summary>Reads the records of a protobuf message.</summary>
internal ref struct WireReader
{
    private const int MostBits = 64;

    private readonly ReadOnlySpan<byte> _bytes;
    private int _at;

    public WireReader(ReadOnlySpan<byte> bytes)
    {
        _bytes = bytes;
    }

    public readonly bool AtEnd => _at == _bytes.Length;

    public ulong Varint()
    {
        ulong value = 0;
        for (int shift = 0; shift < MostBits; shift += 7)
        {
            byte next = Take(1)[0];
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }

        throw new WireException("a number has more than ten bytes");
    }

    public uint Fixed32() => BinaryPrimitives.ReadUInt32LittleEndian(Take(4));

    public ulong Fixed64() => BinaryPrimitives.ReadUInt64LittleEndian(Take(8));

    public ReadOnlySpan<byte> Bytes()
    {
        ulong length = Varint();
        return length <= int.MaxValue ? Take((int)length) : throw new WireException("it ends early");
    }

    /// <summary>The next record's field number and wire type.</summary>
    public (int Field, WireFormat.WireType Type) Tag()
    {
        ulong tag = Varint();
        int field = (int)(tag >> 3);
        return tag <= uint.MaxValue && field > 0 ? (field, (WireFormat.WireType)(tag & 7)) : throw new WireException("a field has the number 0 or one that is too large");
    }

    /// <summary>Passes over a value that nobody knows.</summary>
    public void Skip(int field, WireFormat.WireType type, int levelsLeft)
    {
        switch (type)
        {
            case WireFormat.WireType.Varint:
                Varint();
                break;
            case WireFormat.WireType.Fixed32:
                Take(4);
                break;
            case WireFormat.WireType.Fixed64:
                Take(8);
                break;
            case WireFormat.WireType.LengthDelimited:
                Bytes();
                break;
            case WireFormat.WireType.StartGroup:
                Group(field, levelsLeft);
                break;
            default:
                throw new WireException("a group ends that never began, or a wire type does not exist");
        }
    }

    /// <summary>The records of a group whose start has been read; its end is read as well.</summary>
    public ReadOnlySpan<byte> Group(int field, int levelsLeft)
    {
        if (levelsLeft == 0)
        {
            throw new WireException("it has too many levels");
        }

        int start = _at;
        while (true)
        {
            int end = _at;
            (int number, WireFormat.WireType type) = Tag();
            if (type == WireFormat.WireType.EndGroup)
            {
                return number == field ? _bytes[start..end] : throw new WireException("a group ends with another's number");
            }

            Skip(number, type, levelsLeft - 1);
        }
    }

    private ReadOnlySpan<byte> Take(int count)
    {
        if (_bytes.Length - _at < count)
        {
            throw new WireException("it ends early");
        }

        _at += count;
        return _bytes.Slice(_at - count, count);
    }
}
