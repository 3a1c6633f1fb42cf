using System.Globalization;
using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace SpikeBench.Grpc.Payloads;

/// <summary>Encodes one scalar field from its text (protobuf encoding: tag = field number and wire type, then the value).</summary>
internal static class FieldEncoder
{
    private const NumberStyles Whole = NumberStyles.AllowLeadingSign;

    /// <summary>True for single scalar fields.</summary>
    public static bool Supports(FieldDescriptor field) => !field.IsRepeated && field.FieldType
        is FieldType.String or FieldType.Bool or FieldType.Int32 or FieldType.Int64 or FieldType.UInt32 or FieldType.UInt64 or FieldType.Double;

    /// <summary>The field's kind with its article, for messages: <c>a uint64</c>.</summary>
    public static string Describe(FieldDescriptor field)
    {
        string kind = (field.IsRepeated ? "repeated " : "") + field.FieldType.ToString().ToLowerInvariant();
        return ("aeiou".Contains(kind[0], StringComparison.Ordinal) && !kind.StartsWith("uint", StringComparison.Ordinal) ? "an " : "a ") + kind;
    }

    /// <summary>Appends the field; false when the text is not of its type.</summary>
    public static bool TryEncode(FieldDescriptor field, string text, Stream stream)
    {
        using var output = new CodedOutputStream(stream, leaveOpen: true);
        CultureInfo invariant = CultureInfo.InvariantCulture;
        switch (field.FieldType)
        {
            case FieldType.String:
                output.WriteTag(field.FieldNumber, WireFormat.WireType.LengthDelimited);
                output.WriteString(text);
                return true;
            case FieldType.Bool when bool.TryParse(text, out bool value):
                output.WriteTag(field.FieldNumber, WireFormat.WireType.Varint);
                output.WriteBool(value);
                return true;
            case FieldType.Int32 when int.TryParse(text, Whole, invariant, out int value):
                output.WriteTag(field.FieldNumber, WireFormat.WireType.Varint);
                output.WriteInt32(value);
                return true;
            case FieldType.Int64 when long.TryParse(text, Whole, invariant, out long value):
                output.WriteTag(field.FieldNumber, WireFormat.WireType.Varint);
                output.WriteInt64(value);
                return true;
            case FieldType.UInt32 when uint.TryParse(text, Whole, invariant, out uint value):
                output.WriteTag(field.FieldNumber, WireFormat.WireType.Varint);
                output.WriteUInt32(value);
                return true;
            case FieldType.UInt64 when ulong.TryParse(text, Whole, invariant, out ulong value):
                output.WriteTag(field.FieldNumber, WireFormat.WireType.Varint);
                output.WriteUInt64(value);
                return true;
            case FieldType.Double when double.TryParse(text, NumberStyles.Float, invariant, out double value):
                output.WriteTag(field.FieldNumber, WireFormat.WireType.Fixed64);
                output.WriteDouble(value);
                return true;
            default:
                return false;
        }
    }
}
