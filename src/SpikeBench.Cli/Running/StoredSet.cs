using System.Text.Json;
using SpikeBench.Core;
using SpikeBench.Core.Recording;

namespace SpikeBench.Cli.Running;

/// <summary>A stored run, or all midnights of the set that it belongs to.</summary>
/// <param name="Runs">In the order of the midnights, with their folders.</param>
/// <param name="Required">How many midnights the set was to have.</param>
internal sealed record StoredSet(IReadOnlyList<(RunRecord Record, string Folder)> Runs, int Required)
{
    /// <summary>
    /// Reads the runs. One midnight stands for its set: its siblings in the same folder are read too, so that nobody judges a choice of them.
    /// </summary>
    /// <param name="folders">At least one; several must be of one set.</param>
    /// <param name="alone">Only the folders given, each judged as what it is.</param>
    /// <exception cref="UsageException">One cannot be read, or they do not belong together.</exception>
    public static StoredSet Read(IReadOnlyList<string> folders, bool alone)
    {
        var runs = folders.Select(f => (Record: RunFolder.Read(f), Folder: f)).ToList();
        RequireOnce(runs);
        if (runs[0].Record.Summary.Set is not { } set || (set.Of == 1 && runs[0].Record.Summary.Profile.Claim is not { Looks: > 1 }) || (alone && runs.Count == 1))
        {
            return runs.Count == 1
                ? new StoredSet(runs, 1)
                : throw new UsageException($"{folders[0]} is no midnight of a set: runs that were not begun as one (run --repeat) are not judged as one");
        }

        if (runs.FirstOrDefault(r => r.Record.Summary.Set?.Id != set.Id) is { Folder: { } stranger })
        {
            throw new UsageException($"{stranger} is not of the set {set.Id}: runs that were not begun as one (run --repeat) are not judged as one");
        }

        foreach (string sibling in alone ? [] : SiblingsOf(folders[0], set.Id))
        {
            if (!folders.Any(f => Whole(f) == Whole(sibling)))
            {
                runs.Add((RunFolder.Read(sibling), sibling));
            }
        }

        RequireOnce(runs);
        RunSummary first = runs[0].Record.Summary;
        if (runs.FirstOrDefault(r => r.Record.Summary.ProfileHash != first.ProfileHash || r.Record.Summary.Scale != first.Scale || r.Record.Summary.Target.Name != first.Target.Name)
            is { Folder: { } other })
        {
            throw new UsageException($"{other} differs from {folders[0]} in profile, scale or target: they are not midnights of one set");
        }

        // An extended set grew from look to look: what its last midnight was to make it is what it takes.
        return new StoredSet(
            [.. runs.OrderBy(r => r.Record.Summary.Set!.Midnight)], runs.Max(r => r.Record.Summary.Set!.Of));

        static string Whole(string path) => Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
    }

    /// <summary>A midnight that is counted twice stands in for one that nobody saw.</summary>
    private static void RequireOnce(IReadOnlyCollection<(RunRecord Record, string Folder)> runs)
    {
        foreach (var same in runs.GroupBy(r => r.Record.Summary.RunId).Concat(runs.Where(r => r.Record.Summary.Set is not null).GroupBy(r => $"midnight {r.Record.Summary.Set!.Midnight} of {r.Record.Summary.Set.Id}")))
        {
            if (same.Skip(1).FirstOrDefault() is { Folder: { } again })
            {
                throw new UsageException($"{same.First().Folder} and {again} are both {same.Key}: a midnight counts once; leave one of them out, or move the copy elsewhere");
            }
        }
    }

    private static IEnumerable<string> SiblingsOf(string folder, string setId)
    {
        // As the user wrote the path, so that what is printed is what was given.
        string parent = Path.GetDirectoryName(folder.TrimEnd('/', Path.DirectorySeparatorChar)) is { Length: > 0 } given ? given : ".";
        foreach (string sibling in Directory.EnumerateDirectories(parent).Order(StringComparer.Ordinal))
        {
            string path = Path.Combine(sibling, RunFolder.SummaryFile);
            if (File.Exists(path) && IsOf(path, setId))
            {
                yield return parent == "." ? Path.GetFileName(sibling) : sibling;
            }
        }
    }

    private static bool IsOf(string summaryPath, string setId)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(File.ReadAllText(summaryPath));
            return document.RootElement.TryGetProperty("set", out JsonElement set) && set.ValueKind == JsonValueKind.Object
                && set.TryGetProperty("id", out JsonElement id) && id.GetString() == setId;
        }
        catch (Exception e) when (e is JsonException or IOException or InvalidOperationException)
        {
            // A neighbour that cannot be read is no reason not to judge what was asked for; a missing midnight shows in the count.
            return false;
        }
    }
}
