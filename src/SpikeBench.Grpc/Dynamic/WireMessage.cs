using System.Text;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Proto = Google.Protobuf.Reflection;

namespace SpikeBench.Grpc.Dynamic;

/// <summary>
/// A message read by its descriptor: the fields that are on the wire, merged as the encoding asks (the last value of a single field
/// counts, messages merge, lists add up, the last of a oneof stays).
/// </summary>
/// <remarks>
/// Values are <see cref="long"/>, <see cref="ulong"/>, <see cref="double"/>, <see cref="float"/>, <see cref="bool"/>, <see cref="string"/>, bytes,
/// <see cref="int"/> for enums, and <see cref="WireMessage"/>; lists are <see cref="List{T}"/> of these, maps from key to value in the order of their first appearance.
/// </remarks>
internal sealed class WireMessage
{
    private const int MostLevels = 100;

    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);

    private readonly MessageTypes _types;
    private readonly SortedDictionary<int, (FieldDescriptor Field, object Value)> _values = [];

    private WireMessage(MessageDescriptor type, MessageTypes types)
    {
        Type = type;
        _types = types;
    }

    public MessageDescriptor Type { get; }

    /// <summary>The fields that are there, by number.</summary>
    public IEnumerable<(FieldDescriptor Field, object Value)> Values => _values.Values;

    /// <summary>Reads a message.</summary>
    /// <exception cref="WireException">The bytes are none of this type.</exception>
    public static WireMessage Read(MessageDescriptor type, ReadOnlySpan<byte> wire, MessageTypes types, int levelsLeft = MostLevels)
    {
        var message = new WireMessage(type, types);
        message.Merge(wire, levelsLeft);
        return message;
    }

    /// <summary>A field's value by number; null when it is not there.</summary>
    public object? Find(int field) => _values.TryGetValue(field, out (FieldDescriptor, object Value) found) ? found.Value : null;

    /// <summary>A whole number's value, 0 when it is not there.</summary>
    public long Whole(int field) => Find(field) is long value ? value : 0;

    /// <summary>A text's value, empty when it is not there.</summary>
    public string Text(int field) => Find(field) as string ?? "";

    private void Merge(ReadOnlySpan<byte> wire, int levelsLeft)
    {
        if (levelsLeft == 0)
        {
            throw new WireException("it has too many levels");
        }

        var reader = new WireReader(wire);
        while (!reader.AtEnd)
        {
            (int number, WireFormat.WireType type) = reader.Tag();
            FieldDescriptor? field = Type.FindFieldByNumber(number) ?? _types.FindExtension(Type, number);
            if (field is null || !TryField(field, type, ref reader, levelsLeft))
            {
                reader.Skip(number, type, levelsLeft);
            }
        }
    }

    /// <summary>Reads one record; false, and nothing read, when its wire type is not the field's: such a record counts as unknown.</summary>
    private bool TryField(FieldDescriptor field, WireFormat.WireType type, ref WireReader reader, int levelsLeft)
    {
        WireFormat.WireType own = Groups.Is(field) ? WireFormat.WireType.StartGroup : WireTypeOf(field.FieldType);
        bool packable = own is not (WireFormat.WireType.LengthDelimited or WireFormat.WireType.StartGroup);
        if (field.IsRepeated && packable && type == WireFormat.WireType.LengthDelimited)
        {
            // A reader takes packed and unpacked lists alike, whatever the contract says.
            var packed = new WireReader(reader.Bytes());
            while (!packed.AtEnd)
            {
                Keep(field, Scalar(field, ref packed));
            }

            return true;
        }

        if (type != own)
        {
            return false;
        }

        switch (field.FieldType)
        {
            case FieldType.Message when field.IsMap:
                Entry(field, reader.Bytes(), levelsLeft);
                break;
            case FieldType.Message or FieldType.Group:
                Nested(field, own == WireFormat.WireType.StartGroup ? reader.Group(field.FieldNumber, levelsLeft) : reader.Bytes(), levelsLeft);
                break;
            default:
                Keep(field, Scalar(field, ref reader));
                break;
        }

        return true;
    }

    private void Nested(FieldDescriptor field, ReadOnlySpan<byte> wire, int levelsLeft)
    {
        if (!field.IsRepeated && Find(field.FieldNumber) is WireMessage before)
        {
            before.Merge(wire, levelsLeft - 1);
        }
        else
        {
            Keep(field, Read(field.MessageType, wire, _types, levelsLeft - 1));
        }
    }

    private void Entry(FieldDescriptor field, ReadOnlySpan<byte> wire, int levelsLeft)
    {
        WireMessage entry = Read(field.MessageType, wire, _types, levelsLeft - 1);
        FieldDescriptor key = field.MessageType.FindFieldByNumber(1), value = field.MessageType.FindFieldByNumber(2);
        if (Find(field.FieldNumber) is not OrderedDictionary<object, object> map)
        {
            map = [];
            _values[field.FieldNumber] = (field, map);
        }

        map[entry.Find(1) ?? DefaultOf(key)] = entry.Find(2) ?? (value.FieldType == FieldType.Message ? Read(value.MessageType, [], _types) : DefaultOf(value));
    }

    private void Keep(FieldDescriptor field, object? value)
    {
        if (value is null)
        {
            return;
        }

        if (field.IsRepeated)
        {
            if (Find(field.FieldNumber) is not List<object> list)
            {
                list = [];
                _values[field.FieldNumber] = (field, list);
            }

            list.Add(value);
            return;
        }

        foreach (FieldDescriptor other in field.RealContainingOneof?.Fields ?? [])
        {
            _values.Remove(other.FieldNumber);
        }

        _values[field.FieldNumber] = (field, value);
    }

    /// <summary>One value; null for the number of a closed enum's value that does not exist, which counts as unknown.</summary>
    private static object? Scalar(FieldDescriptor field, ref WireReader reader)
    {
        switch (field.FieldType)
        {
            case FieldType.Double:
                return BitConverter.UInt64BitsToDouble(reader.Fixed64());
            case FieldType.Float:
                return BitConverter.UInt32BitsToSingle(reader.Fixed32());
            case FieldType.Bool:
                return reader.Varint() != 0;
            case FieldType.String:
                return TextOf(field, reader.Bytes());
            case FieldType.Bytes:
                return reader.Bytes().ToArray();
            case FieldType.Enum:
                int number = unchecked((int)reader.Varint());
                return field.EnumType.File.Syntax == Proto.Syntax.Proto2 && field.EnumType.FindValueByNumber(number) is null ? null : number;
            case FieldType.Int32:
                return (long)unchecked((int)reader.Varint());
            case FieldType.Int64:
                return unchecked((long)reader.Varint());
            case FieldType.UInt32:
                return (ulong)unchecked((uint)reader.Varint());
            case FieldType.UInt64:
                return reader.Varint();
            case FieldType.SInt32:
                uint small = unchecked((uint)reader.Varint());
                return (long)((int)(small >> 1) ^ -(int)(small & 1));
            case FieldType.SInt64:
                ulong large = reader.Varint();
                return unchecked((long)(large >> 1) ^ -(long)(large & 1));
            case FieldType.Fixed32:
                return (ulong)reader.Fixed32();
            case FieldType.SFixed32:
                return (long)unchecked((int)reader.Fixed32());
            case FieldType.Fixed64:
                return reader.Fixed64();
            default:
                return unchecked((long)reader.Fixed64());
        }
    }

    private static string TextOf(FieldDescriptor field, ReadOnlySpan<byte> bytes)
    {
        try
        {
            return Strict.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            throw new WireException($"the string '{field.Name}' is not UTF-8");
        }
    }

    /// <summary>What a field has that is not there; not for messages.</summary>
    public static object DefaultOf(FieldDescriptor field) => field.FieldType switch
    {
        FieldType.String => "",
        FieldType.Bytes => Array.Empty<byte>(),
        FieldType.Bool => false,
        FieldType.Double => 0.0,
        FieldType.Float => 0f,
        FieldType.Enum => field.EnumType.Values[0].Number,
        FieldType.UInt32 or FieldType.UInt64 or FieldType.Fixed32 or FieldType.Fixed64 => 0UL,
        _ => 0L,
    };

    private static WireFormat.WireType WireTypeOf(FieldType kind) => kind switch
    {
        FieldType.String or FieldType.Bytes or FieldType.Message or FieldType.Group => WireFormat.WireType.LengthDelimited,
        FieldType.Double or FieldType.Fixed64 or FieldType.SFixed64 => WireFormat.WireType.Fixed64,
        FieldType.Float or FieldType.Fixed32 or FieldType.SFixed32 => WireFormat.WireType.Fixed32,
        _ => WireFormat.WireType.Varint,
    };
}
