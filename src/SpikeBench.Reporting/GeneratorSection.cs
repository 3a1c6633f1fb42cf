using System.Globalization;
using SpikeBench.Core.Engine;
using SpikeBench.Core.Profiles;
using SpikeBench.Core.Recording;
using SpikeBench.Core.Verdict;

namespace SpikeBench.Reporting;

/// <summary>The generator's condition, and each check of it with what was measured and what a breach would mean.</summary>
internal static class GeneratorSection
{
    public static string Render(RunRecord run, RunVerdict verdict)
    {
        GeneratorHealth health = run.Summary.Health;
        DriverSummary driver = run.Summary.Driver;
        double wall = Math.Max(1e-9, health.WallSeconds);
        string rows = Markup.Table(
            "The generator's own condition, from T0 to the end of the drain.", "st", ["What", "Measured"],
            (IEnumerable<string[]>)
            [
                ["Processor use", string.Create(CultureInfo.InvariantCulture, $"{health.CpuSeconds / wall:0.##} of {run.Summary.Environment.Cores} cores ({Units.Duration(health.CpuSeconds * 1e9)} of processor time)")],
                ["Garbage collections", $"{Units.Count(health.Collections)}, pausing {Units.Duration(health.GcPauseSeconds * 1e9)} in all ({Units.Percent(health.GcPauseSeconds / wall)} of the time)"],
                ["Allocated", Bytes(health.AllocatedBytes)],
                .. HotPathRow(run),
                ["Workers", $"{Plural(driver.Workers, "thread")}, {Plural(driver.Connections, "connection")}, at most {Plural(driver.Slots, "call")} at once"],
                .. driver.Placement is { } placement ? (string[][])[["Placement", Markup.Escape(placement)]] : [],
                ["Most in flight in one worker", $"{Plural(driver.PeakInFlight, "call")}"],
                ["Wall clock", WallClock(health)],
                ["Waited for an HTTP/2 stream", $"{Units.Count(run.Cells.Sum(0, run.Cells.Grid.PlanCells, -1, CellField.StreamWaited))} calls"],
                .. Connections(driver.Counters),
            ]);
        return rows + Checks(verdict);
    }

    // Whoever wonders about an error's cause finds here what the connections went through.
    private static IEnumerable<string[]> Connections(DriverCounters? counters) => counters is null
        ? []
        :
        [
            ["Connections opened", Units.Count(counters.ConnectionsOpened) + ", the warm-up included"],
            ["On the connections", counters.Incidents() is { Count: > 0 } incidents
                ? string.Join("; ", incidents.Select(i => $"{Markup.Escape(i.What)}: {Units.Count(i.Count)}"))
                : "nothing happened"],
        ];

    private static string Checks(RunVerdict verdict) => verdict.Checks.Count == 0
        ? ""
        : "<div id=\"checks\">" + Markup.Table(
            "The checks of the generator and its books.", "sttttt", ["Check", "What", "Measured", "Must be", "Holds", "A breach means"],
            verdict.Checks.Select(c => (string[])
            [
                Markup.Escape(c.Id), Markup.Escape(c.What), Markup.Escape(c.Measured), Markup.Escape(c.Bound),
                c.Holds ? "<span class=\"pass\">yes</span>" : "<span class=\"fail\">NO</span>",
                c.Consequence switch
                {
                    CheckConsequence.VoidsAll => "no verdict at all",
                    CheckConsequence.VoidsPass => "no PASS",
                    CheckConsequence.BarsCertificate => "no certificate",
                    _ => "no FAIL that rests on it",
                },
            ])) + "</div>\n";

    private static string WallClock(GeneratorHealth health)
    {
        const string steady = "all times come from the steady clock";
        return health is { ClockDriftNs: { } drift, ClockStepNs: { } step }
            ? $"gained {Units.Duration(drift)}, at most {Units.Duration(step)} within a second; {steady}"
            : steady;
    }

    private static string[][] HotPathRow(RunRecord run) => run.Summary.Health.WorkerAllocatedBytes is not { } bytes
        ? []
        : [["Allocated by the workers", $"{Bytes(bytes)}; at most {Bytes(HotPath.BoundBytes(run))} is due: {(HotPath.Holds(run) == true ? "holds" : "<span class=\"fail\">BROKEN</span>")}"]];

    private static string Plural(long count, string what) => $"{Units.Count(count)} {what}{(count == 1 ? "" : "s")}";

    private static string Bytes(long bytes) => bytes switch
    {
        >= 1_000_000_000 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e9:0.##} GB"),
        >= 1_000_000 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e6:0.#} MB"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e3:0.#} kB"),
    };
}
