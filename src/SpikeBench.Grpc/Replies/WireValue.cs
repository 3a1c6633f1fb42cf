using System.Globalization;
using System.Text;
using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace SpikeBench.Grpc.Replies;

/// <summary>A field's value as text, as it would stand on the wire.</summary>
internal static class WireValue
{
    private const ulong All = ulong.MaxValue;
    private const ulong Low32 = uint.MaxValue;

    /// <summary>Reads a value; false when it is not of the field's type, or the field is a message.</summary>
    /// <param name="field">A single field.</param>
    /// <param name="text">As in JSON, without quotes.</param>
    /// <param name="wire">How it stands on the wire.</param>
    /// <param name="number">Its varint or fixed bits.</param>
    /// <param name="mask">The bits of it that count: peers may spell a 32-bit number with 64.</param>
    /// <param name="bytes">Of text and bytes.</param>
    public static bool TryParse(FieldDescriptor field, string text, out WireFormat.WireType wire, out ulong number, out ulong mask, out byte[] bytes)
    {
        CultureInfo invariant = CultureInfo.InvariantCulture;
        const NumberStyles Whole = NumberStyles.AllowLeadingSign;
        (wire, number, mask, bytes) = (WireFormat.WireType.Varint, 0, All, []);
        switch (field.FieldType)
        {
            case FieldType.Bool:
                bool isBool = text is "true" or "false";
                number = text == "true" ? 1u : 0;
                return isBool;
            case FieldType.Int32:
            case FieldType.SInt32:
            case FieldType.SFixed32:
                bool isInt = int.TryParse(text, Whole, invariant, out int i);
                wire = field.FieldType == FieldType.SFixed32 ? WireFormat.WireType.Fixed32 : wire;
                number = field.FieldType == FieldType.SInt32 ? (uint)((i << 1) ^ (i >> 31)) : (uint)i;
                mask = Low32;
                return isInt;
            case FieldType.UInt32:
            case FieldType.Fixed32:
                bool isUint = uint.TryParse(text, Whole, invariant, out uint u);
                wire = field.FieldType == FieldType.Fixed32 ? WireFormat.WireType.Fixed32 : wire;
                number = u;
                mask = Low32;
                return isUint;
            case FieldType.Int64:
            case FieldType.SInt64:
            case FieldType.SFixed64:
                bool isLong = long.TryParse(text, Whole, invariant, out long l);
                wire = field.FieldType == FieldType.SFixed64 ? WireFormat.WireType.Fixed64 : wire;
                number = field.FieldType == FieldType.SInt64 ? (ulong)((l << 1) ^ (l >> 63)) : (ulong)l;
                return isLong;
            case FieldType.UInt64:
            case FieldType.Fixed64:
                wire = field.FieldType == FieldType.Fixed64 ? WireFormat.WireType.Fixed64 : wire;
                return ulong.TryParse(text, Whole, invariant, out number);
            case FieldType.Float:
                wire = WireFormat.WireType.Fixed32;
                bool isFloat = float.TryParse(text, NumberStyles.Float, invariant, out float f);
                number = BitConverter.SingleToUInt32Bits(f);
                return isFloat;
            case FieldType.Double:
                wire = WireFormat.WireType.Fixed64;
                bool isDouble = double.TryParse(text, NumberStyles.Float, invariant, out double d);
                number = BitConverter.DoubleToUInt64Bits(d);
                return isDouble;
            case FieldType.Enum:
                EnumValueDescriptor? value = field.EnumType.FindValueByName(text) ?? (int.TryParse(text, Whole, invariant, out int n) ? field.EnumType.FindValueByNumber(n) : null);
                number = (uint)(value?.Number ?? 0);
                mask = Low32;
                return value is not null;
            case FieldType.String:
                wire = WireFormat.WireType.LengthDelimited;
                bytes = Encoding.UTF8.GetBytes(text);
                return true;
            case FieldType.Bytes:
                wire = WireFormat.WireType.LengthDelimited;
                bytes = new byte[text.Length];
                bool isBase64 = Convert.TryFromBase64String(text, bytes, out int length);
                bytes = bytes[..length];
                return isBase64;
            default:
                return false;
        }
    }
}
