using Google.Protobuf.Reflection;

namespace SpikeBench.Grpc.Dynamic;

/// <summary>Messages whose JSON is not an object of their fields (protobuf.dev/programming-guides/json).</summary>
internal enum SpecialJson
{
    /// <summary>An object of its fields.</summary>
    None,

    /// <summary>The message inside, with its type beside it as <c>@type</c>.</summary>
    Any,

    /// <summary>RFC 3339.</summary>
    Timestamp,

    /// <summary>Seconds with an <c>s</c>.</summary>
    Duration,

    /// <summary>Paths with commas between them.</summary>
    FieldMask,

    /// <summary>Any object.</summary>
    Struct,

    /// <summary>Any value.</summary>
    Value,

    /// <summary>Any array.</summary>
    ListValue,

    /// <summary>The one value inside.</summary>
    Wrapper,
}

/// <summary>Knows the special messages by name.</summary>
internal static class SpecialJsons
{
    /// <summary>The single field of every wrapper.</summary>
    public const int WrappedField = 1;

    public static SpecialJson Of(MessageDescriptor type) => type.File.Package != "google.protobuf" ? SpecialJson.None : type.Name switch
    {
        "Any" => SpecialJson.Any,
        "Timestamp" => SpecialJson.Timestamp,
        "Duration" => SpecialJson.Duration,
        "FieldMask" => SpecialJson.FieldMask,
        "Struct" => SpecialJson.Struct,
        "Value" => SpecialJson.Value,
        "ListValue" => SpecialJson.ListValue,
        "DoubleValue" or "FloatValue" or "Int64Value" or "UInt64Value" or "Int32Value" or "UInt32Value" or "BoolValue" or "StringValue" or "BytesValue" => SpecialJson.Wrapper,
        _ => SpecialJson.None,
    };

    /// <summary>True for the enum whose one value stands for JSON's null.</summary>
    public static bool IsNullValue(FieldDescriptor field) => field.FieldType == FieldType.Enum && field.EnumType.FullName == "google.protobuf.NullValue";

    /// <summary>True where null is a value of the field, and not the word for no value.</summary>
    public static bool TakesNull(FieldDescriptor field) =>
        IsNullValue(field) || (field.FieldType == FieldType.Message && Of(field.MessageType) == SpecialJson.Value);
}
