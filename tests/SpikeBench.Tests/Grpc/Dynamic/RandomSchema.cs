using System.Globalization;
using System.Text;

namespace SpikeBench.Tests.Grpc.Dynamic;

/// <summary>
/// Makes .proto files of every kind of field: scalars, enums, messages, well-known types, alone, optional, repeated, packed and not, in
/// maps and in oneofs, with names and numbers of all sorts.
/// </summary>
internal static class RandomSchema
{
    private const int Messages = 4;

    private static readonly string[] Scalars =
    [
        "double", "float", "int32", "int64", "uint32", "uint64", "sint32", "sint64", "fixed32", "fixed64", "sfixed32", "sfixed64", "bool", "string", "bytes",
    ];

    private static readonly string[] Keys = ["int32", "int64", "uint32", "uint64", "sint32", "sint64", "fixed32", "fixed64", "sfixed32", "sfixed64", "bool", "string"];

    private static readonly string[] WellKnown =
    [
        "Any", "Timestamp", "Duration", "FieldMask", "Struct", "Value", "ListValue", "Empty", "DoubleValue", "FloatValue", "Int64Value", "UInt64Value",
        "Int32Value", "UInt32Value", "BoolValue", "StringValue", "BytesValue",
    ];

    private static readonly string[] Words = ["room", "text", "user_id", "sent_at", "x", "a_b_c", "http2", "URL", "total_", "_kind", "long_name_of_a_field", "n1"];

    /// <summary>The text of one file, package <c>spikebench.schema{seed}</c>.</summary>
    public static string Text(ulong seed)
    {
        var draws = new Draws(seed);
        var text = new StringBuilder();
        text.AppendLine("// Drawn by RandomSchema; a test makes it again and compares.");
        text.AppendLine("syntax = \"proto3\";");
        text.AppendLine(CultureInfo.InvariantCulture, $"package spikebench.schema{seed};");
        foreach (string import in new[] { "any", "duration", "empty", "field_mask", "struct", "timestamp", "wrappers" })
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"import \"google/protobuf/{import}.proto\";");
        }

        text.AppendLine(CultureInfo.InvariantCulture, $"enum Level {{ LEVEL_NONE = 0; LEVEL_LOW = {1 + draws.Below(9)}; LEVEL_HIGH = {100 + draws.Below(1 << 20)}; LEVEL_MINUS = -{1 + draws.Below(1000)}; }}");
        for (int i = 0; i < Messages; i++)
        {
            Message(text, draws, i);
        }

        return text.ToString();
    }

    private static void Message(StringBuilder text, Draws draws, int index)
    {
        text.AppendLine(CultureInfo.InvariantCulture, $"message M{index} {{");
        text.AppendLine("  enum Kind { NONE = 0; FIRST = 1; SECOND = 2; }");
        var numbers = new HashSet<int>();
        int fields = 6 + draws.Below(14);
        for (int i = 0; i < fields; i++)
        {
            string name = $"{draws.Of(Words)}{i}";
            switch (draws.Below(6))
            {
                case 0:
                    text.AppendLine(CultureInfo.InvariantCulture, $"  optional {Type(draws, index)} {name} = {Number(draws, numbers)};");
                    break;
                case 1:
                    string type = Type(draws, index);
                    bool packable = Scalars.Contains(type) && type is not ("string" or "bytes");
                    text.AppendLine(CultureInfo.InvariantCulture, $"  repeated {type} {name} = {Number(draws, numbers)}{(packable && draws.Once(3) ? " [packed = false]" : "")};");
                    break;
                case 2:
                    text.AppendLine(CultureInfo.InvariantCulture, $"  map<{draws.Of(Keys)}, {Type(draws, index)}> {name} = {Number(draws, numbers)};");
                    break;
                case 3:
                    text.AppendLine(CultureInfo.InvariantCulture, $"  oneof one{i} {{ {Type(draws, index)} {name} = {Number(draws, numbers)}; {Type(draws, index)} {name}_or = {Number(draws, numbers)}; }}");
                    break;
                default:
                    text.AppendLine(CultureInfo.InvariantCulture, $"  {Type(draws, index)} {name} = {Number(draws, numbers)}{(draws.Once(8) ? $" [json_name = \"@{i} 한글\"]" : "")};");
                    break;
            }
        }

        text.AppendLine("}");
    }

    private static string Type(Draws draws, int index) => draws.Below(10) switch
    {
        < 5 => draws.Of(Scalars),
        5 => draws.Once(2) ? "Level" : "Kind",
        6 => $"M{draws.Below(Messages)}",
        7 => $"M{Math.Min(index + 1, Messages - 1)}",
        _ => "google.protobuf." + draws.Of(WellKnown),
    };

    /// <summary>Numbers whose tags take one to five bytes.</summary>
    private static int Number(Draws draws, HashSet<int> taken)
    {
        while (true)
        {
            int number = 1 + draws.Below(draws.Of([15, 15, 15, 2047, 18_999, 100_000_000, 536_870_910]));
            if (number is (< 19_000 or > 19_999) && taken.Add(number))
            {
                return number;
            }
        }
    }
}
