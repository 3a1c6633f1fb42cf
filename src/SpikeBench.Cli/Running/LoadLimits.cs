using SpikeBench.Core;
using SpikeBench.Core.Profiles;
using SpikeBench.Core.Recording;
using SpikeBench.Core.Schedule;

namespace SpikeBench.Cli.Running;

/// <summary>What no run of this tool can hold: found out before anything is counted, connected or allocated.</summary>
internal static class LoadLimits
{
    // Counting a plan takes some 50 ns a call: a minute for the largest.
    private const double MostCalls = 1e9;

    // Exact counters per 100 ms, for each worker, the journal and the sum.
    private const double MostBookBytes = 2e9;
    private const int OtherTables = 3;

    // Connections apart: runtime, files, epoll sets and events.
    private const int OtherFiles = 200;

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
