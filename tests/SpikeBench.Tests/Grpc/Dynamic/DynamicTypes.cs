using Google.Protobuf.Reflection;
using SpikeBench.Grpc.Dynamic;

namespace SpikeBench.Tests.Grpc.Dynamic;

/// <summary>The descriptors of generated code once more, without its types: as they come from a file or from reflection.</summary>
internal static class DynamicTypes
{
    /// <summary>The same messages as in the generated file.</summary>
    public static MessageTypes Of(FileDescriptor generated) => new(DescriptorFiles.Build(WithImports(generated).Select(f => f.ToProto())));

    private static IEnumerable<FileDescriptor> WithImports(FileDescriptor file) => file.Dependencies.SelectMany(WithImports).Append(file);
}
