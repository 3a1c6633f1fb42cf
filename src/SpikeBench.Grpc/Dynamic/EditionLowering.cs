using Google.Protobuf.Reflection;
using Label = Google.Protobuf.Reflection.FieldDescriptorProto.Types.Label;
using Type = Google.Protobuf.Reflection.FieldDescriptorProto.Types.Type;

namespace SpikeBench.Grpc.Dynamic;

/// <summary>
/// Writes a file of an edition (2023 and later) as the proto3 file that means the same on the wire: the library's descriptors know only
/// proto2 and proto3.
/// </summary>
/// <remarks>
/// protobuf.dev/editions/features: features are inherited from the file down. <c>field_presence</c> EXPLICIT becomes <c>optional</c>,
/// LEGACY_REQUIRED a required field; <c>repeated_field_encoding</c> becomes <c>packed</c>; <c>message_encoding</c> DELIMITED a group. Closed enums
/// are taken as open ones.
/// </remarks>
internal static class EditionLowering
{
    // The defaults of edition 2023; 2024 changes none of the three.
    private static readonly FeatureSet Defaults = new()
    {
        FieldPresence = FeatureSet.Types.FieldPresence.Explicit,
        RepeatedFieldEncoding = FeatureSet.Types.RepeatedFieldEncoding.Packed,
        MessageEncoding = FeatureSet.Types.MessageEncoding.LengthPrefixed,
    };

    public static bool IsEdition(FileDescriptorProto file) => file.Syntax == "editions";

    /// <summary>The same file as proto3; a file of proto2 or proto3 as it is.</summary>
    public static FileDescriptorProto Lower(FileDescriptorProto file)
    {
        if (!IsEdition(file))
        {
            return file;
        }

        FileDescriptorProto lowered = file.Clone();
        FeatureSet features = Merge(Defaults, file.Options?.Features);
        lowered.Syntax = "proto3";
        lowered.ClearEdition();
        foreach (DescriptorProto message in lowered.MessageType)
        {
            Lower(message, features);
        }

        foreach (FieldDescriptorProto extension in lowered.Extension)
        {
            Lower(extension, features, null);
        }

        return lowered;
    }

    private static void Lower(DescriptorProto message, FeatureSet inherited)
    {
        FeatureSet features = Merge(inherited, message.Options?.Features);
        foreach (FieldDescriptorProto field in message.Field)
        {
            Lower(field, features, message);
        }

        foreach (FieldDescriptorProto extension in message.Extension)
        {
            Lower(extension, features, null);
        }

        foreach (DescriptorProto nested in message.NestedType)
        {
            Lower(nested, features);
        }
    }

    /// <param name="field">The field, changed in place.</param>
    /// <param name="inherited">What its message has.</param>
    /// <param name="message">Where a field's own oneof goes; null for an extension, which needs none.</param>
    private static void Lower(FieldDescriptorProto field, FeatureSet inherited, DescriptorProto? message)
    {
        FeatureSet features = Merge(inherited, field.Options?.Features);
        bool isMapPart = message?.Options?.MapEntry == true || message?.NestedType.Any(n => n.Options?.MapEntry == true && field.TypeName.EndsWith("." + n.Name, StringComparison.Ordinal)) == true;
        if (field.Type == Type.Message && features.MessageEncoding == FeatureSet.Types.MessageEncoding.Delimited && !isMapPart)
        {
            field.Type = Type.Group;
        }

        if (field.Label == Label.Repeated)
        {
            if (features.RepeatedFieldEncoding == FeatureSet.Types.RepeatedFieldEncoding.Expanded)
            {
                field.Options ??= new FieldOptions();
                field.Options.Packed = false;
            }

            return;
        }

        if (features.FieldPresence == FeatureSet.Types.FieldPresence.LegacyRequired)
        {
            field.Label = Label.Required;
        }

        if (message is not null && !isMapPart && !field.HasOneofIndex && features.FieldPresence != FeatureSet.Types.FieldPresence.Implicit && field.Type is not (Type.Message or Type.Group))
        {
            field.Proto3Optional = true;
            field.OneofIndex = message.OneofDecl.Count;
            message.OneofDecl.Add(new OneofDescriptorProto { Name = "_" + field.Name });
        }
    }

    private static FeatureSet Merge(FeatureSet inherited, FeatureSet? own)
    {
        if (own is null)
        {
            return inherited;
        }

        FeatureSet merged = inherited.Clone();
        merged.MergeFrom(own);
        return merged;
    }
}
