using System.Globalization;
using System.Text;
using System.Text.Json;
using Google.Protobuf.Reflection;

namespace SpikeBench.Tests.Grpc.Dynamic;

/// <summary>
/// Makes the JSON of random messages of a type, in every spelling that all implementations of the mapping agree on: names of both kinds,
/// numbers bare and in quotes, enums by name and number, null for absent fields.
/// </summary>
internal sealed class RandomJson(ulong seed, IReadOnlyList<MessageDescriptor> forAny)
{
    private const int MostLevels = 3;

    private static readonly string[] Texts = ["", "a", "Happy New Year", "새해 복 많이 받으세요", "あけまして\"おめでとう\"", "\\ / \b \f \n \r \t \u0001 \u007f", "😀👨‍👩‍👧", "\u2028\u2029"];

    private static readonly string[] Doubles = ["0", "1", "-1.5", "1e20", "-2.5E-7", "123456789.125", "0.1", "3.0", "\"1.5\"", "\"NaN\"", "\"Infinity\"", "\"-Infinity\"", "1e-30"];

    private readonly Draws _draws = new(seed);

    public string Message(MessageDescriptor type, int level = 0)
    {
        if (type.File.Package == "google.protobuf" && WellKnown(type, level) is { } special)
        {
            return special;
        }

        return "{" + string.Join(_draws.Once(2) ? ", " : ",", Fields(type, level)) + "}";
    }

    private List<string> Fields(MessageDescriptor type, int level)
    {
        var fields = new List<string>();
        var oneofs = new HashSet<OneofDescriptor>();
        foreach (FieldDescriptor field in type.Fields.InDeclarationOrder().OrderBy(_ => _draws.Bits()))
        {
            bool isMessage = field.FieldType == FieldType.Message && !field.IsMap;
            if (_draws.Once(3) || (level >= MostLevels && (isMessage || field.IsMap || field.IsRepeated)) || (field.RealContainingOneof is { } oneof && !oneofs.Add(oneof)))
            {
                continue;
            }

            string name = _draws.Once(2) ? field.JsonName : field.Name;
            bool mayBeNull = field.RealContainingOneof is null && !TakesNull(field);
            fields.Add($"{Quoted(name)}:{(mayBeNull && _draws.Once(12) ? "null" : Value(field, level))}");
        }

        return fields;
    }

    private string Value(FieldDescriptor field, int level)
    {
        if (field.IsMap)
        {
            FieldDescriptor key = field.MessageType.FindFieldByNumber(1), value = field.MessageType.FindFieldByNumber(2);
            IEnumerable<string> keys = Enumerable.Range(0, _draws.Below(4)).Select(_ => Key(key)).Distinct().ToList();
            return "{" + string.Join(",", keys.Select(k => $"{Quoted(k)}:{Single(value, level)}")) + "}";
        }

        return field.IsRepeated
            ? "[" + string.Join(",", Enumerable.Range(0, _draws.Below(4)).Select(_ => Single(field, level))) + "]"
            : Single(field, level);
    }

    private string Single(FieldDescriptor field, int level) => field.FieldType switch
    {
        FieldType.Message => Message(field.MessageType, level + 1),
        FieldType.Bool => _draws.Once(2) ? "true" : "false",
        FieldType.String => Quoted(_draws.Of(Texts)),
        FieldType.Bytes => Quoted(Base64()),
        FieldType.Enum => Enum(field.EnumType),
        FieldType.Double => _draws.Once(2) ? _draws.Of(Doubles) : Finite(BitConverter.UInt64BitsToDouble(_draws.Bits())),
        FieldType.Float => _draws.Once(2) ? _draws.Of(Doubles) : Finite(BitConverter.UInt32BitsToSingle((uint)_draws.Bits())),
        _ => Number(Whole(field.FieldType)),
    };

    private string Key(FieldDescriptor key) => key.FieldType switch
    {
        FieldType.String => _draws.Of(Texts) + _draws.Below(3),
        FieldType.Bool => _draws.Once(2) ? "true" : "false",
        _ => Whole(key.FieldType),
    };

    /// <summary>The ends of the range, small numbers and any others.</summary>
    private string Whole(FieldType kind)
    {
        bool small = _draws.Once(2);
        ulong bits = _draws.Below(5) switch { 0 => 0, 1 => ulong.MaxValue, 2 => 1UL << 63, 3 => 0x7FFF_FFFF_FFFF_FFFF, _ => _draws.Bits() };
        CultureInfo invariant = CultureInfo.InvariantCulture;
        return kind switch
        {
            FieldType.Int32 or FieldType.SInt32 or FieldType.SFixed32 => ((int)(bits >> (small ? 52 : 32)) - (small ? 2048 : 0)).ToString(invariant),
            FieldType.UInt32 or FieldType.Fixed32 => ((uint)(bits >> (small ? 52 : 32))).ToString(invariant),
            FieldType.Int64 or FieldType.SInt64 or FieldType.SFixed64 => (small ? (long)(bits >> 52) - 2048 : (long)bits).ToString(invariant),
            _ => (small ? bits >> 52 : bits).ToString(invariant),
        };
    }

    /// <summary>Bare only where a double holds it: some readers take all numbers for doubles.</summary>
    private string Number(string digits)
    {
        bool exact = Math.Abs(double.Parse(digits, CultureInfo.InvariantCulture)) < 1L << 53;
        return exact && _draws.Once(2) ? digits + (_draws.Once(6) ? ".0" : "") : Quoted(digits);
    }

    private string Enum(EnumDescriptor type) => _draws.Once(2)
        ? Quoted(_draws.Of<EnumValueDescriptor>([.. type.Values]).Name)
        : (_draws.Once(6) ? _draws.Below(5000) : _draws.Of<EnumValueDescriptor>([.. type.Values]).Number).ToString(CultureInfo.InvariantCulture);

    private string Base64()
    {
        byte[] bytes = [.. Enumerable.Range(0, _draws.Below(9)).Select(_ => (byte)_draws.Bits())];
        return Convert.ToBase64String(bytes);
    }

    private static string Finite(double value) => double.IsFinite(value) && value != 0 ? value.ToString("R", CultureInfo.InvariantCulture) : "0.5";

    private static string Finite(float value) => float.IsFinite(value) && value != 0 ? value.ToString("R", CultureInfo.InvariantCulture) : "0.5";

    private string? WellKnown(MessageDescriptor type, int level)
    {
        switch (type.Name)
        {
            case "Timestamp":
                return Quoted(_draws.Of(["1970-01-01T00:00:00Z", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999999Z", "2026-01-01T00:00:00.5Z", "2020-02-29T12:34:56.789012Z", "2026-01-01T09:00:00+09:00", "1969-12-31T23:59:59.000000001Z"]));
            case "Duration":
                return Quoted(_draws.Of(["0s", "1s", "-1s", "0.5s", "-0.5s", "1.000000001s", "-315576000000s", "315576000000s", "3.010s"]));
            case "FieldMask":
                return Quoted(_draws.Of(["", "a", "user.displayName,photo", "fooBar,x.y.z"]));
            case "Struct":
                return Object(level);
            case "Value":
                return Any(level);
            case "ListValue":
                return "[" + string.Join(",", Enumerable.Range(0, level >= MostLevels ? 0 : _draws.Below(3)).Select(_ => Any(level + 1))) + "]";
            case "Any":
                return AnyMessage(level);
            case "Empty":
                return "{}";
            default:
                return type.Name.EndsWith("Value", StringComparison.Ordinal) ? Single(type.FindFieldByNumber(1), level) : null;
        }
    }

    private string Object(int level) =>
        "{" + string.Join(",", Enumerable.Range(0, level >= MostLevels ? 0 : _draws.Below(3)).Select(i => $"{Quoted(_draws.Of(Texts) + i)}:{Any(level + 1)}")) + "}";

    private string Any(int level) => _draws.Below(level >= MostLevels ? 4 : 6) switch
    {
        0 => "null",
        1 => _draws.Of(["0", "1.5", "-2e10"]),
        2 => Quoted(_draws.Of(Texts)),
        3 => "true",
        4 => Object(level + 1),
        _ => "[" + Any(level + 1) + "]",
    };

    private string AnyMessage(int level)
    {
        MessageDescriptor inner = _draws.Of(forAny);
        string url = Quoted("type.googleapis.com/" + inner.FullName);
        if (inner.File.Package == "google.protobuf")
        {
            return $"{{\"@type\":{url},\"value\":{Message(inner, level + 1)}}}";
        }

        return "{" + string.Join(",", Fields(inner, level + 1).Append($"\"@type\":{url}")) + "}";
    }

    // protobuf for Python 3.21 takes null for a list of Values for one of them, and falls over it.
    private static bool TakesNull(FieldDescriptor field) => field.FieldType == FieldType.Message && field.MessageType.FullName == "google.protobuf.Value";

    private static string Quoted(string text)
    {
        // Some as escapes, some as they are.
        string json = JsonSerializer.Serialize(text);
        return text.Length % 2 == 0 ? json : "\"" + new StringBuilder(text).Replace("\\", "\\\\").Replace("\"", "\\\"").Replace("\b", "\\b").Replace("\f", "\\f").Replace("\n", "\\n").Replace("\r", "\\r").Replace("\t", "\\t").Replace("\u0001", "\\u0001") + "\"";
    }
}
