using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;
using SpikeBench.Core;
using SpikeBench.Core.Evidence;

namespace SpikeBench.Grpc.Dynamic;

/// <summary>
/// Compiles .proto files with protoc: the one of <c>SPIKEBENCH_PROTOC</c>, the one that came with the tool, or the one on the path. What came
/// out is kept by the hashes of all that went in.
/// </summary>
/// <param name="protoc">The program.</param>
/// <param name="include">Where google/protobuf/*.proto are; null: protoc knows.</param>
/// <param name="cache">The folder in which sets are kept.</param>
public sealed class ProtoCompiler(string protoc, string? include, string cache)
{
    private const int MostComplaints = 5;

    /// <summary>True when the last set came from the cache.</summary>
    public bool WasCached { get; private set; }

    /// <summary>Finds protoc.</summary>
    /// <param name="variable">Reads an environment variable.</param>
    /// <param name="beside">The folder of the tool.</param>
    /// <param name="cache">The folder in which sets are kept.</param>
    /// <exception cref="UsageException">There is none.</exception>
    public static ProtoCompiler Find(Func<string, string?> variable, string beside, string cache)
    {
        string program = OperatingSystem.IsWindows() ? "protoc.exe" : "protoc";
        if (variable("SPIKEBENCH_PROTOC") is { Length: > 0 } own)
        {
            return File.Exists(own) ? new ProtoCompiler(own, null, cache) : throw new UsageException($"SPIKEBENCH_PROTOC: there is no {own}");
        }

        string packed = Path.Combine(beside, "protoc", Platform(), program);
        if (File.Exists(packed))
        {
            return new ProtoCompiler(packed, Path.Combine(beside, "protoc", "include"), cache);
        }

        string? found = (variable("PATH") ?? "").Split(Path.PathSeparator).Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists);
        return found is null
            ? throw new UsageException($"--proto needs protoc, and there is none for this platform ({Platform()}): install it, name it in SPIKEBENCH_PROTOC, or give a set of descriptors with --protoset")
            : new ProtoCompiler(found, null, cache);
    }

    /// <summary>The set of descriptors of the files and of all that they import.</summary>
    /// <exception cref="UsageException">A file is missing or does not compile.</exception>
    public async Task<byte[]> CompileAsync(IReadOnlyList<string> protos, IReadOnlyList<string> importPaths, CancellationToken cancel)
    {
        string? missing = protos.FirstOrDefault(p => !File.Exists(p)), folder = importPaths.FirstOrDefault(p => !Directory.Exists(p));
        if (missing is not null || folder is not null)
        {
            throw new UsageException(missing is not null ? $"--proto {missing}: there is no such file" : $"--import-path {folder}: there is no such folder");
        }

        List<string> roots = Roots(protos, importPaths);
        string key = Key(protos, roots);
        byte[]? kept = Kept(key);
        WasCached = kept is not null;
        if (kept is not null)
        {
            return kept;
        }

        byte[] set = await RunAsync(protos, roots, cancel).ConfigureAwait(false);
        Keep(key, set, roots);
        return set;
    }

    /// <summary>The folders given, those of files that are in none of them, and what comes with protoc.</summary>
    private List<string> Roots(IReadOnlyList<string> protos, IReadOnlyList<string> importPaths)
    {
        var roots = importPaths.Select(Path.GetFullPath).ToList();
        foreach (string proto in protos.Select(Path.GetFullPath))
        {
            if (!roots.Exists(r => proto.StartsWith(r.TrimEnd(Path.DirectorySeparatorChar) + Path.DirectorySeparatorChar, StringComparison.Ordinal)))
            {
                roots.Add(Path.GetDirectoryName(proto)!);
            }
        }

        if (include is not null)
        {
            roots.Add(include);
        }

        return [.. roots.Distinct()];
    }

    private async Task<byte[]> RunAsync(IReadOnlyList<string> protos, IReadOnlyList<string> roots, CancellationToken cancel)
    {
        string output = Path.Combine(Path.GetTempPath(), $"spikebench-{Guid.NewGuid():N}.protoset");
        try
        {
            var start = new ProcessStartInfo(protoc) { RedirectStandardError = true, RedirectStandardOutput = true };
            foreach (string argument in (string[])["--include_imports", $"--descriptor_set_out={output}", .. roots.Select(r => $"-I{r}"), .. protos.Select(Path.GetFullPath)])
            {
                start.ArgumentList.Add(argument);
            }

            using Process process = Process.Start(start) ?? throw new Win32Exception("it did not start");
            Task<string> said = process.StandardError.ReadToEndAsync(cancel);
            await process.StandardOutput.ReadToEndAsync(cancel).ConfigureAwait(false);
            string complaints = await said.ConfigureAwait(false);
            await process.WaitForExitAsync(cancel).ConfigureAwait(false);
            return process.ExitCode == 0 ? await File.ReadAllBytesAsync(output, cancel).ConfigureAwait(false) : throw new UsageException(Complaint(complaints, roots));
        }
        catch (Win32Exception e)
        {
            throw new UsageException($"{protoc}: cannot be run: {e.Message}");
        }
        finally
        {
            File.Delete(output);
        }
    }

    /// <summary>protoc's own lines, which name file, line and column; what an import that is not found needs is said.</summary>
    private static string Complaint(string said, IReadOnlyList<string> roots)
    {
        string[] lines = [.. said.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Where(l => !l.Contains("warning:", StringComparison.Ordinal))];
        string more = lines.Length > MostComplaints ? $"; and {lines.Length - MostComplaints} more" : "";
        bool isImport = said.Contains("File not found", StringComparison.Ordinal);
        return $"the .proto files do not compile: {string.Join("; ", lines.Take(MostComplaints))}{more}"
            + (isImport ? $". Imports are looked for in {string.Join(", ", roots)}: name the right folder with --import-path" : "");
    }

    private static string Platform() => (OperatingSystem.IsWindows() ? "windows" : OperatingSystem.IsMacOS() ? "macosx" : "linux", RuntimeInformation.OSArchitecture) switch
    {
        ("macosx", _) => "macosx_universal",
        ("windows", _) => "windows_x64",
        (_, Architecture.Arm64) => "linux_arm64",
        _ => "linux_x64",
    };

    private string Key(IReadOnlyList<string> protos, IReadOnlyList<string> roots) =>
        Sha256.OfText(string.Join('\n', [protoc, new FileInfo(protoc).Length.ToString(System.Globalization.CultureInfo.InvariantCulture), .. protos.Select(Path.GetFullPath), "", .. roots]))["sha256:".Length..][..32];

    /// <summary>The set of a key, if none of the files that went into it has changed; null otherwise.</summary>
    private byte[]? Kept(string key)
    {
        try
        {
            string list = Path.Combine(cache, key + ".files"), set = Path.Combine(cache, key + ".protoset");
            string[] lines = File.Exists(list) && File.Exists(set) ? File.ReadAllLines(list) : [];
            byte[]? bytes = lines.Length > 0 ? File.ReadAllBytes(set) : null;
            bool holds = bytes is not null && lines[0] == Sha256.Of(bytes)
                && lines.Skip(1).Select(l => l.Split(' ', 2)).All(p => p.Length == 2 && File.Exists(p[1]) && Sha256.OfFile(p[1]) == p[0]);
            return holds ? bytes : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A cache that cannot be read is no cache.
            return null;
        }
    }

    /// <summary>Keeps a set with the hashes of the files that went into it; a cache that cannot be written costs the next run 0.1 s, nothing else.</summary>
    private void Keep(string key, byte[] set, IReadOnlyList<string> roots)
    {
        try
        {
            IEnumerable<string> files = DescriptorFiles.OfSet(set)
                .Select(f => DescriptorFiles.Parse(f).Name)
                .Select(name => roots.Select(r => Path.Combine(r, name)).FirstOrDefault(File.Exists))
                .OfType<string>()
                .Select(path => $"{Sha256.OfFile(path)} {path}");
            Directory.CreateDirectory(cache);
            File.WriteAllBytes(Path.Combine(cache, key + ".protoset"), set);
            File.WriteAllLines(Path.Combine(cache, key + ".files"), [Sha256.Of(set), .. files]);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
        }
    }
}
