using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;
using Kind = Google.Protobuf.Reflection.FieldDescriptorProto.Types.Type;
using Label = Google.Protobuf.Reflection.FieldDescriptorProto.Types.Label;

namespace SpikeBench.Tests.Grpc.Payloads;

/// <summary>A message type with a field of every kind, each called after its kind: int32, sint64, string and so on.</summary>
internal static class WideType
{
    private static readonly Kind[] Scalars =
    [
        Kind.Double, Kind.Float, Kind.Int64, Kind.Uint64, Kind.Int32, Kind.Fixed64, Kind.Fixed32, Kind.Bool, Kind.String, Kind.Bytes, Kind.Uint32, Kind.Sfixed32, Kind.Sfixed64, Kind.Sint32, Kind.Sint64,
    ];

    public static MessageDescriptor Descriptor { get; } = Build();

    private static MessageDescriptor Build()
    {
        var wide = new DescriptorProto { Name = "Wide" };
        int number = 1;
        foreach (Kind kind in Scalars)
        {
            wide.Field.Add(new FieldDescriptorProto { Name = kind.ToString().ToLowerInvariant(), Number = number++, Type = kind, Label = Label.Optional });
        }

        wide.Field.Add(Message("inner", number++, ".test.Wide"));
        wide.Field.Add(Message("inners", number++, ".test.Wide", Label.Repeated));
        wide.Field.Add(Message("at", number++, ".google.protobuf.Timestamp"));
        wide.Field.Add(Message("wrapped", number++, ".google.protobuf.Int64Value"));
        wide.Field.Add(Message("any_value", number++, ".google.protobuf.Value"));
        wide.Field.Add(new FieldDescriptorProto { Name = "words", Number = number++, Type = Kind.String, Label = Label.Repeated });
        wide.Field.Add(new FieldDescriptorProto { Name = "numbers", Number = number++, Type = Kind.Int64, Label = Label.Repeated });
        wide.Field.Add(new FieldDescriptorProto { Name = "colour", Number = number++, Type = Kind.Enum, TypeName = ".test.Colour", Label = Label.Optional });
        wide.Field.Add(Message("labels", number++, ".test.Wide.LabelsEntry", Label.Repeated));
        wide.Field.Add(Message("by_id", number, ".test.Wide.ByIdEntry", Label.Repeated));
        wide.NestedType.Add(Entry("LabelsEntry", Kind.String, Kind.String));
        wide.NestedType.Add(Entry("ByIdEntry", Kind.Uint64, Kind.String));
        var colours = new EnumDescriptorProto { Name = "Colour" };
        colours.Value.Add(new EnumValueDescriptorProto { Name = "NONE", Number = 0 });
        colours.Value.Add(new EnumValueDescriptorProto { Name = "RED", Number = 1 });
        var file = new FileDescriptorProto { Name = "wide.proto", Package = "test", Syntax = "proto3" };
        file.Dependency.Add(["google/protobuf/timestamp.proto", "google/protobuf/wrappers.proto", "google/protobuf/struct.proto"]);
        file.MessageType.Add(wide);
        file.EnumType.Add(colours);
        return FileDescriptor.BuildFromByteStrings(
            [
                TimestampReflection.Descriptor.SerializedData, WrappersReflection.Descriptor.SerializedData, StructReflection.Descriptor.SerializedData, file.ToByteString(),
            ])[^1].FindTypeByName<MessageDescriptor>("Wide");
    }

    private static FieldDescriptorProto Message(string name, int number, string type, Label label = Label.Optional) =>
        new() { Name = name, Number = number, Type = Kind.Message, TypeName = type, Label = label };

    private static DescriptorProto Entry(string name, Kind key, Kind value)
    {
        var entry = new DescriptorProto { Name = name, Options = new MessageOptions { MapEntry = true } };
        entry.Field.Add(new FieldDescriptorProto { Name = "key", Number = 1, Type = key, Label = Label.Optional });
        entry.Field.Add(new FieldDescriptorProto { Name = "value", Number = 2, Type = value, Label = Label.Optional });
        return entry;
    }
}
