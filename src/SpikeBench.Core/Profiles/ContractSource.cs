namespace SpikeBench.Core.Profiles;

/// <summary>The files that a target's contract is read from; a profile's count from its own folder.</summary>
/// <param name="Protosets">Sets of descriptors.</param>
/// <param name="Protos">.proto files; none where there are sets.</param>
/// <param name="ImportPaths">Where the imports of the .proto files are looked for.</param>
public sealed record ContractSource(IReadOnlyList<string> Protosets, IReadOnlyList<string> Protos, IReadOnlyList<string> ImportPaths)
{
    /// <summary>The same files as seen from a folder.</summary>
    public ContractSource From(string folder) => new(In(folder, Protosets), In(folder, Protos), In(folder, ImportPaths));

    internal static ContractSource? Bind(MappingReader root, FormatShape shape)
    {
        if (root.Object("contract", shape) is not { } reader)
        {
            return null;
        }

        var source = new ContractSource(reader.Texts("protoset"), reader.Texts("proto"), reader.Texts("import_paths"));
        if (source.Protosets.Count > 0 && source.Protos.Count > 0)
        {
            reader.Report("proto", "and protoset: give one of the two");
        }
        else if (source.Protosets.Count + source.Protos.Count == 0)
        {
            root.Report("contract", "names no file: give protoset or proto; without the key the target is asked itself");
        }
        else if (source.ImportPaths.Count > 0 && source.Protos.Count == 0)
        {
            reader.Report("import_paths", "is for proto, which is not given");
        }

        return source;
    }

    private static string[] In(string folder, IReadOnlyList<string> paths) => [.. paths.Select(p => Path.Combine(folder, p))];
}
