using SpikeBench.Core.Profiles;
using SpikeBench.Core.Schedule;

namespace SpikeBench.Core.Recording;

/// <summary>What no run of this tool can hold: found out before anything is counted, connected or allocated.</summary>
public static class LoadLimits
{
    // Counting a plan takes some 50 ns a call: a minute for the largest.
    private const double MostCalls = 1e9;

    // Exact counters per 100 ms, for each worker, the journal and the sum.
    private const double MostBookBytes = 2e9;
    private const int OtherTables = 3;

    // Connections apart: runtime, files, epoll sets and events.
    private const int OtherFiles = 200;

    /// <summary>Refuses a plan that peaks above the profile's own ceiling.</summary>
    /// <param name="profile">Whose <c>client.max_rate</c> it is.</param>
    /// <param name="name">What the user calls the profile.</param>
    /// <param name="plan">What is to be offered.</param>
    /// <param name="scale">At which multiple.</param>
    /// <exception cref="UsageException">It does.</exception>
    public static void RequireCeiling(Profile profile, string name, LoadPlan plan, double scale)
    {
        double peakRate = plan.Schedule.Curve.PeakRate;
        if (profile.Client.MaxRatePerSecond is { } most && peakRate > most)
        {
            throw new UsageException($"{name}: at {Units.Multiple(scale)} the load peaks at {Units.Rate(peakRate)}, above client.max_rate {Units.Rate(most)}; offer less (--scale, --peak) or raise the ceiling");
        }
    }

    /// <summary>Refuses a plan that is too large to count or to keep books of.</summary>
    /// <exception cref="UsageException">It is too large.</exception>
    public static void RequirePlan(LoadPlan plan, RecordingPlan recording, int workers)
    {
        double calls = plan.Schedule.Curve.TotalCalls;
        if (!(calls <= MostCalls))
        {
            throw new UsageException($"load: {Units.Count(calls)} calls are planned, at most {Units.Count(MostCalls)} fit into one run: shorten the load, or lower the rates, --scale or --peak");
        }

        double cells = plan.DurationNs / (double)CellGrid.CellNs + plan.Phases.Count;
        int columns = CellTable.Fields + recording.ThresholdsNs.Count * CellTable.ThresholdFields;
        double bytes = cells * plan.Operations * columns * sizeof(long) * (workers + OtherTables);
        if (plan.DurationNs <= 0 || bytes > MostBookBytes)
        {
            throw new UsageException($"load: lasts {Units.Duration(plan.DurationNs)}, and the exact counters of all its 100 ms would take {Units.Count(bytes / 1e6)} MB of memory, at most {Units.Count(MostBookBytes / 1e6)} MB: shorten it");
        }
    }

    /// <summary>Refuses connections that the process may not open.</summary>
    /// <param name="connections">How many are wanted.</param>
    /// <param name="openFiles">How many files it may have open; null when the system does not say.</param>
    /// <exception cref="UsageException">They are too many.</exception>
    public static void RequireConnections(int connections, long? openFiles)
    {
        if (openFiles is { } files && connections + OtherFiles > files)
        {
            throw new UsageException($"{Units.Count(connections)} connections are needed, and this process may open {Units.Count(files)} files: raise the limit (ulimit -n {connections + OtherFiles}), or set client.connections");
        }
    }

    /// <summary>How many files this process may have open; null when it is unlimited or the system does not say.</summary>
    public static long? OpenFiles()
    {
        const string limits = "/proc/self/limits";
        return OpenFiles(File.Exists(limits) ? File.ReadAllText(limits) : null);
    }

    /// <summary>How many files this process may have open, from <c>/proc/self/limits</c>; null when it is unlimited or the system does not say.</summary>
    /// <param name="limits">The text of that file; null where there is none.</param>
    public static long? OpenFiles(string? limits)
    {
        // Max open files            1024                 524288               files
        string? line = limits?.Split('\n').FirstOrDefault(l => l.StartsWith("Max open files", StringComparison.Ordinal));
        string[] words = line?.Split(' ', StringSplitOptions.RemoveEmptyEntries) ?? [];
        return words.Length > 3 && long.TryParse(words[3], System.Globalization.CultureInfo.InvariantCulture, out long soft) ? soft : null;
    }
}
