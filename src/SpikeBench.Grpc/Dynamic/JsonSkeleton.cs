using Google.Protobuf.Reflection;

namespace SpikeBench.Grpc.Dynamic;

/// <summary>Makes a message's JSON to fill in: every field once, with a value of its kind; of a oneof the first.</summary>
public static class JsonSkeleton
{
    /// <summary>The JSON, indented; what a message holds of its own kind is <c>{}</c>.</summary>
    public static string Of(MessageDescriptor type)
    {
        var json = new JsonText(indented: true);
        Message(json, type, []);
        return json.ToString();
    }

    private static void Message(JsonText json, MessageDescriptor type, HashSet<string> above)
    {
        switch (SpecialJsons.Of(type))
        {
            case SpecialJson.Wrapper:
                Value(json, type.FindFieldByNumber(SpecialJsons.WrappedField), above);
                return;
            case SpecialJson.Timestamp:
                json.String("2026-01-01T00:00:00Z");
                return;
            case SpecialJson.Duration:
                json.String("1s");
                return;
            case SpecialJson.FieldMask:
                json.String("");
                return;
            case SpecialJson.Value:
                json.Bare("null");
                return;
            case SpecialJson.ListValue:
                json.Begin('[');
                json.End(']');
                return;
        }

        json.Begin('{');
        if (SpecialJsons.Of(type) == SpecialJson.None && above.Add(type.FullName))
        {
            foreach (FieldDescriptor field in type.Fields.InFieldNumberOrder().Where(f => f.RealContainingOneof is not { } oneof || oneof.Fields[0] == f))
            {
                json.Name(field.JsonName);
                Field(json, field, above);
            }

            above.Remove(type.FullName);
        }

        json.End('}');
    }

    private static void Field(JsonText json, FieldDescriptor field, HashSet<string> above)
    {
        if (field.IsMap)
        {
            json.Begin('{');
            json.Name(field.MessageType.FindFieldByNumber(1).FieldType switch { FieldType.String => "key", FieldType.Bool => "true", _ => "0" });
            Value(json, field.MessageType.FindFieldByNumber(2), above);
            json.End('}');
        }
        else if (field.IsRepeated)
        {
            json.Begin('[');
            Value(json, field, above);
            json.End(']');
        }
        else
        {
            Value(json, field, above);
        }
    }

    private static void Value(JsonText json, FieldDescriptor field, HashSet<string> above)
    {
        switch (field.FieldType)
        {
            case FieldType.Message or FieldType.Group:
                Message(json, field.MessageType, above);
                break;
            case FieldType.String or FieldType.Bytes:
                json.String("");
                break;
            case FieldType.Bool:
                json.Bare("false");
                break;
            case FieldType.Enum when SpecialJsons.IsNullValue(field):
                json.Bare("null");
                break;
            case FieldType.Enum:
                json.String(field.EnumType.Values[0].Name);
                break;
            default:
                json.Bare("0");
                break;
        }
    }
}
