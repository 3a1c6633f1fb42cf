using System.Runtime.CompilerServices;
using Google.Protobuf.Reflection;

namespace SpikeBench.Grpc.Dynamic;

/// <summary>Tells the groups of proto2 from other messages: the library's descriptors call both messages, and only their source says which.</summary>
internal static class Groups
{
    private static readonly ConditionalWeakTable<FieldDescriptor, object> Known = [];

    /// <summary>True for a field between a start and an end tag, false for one with a length.</summary>
    public static bool Is(FieldDescriptor field) =>
        field.FieldType is FieldType.Message or FieldType.Group && (bool)Known.GetValue(field, f => f.ToProto().Type == FieldDescriptorProto.Types.Type.Group);
}
