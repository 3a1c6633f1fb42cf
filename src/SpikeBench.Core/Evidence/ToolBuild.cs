namespace SpikeBench.Core.Evidence;

/// <summary>Which build of the tool this is: one hash over its own assemblies.</summary>
public static class ToolBuild
{
    /// <summary>SHA-256 over the names and hashes of the tool's own files, in the order of their names; null where they are no files of their own.</summary>
    public static string? Hash { get; } = HashOf(AppContext.BaseDirectory);

    private static string? HashOf(string folder)
    {
        string[] files = [.. Directory.EnumerateFiles(folder, "SpikeBench.*.dll")
            .Append(Path.Combine(folder, "spikebench.dll"))
            .Where(f => File.Exists(f) && !Path.GetFileName(f).Contains("Tests", StringComparison.Ordinal))
            .Distinct()
            .OrderBy(f => Path.GetFileName(f), StringComparer.Ordinal)];
        return files.Length == 0 ? null : Sha256.OfText(string.Concat(files.Select(f => $"{Path.GetFileName(f)} {Sha256.OfFile(f)}\n")));
    }
}
