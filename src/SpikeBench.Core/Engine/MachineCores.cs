using System.Globalization;

namespace SpikeBench.Core.Engine;

/// <summary>The processors that this process may use, before the run places anything on them.</summary>
/// <param name="Allowed">By number, from the process's affinity (which a cpuset narrows); null where the system does not tell.</param>
/// <param name="Quota">How many cores' worth of time the control group grants, e.g. 1.5; null without a limit.</param>
/// <param name="Count">How many threads can run at once: at least 1.</param>
public sealed record MachineCores(CpuList? Allowed, double? Quota, int Count)
{
    private const string GroupRoot = "/sys/fs/cgroup";

    /// <summary>Reads this machine's.</summary>
    public static MachineCores Here()
    {
        CpuList? allowed = NativeThread.Affinity();
        double? quota = QuotaOf(TryRead("/proc/self/cgroup") ?? "", TryRead);
        int count = allowed?.Count ?? Environment.ProcessorCount;
        return new MachineCores(allowed, quota, Math.Max(1, Math.Min(count, (int)Math.Ceiling(quota ?? count))));
    }

    /// <summary>
    /// The tightest limit of a process's control groups, from version 2 (<c>cpu.max</c>: "150000 100000") or 1 (<c>cpu.cfs_quota_us</c>).
    /// </summary>
    /// <param name="groups">The text of <c>/proc/self/cgroup</c>: lines <c>id:controllers:path</c>.</param>
    /// <param name="read">Gives a file's text, or null where there is none.</param>
    internal static double? QuotaOf(string groups, Func<string, string?> read)
    {
        double? tightest = null;
        foreach (string line in groups.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            string[] parts = line.Split(':', 3);
            if (parts.Length < 3 || !(parts[1].Length == 0 || parts[1].Split(',').Contains("cpu")))
            {
                continue;
            }

            // A container may see its own group as "/": every ancestor that is visible binds, and so does the root.
            for (string path = parts[2].TrimEnd('/'); ; path = path[..Math.Max(0, path.LastIndexOf('/'))])
            {
                double? limit = parts[1].Length == 0
                    ? Ratio(read($"{GroupRoot}{path}/cpu.max")?.Split(' ', '\n'))
                    : Ratio([read($"{GroupRoot}/cpu{path}/cpu.cfs_quota_us")?.Trim() ?? "", read($"{GroupRoot}/cpu{path}/cpu.cfs_period_us")?.Trim() ?? ""]);
                tightest = limit < tightest || tightest is null ? limit ?? tightest : tightest;
                if (path.Length == 0)
                {
                    break;
                }
            }
        }

        return tightest;
    }

    /// <summary>Quota over period; null for "max", −1 or anything else that is no limit.</summary>
    private static double? Ratio(string[]? quotaAndPeriod) =>
        quotaAndPeriod is [var quota, var period, ..] && double.TryParse(quota, CultureInfo.InvariantCulture, out double us) && us > 0
        && double.TryParse(period, CultureInfo.InvariantCulture, out double per) && per > 0
            ? us / per
            : null;

    private static string? TryRead(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
