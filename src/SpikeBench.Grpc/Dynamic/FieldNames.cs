using System.Runtime.CompilerServices;
using Google.Protobuf.Reflection;

namespace SpikeBench.Grpc.Dynamic;

/// <summary>The fields of a message by both their names: the JSON name and the one in the .proto file.</summary>
internal static class FieldNames
{
    private static readonly ConditionalWeakTable<MessageDescriptor, Dictionary<string, FieldDescriptor>> OfMessages = [];

    /// <summary>The field that JSON calls so, or null.</summary>
    public static FieldDescriptor? Find(MessageDescriptor type, string name) => OfMessages.GetValue(type, Read).GetValueOrDefault(name);

    private static Dictionary<string, FieldDescriptor> Read(MessageDescriptor type)
    {
        var fields = new Dictionary<string, FieldDescriptor>();
        foreach (FieldDescriptor field in type.Fields.InDeclarationOrder())
        {
            fields[field.Name] = field;
        }

        // Where one field's JSON name is another's own, it is the JSON name that counts.
        foreach (FieldDescriptor field in type.Fields.InDeclarationOrder())
        {
            fields[field.JsonName] = field;
        }

        return fields;
    }
}
