using System.Text.Json;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using SpikeBench.Core.Profiles;

namespace SpikeBench.Grpc.Dynamic;

/// <summary>Numbers, texts, bytes and enums.</summary>
internal sealed partial class JsonEncoder
{
    /// <summary>Tag and value; a default value only where the field tells it from none.</summary>
    private void Scalar(FieldDescriptor field, JsonElement json, bool keepDefault)
    {
        int before = _wire.Length;
        _wire.Tag(field.FieldNumber, WireTypeOf(field.FieldType));
        if (ScalarValue(field, json) && !keepDefault)
        {
            _wire.Rewind(before);
        }
    }

    /// <summary>The value alone.</summary>
    /// <returns>True when it is the type's default: nothing but zero bits, and not −0.</returns>
    private bool ScalarValue(FieldDescriptor field, JsonElement json)
    {
        switch (field.FieldType)
        {
            case FieldType.Bool:
                return Bool(json.ValueKind switch
                {
                    JsonValueKind.True => true,
                    JsonValueKind.False => false,
                    _ => throw Expected("bool", json),
                });
            case FieldType.String:
                string text = json.ValueKind == JsonValueKind.String ? json.GetString()! : throw Expected("string", json);
                _wire.Text(text);
                return text.Length == 0;
            case FieldType.Bytes:
                byte[] bytes = json.ValueKind == JsonValueKind.String && Base64(json.GetString()!) is { } read ? read : throw Expected("bytes in base64", json);
                _wire.Bytes(bytes);
                return bytes.Length == 0;
            case FieldType.Enum:
                int number = Enum(field.EnumType, json);
                _wire.Varint((ulong)(long)number);
                return number == 0;
            case FieldType.Double:
                ulong bits = BitConverter.DoubleToUInt64Bits(Floating(field, json));
                _wire.Fixed64(bits);
                return bits == 0;
            case FieldType.Float:
                uint halfBits = BitConverter.SingleToUInt32Bits((float)Floating(field, json));
                _wire.Fixed32(halfBits);
                return halfBits == 0;
            default:
                return Whole(field.FieldType, NumberText(json) is { } digits && JsonNumber.TryWhole(digits, out Int128 whole) && Holds(field.FieldType, whole)
                    ? whole
                    : throw Expected(Kind(field), json));
        }
    }

    /// <summary>The key of a map's entry: a name that stands for a number, a truth value or a text.</summary>
    private void MapKey(FieldDescriptor key, string name)
    {
        _wire.Tag(key.FieldNumber, WireTypeOf(key.FieldType));
        switch (key.FieldType)
        {
            case FieldType.String:
                _wire.Text(name);
                break;
            case FieldType.Bool:
                Bool(name is "true" or "false" ? name == "true" : throw Wrong("expected true or false as the key"));
                break;
            default:
                Whole(key.FieldType, JsonNumber.TryWhole(name, out Int128 whole) && Holds(key.FieldType, whole) ? whole : throw Wrong($"expected {Kind(key)} as the key"));
                break;
        }
    }

    private bool Bool(bool value)
    {
        _wire.Varint(value ? 1UL : 0);
        return !value;
    }

    private bool Whole(FieldType kind, Int128 value)
    {
        switch (kind)
        {
            case FieldType.Int32 or FieldType.Int64:
                // A negative int32 takes ten bytes as well: it is sign-extended.
                _wire.Varint((ulong)(long)value);
                break;
            case FieldType.UInt32 or FieldType.UInt64:
                _wire.Varint((ulong)value);
                break;
            case FieldType.SInt32 or FieldType.SInt64:
                // ZigZag: 0, −1, 1, −2, … become 0, 1, 2, 3, …
                long signed = (long)value;
                _wire.Varint((ulong)((signed << 1) ^ (signed >> 63)));
                break;
            case FieldType.SFixed32 or FieldType.Fixed32:
                _wire.Fixed32(unchecked((uint)(long)value));
                break;
            default:
                _wire.Fixed64(value < 0 ? (ulong)(long)value : (ulong)value);
                break;
        }

        return value == 0;
    }

    private static bool Holds(FieldType kind, Int128 value) => kind switch
    {
        FieldType.Int32 or FieldType.SInt32 or FieldType.SFixed32 => value >= int.MinValue && value <= int.MaxValue,
        FieldType.UInt32 or FieldType.Fixed32 => value >= uint.MinValue && value <= uint.MaxValue,
        FieldType.Int64 or FieldType.SInt64 or FieldType.SFixed64 => value >= long.MinValue && value <= long.MaxValue,
        _ => value >= ulong.MinValue && value <= ulong.MaxValue,
    };

    /// <summary>Numbers may stand in quotes.</summary>
    private static string? NumberText(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.Number => json.GetRawText(),
        JsonValueKind.String => json.GetString(),
        _ => null,
    };

    private double Floating(FieldDescriptor field, JsonElement json)
    {
        if (json.ValueKind == JsonValueKind.String)
        {
            switch (json.GetString())
            {
                case "NaN":
                    return double.NaN;
                case "Infinity":
                    return double.PositiveInfinity;
                case "-Infinity":
                    return double.NegativeInfinity;
            }
        }

        if (NumberText(json) is not { } text || !JsonNumber.TryDouble(text, out double value))
        {
            throw Expected(Kind(field), json);
        }

        // What rounds to the largest float is one; what rounds beyond it is none.
        return field.FieldType == FieldType.Float && float.IsInfinity((float)value) ? throw Expected(Kind(field), json) : value;
    }

    private int Enum(EnumDescriptor type, JsonElement json)
    {
        if (json.ValueKind == JsonValueKind.Null && type.FullName == "google.protobuf.NullValue")
        {
            return 0;
        }

        string[] names = [.. type.Values.Select(v => v.Name)];
        if (json.ValueKind == JsonValueKind.String)
        {
            string name = json.GetString()!;
            return type.FindValueByName(name)?.Number ?? throw Wrong($"{type.Name} has no value \"{name}\"; it has {Few(names)}{Suggestion.DidYouMean(name, names)}");
        }

        if (json.ValueKind != JsonValueKind.Number || !JsonNumber.TryWhole(json.GetRawText(), out Int128 number) || !Holds(FieldType.Int32, number))
        {
            throw Expected($"{type.Name} ({Few(names)})", json);
        }

        // proto2's enums are closed: a number without a name is none of theirs.
        bool isClosed = type.File.Syntax == Syntax.Proto2;
        return isClosed && type.FindValueByNumber((int)number) is null ? throw Expected($"{type.Name} ({Few(names)})", json) : (int)number;
    }

    private static string Few(string[] names)
    {
        const int most = 12;
        return string.Join(", ", names.Take(most)) + (names.Length > most ? $" and {names.Length - most} more" : "");
    }

    /// <summary>Either alphabet, with padding or without.</summary>
    private static byte[]? Base64(string text)
    {
        string standard = text.Replace('-', '+').Replace('_', '/').TrimEnd('=');
        if (standard.Any(c => !char.IsAsciiLetterOrDigit(c) && c is not '+' and not '/') || standard.Length % 4 == 1 || text.Length - standard.Length > 2)
        {
            return null;
        }

        return Convert.FromBase64String(standard.PadRight((standard.Length + 3) / 4 * 4, '='));
    }

    private static WireFormat.WireType WireTypeOf(FieldType kind) => kind switch
    {
        FieldType.String or FieldType.Bytes => WireFormat.WireType.LengthDelimited,
        FieldType.Double or FieldType.Fixed64 or FieldType.SFixed64 => WireFormat.WireType.Fixed64,
        FieldType.Float or FieldType.Fixed32 or FieldType.SFixed32 => WireFormat.WireType.Fixed32,
        _ => WireFormat.WireType.Varint,
    };
}
