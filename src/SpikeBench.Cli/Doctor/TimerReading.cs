using System.Globalization;
using SpikeBench.Core.Engine;

namespace SpikeBench.Cli.Doctor;

/// <summary>What a thread that only waits, a millisecond at a time, gets from the machine: the same waits that workers make.</summary>
/// <param name="P50Ns">Median lateness of a wait's end.</param>
/// <param name="P99Ns">99 % of waits ended at most this late.</param>
/// <param name="MaxNs">The latest.</param>
/// <param name="Waits">How many there were.</param>
/// <param name="StealShare">Share of all processor time that the hypervisor gave to other machines meanwhile; null where unknown.</param>
/// <param name="BusyShare">Share of all processor time that was in use meanwhile, by anyone; null where unknown.</param>
internal sealed record TimerReading(double P50Ns, double P99Ns, double MaxNs, int Waits, double? StealShare, double? BusyShare)
{
    private const int WaitCount = 1000;
    private const long PeriodNs = 1_000_000;

    /// <summary>Measures for about a second.</summary>
    /// <param name="read">Reads a system file.</param>
    public static TimerReading Take(Func<string, string?> read)
    {
        var clock = new MonotonicClock();
        var late = new double[WaitCount];
        (long Total, long Idle, long Steal)? before = null, after = null;
        var thread = new Thread(() =>
        {
            PreciseWait.PrepareThread();
            using var wait = new PreciseWait(clock);
            before = Processors(read("/proc/stat"));
            for (int i = 0; i < late.Length; i++)
            {
                long due = clock.NowNs + PeriodNs;
                wait.Until(due);
                late[i] = Math.Max(0, clock.NowNs - due);
            }

            after = Processors(read("/proc/stat"));
        });
        thread.Start();
        thread.Join();
        Array.Sort(late);
        double? steal = null, busy = null;
        if (before is { } b && after is { } a && a.Total > b.Total)
        {
            double total = a.Total - b.Total;
            steal = (a.Steal - b.Steal) / total;
            busy = Math.Max(0, 1 - (a.Idle - b.Idle + a.Steal - b.Steal) / total);
        }

        return new TimerReading(late[WaitCount / 2], late[WaitCount * 99 / 100], late[^1], WaitCount, steal, busy);
    }

    /// <summary>Ticks of all processors from the first line of <c>/proc/stat</c>: all, idle and waiting for disks, stolen.</summary>
    internal static (long Total, long Idle, long Steal)? Processors(string? stat)
    {
        // cpu user nice system idle iowait irq softirq steal guest guest_nice; guests are in user and nice already.
        string[] words = stat?.Split('\n')[0].Split(' ', StringSplitOptions.RemoveEmptyEntries) ?? [];
        if (words.Length < 9 || words[0] != "cpu")
        {
            return null;
        }

        long[] ticks = [.. words.Skip(1).Take(8).Select(w => long.TryParse(w, NumberStyles.None, CultureInfo.InvariantCulture, out long t) ? t : 0)];
        return (ticks.Sum(), ticks[3] + ticks[4], ticks[7]);
    }
}
