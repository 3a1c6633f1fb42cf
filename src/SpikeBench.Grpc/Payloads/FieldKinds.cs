using Google.Protobuf.Reflection;

namespace SpikeBench.Grpc.Payloads;

/// <summary>What messages call a field.</summary>
internal static class FieldKinds
{
    /// <summary>The field's kind with its article: <c>a uint64</c>, <c>a list of Item</c>.</summary>
    public static string WithArticle(FieldDescriptor field)
    {
        string kind = field.IsMap ? "map" : (field.IsRepeated ? "list of " : "") + NameOf(field);
        return ("aeiou".Contains(kind[0], StringComparison.Ordinal) && !kind.StartsWith("uint", StringComparison.Ordinal) ? "an " : "a ") + kind;
    }

    public static bool IsNumber(FieldDescriptor field) => field.FieldType
        is not (FieldType.String or FieldType.Bytes or FieldType.Bool or FieldType.Enum or FieldType.Message or FieldType.Group);

    private static string NameOf(FieldDescriptor field) => field.FieldType switch
    {
        FieldType.Message or FieldType.Group => field.MessageType.Name,
        FieldType.Enum => field.EnumType.Name,
        _ => field.FieldType.ToString().ToLowerInvariant(),
    };
}
