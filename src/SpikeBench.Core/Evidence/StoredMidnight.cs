using SpikeBench.Core.Recording;

namespace SpikeBench.Core.Evidence;

/// <summary>A run as it stands on disk: what its files say, and their hashes.</summary>
public sealed record StoredMidnight(RunRecord Record, IReadOnlyDictionary<string, string> Files)
{
    /// <summary>Reads a run's folder.</summary>
    /// <exception cref="UsageException">It is no run's, or was damaged.</exception>
    public static StoredMidnight Read(string folder) => new(RunFolder.Read(folder), RunFolder.HashFiles(folder));
}
