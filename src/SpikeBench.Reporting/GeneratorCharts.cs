using SpikeBench.Core.Profiles;
using SpikeBench.Core.Recording;

namespace SpikeBench.Reporting;

/// <summary>The charts of the generator itself: how late it sent, whether its machine explains that, and how busy both were.</summary>
internal sealed class GeneratorCharts(RunRecord run, Timeline timeline, TimeCharts time)
{
    /// <summary>How late calls were sent, beside what a thread that only waits suffered from the machine.</summary>
    public string Lateness()
    {
        double[] p99 = timeline.OfSeconds((s, _) => s.Lateness.Count == 0 ? double.NaN : s.Lateness.P99);
        double[] max = timeline.OfSeconds((s, _) => s.Lateness.Count == 0 ? double.NaN : s.Lateness.Max);
        double[] hiccup = timeline.OfHost(run.Host, h => h.HiccupMaxNs > 0 ? h.HiccupMaxNs : null);
        LatencyView whole = LatencyView.Of(run, -1, -1, TimeKind.Lateness);
        bool ticked = hiccup.Any(double.IsFinite);
        string machine = ticked
            ? $" A thread that only wanted to wake each millisecond was kept waiting for up to {Units.Duration(TimeCharts.Finite(hiccup).Max())}: where the two lines rise together it was the machine."
            : "";
        string says = $"99 % of calls were sent within {Units.Duration(whole.At(99))} of when they were due, the latest {Units.Duration(whole.SlowestOkNs)} after. "
            + "Lateness is the generator's own and is part of every response time above." + machine;
        double highest = TimeCharts.Finite(max).Concat(TimeCharts.Finite(hiccup)).DefaultIfEmpty(1e5).Max();
        double lowest = TimeCharts.Finite(p99).DefaultIfEmpty(1e4).Min();
        SvgChart chart = time.Chart("lateness", "Lateness of the generator, from when a call was due to its sending", says, new LogTimeAxis(lowest, highest, false))
            .Series("p99", "p50", p99, timeline.MiddleNs)
            .Series("latest", "p999", max, timeline.MiddleNs);
        if (!ticked)
        {
            return chart.Readout(["", "p99", "latest"], time.Rows(Units.Duration, p99, max)).Render();
        }

        return chart
            .Series("the machine's hiccups", "base", hiccup, timeline.MiddleNs)
            .Readout(["", "p99", "latest", "hiccup"], time.Rows(Units.Duration, p99, max, hiccup))
            .Render();
    }

    /// <summary>How busy the generator's process and its busiest worker were, and what the hypervisor took; nothing where it was not recorded.</summary>
    public string Health()
    {
        if (run.Host.Count == 0)
        {
            return "";
        }

        (string Name, string Style, double[] Values)[] shares =
        [
            .. new[]
            {
                ("all of the process, of its cores", "answered", timeline.OfHost(run.Host, h => 100 * h.ProcessCpuShare)),
                ("its busiest worker, of one core", "p99", timeline.OfHost(run.Host, h => 100 * h.BusiestWorkerShare)),
                ("taken by the hypervisor (steal)", "p999", timeline.OfHost(run.Host, h => 100 * h.StealShare)),
            }.Where(s => s.Item3.Any(double.IsFinite)),
        ];
        string says = string.Join("; ", shares.Select(s => $"{s.Name}: at most {Text(TimeCharts.Finite(s.Values).DefaultIfEmpty(0).Max())}"))
            + ". A worker near 100 % is at its limit; stolen time makes calls late and looks like the target's slowness.";
        SvgChart chart = time.Chart("health", "Processors of the generator, share of each second in use", char.ToUpperInvariant(says[0]) + says[1..], new LinearAxis(Math.Max(10, shares.Max(s => TimeCharts.Finite(s.Values).DefaultIfEmpty(0).Max())), Text));
        foreach ((string name, string style, double[] values) in shares)
        {
            chart.Series(name, style, values, timeline.MiddleNs);
        }

        return chart.Readout(["", .. shares.Select(s => s.Name)], time.Rows(Text, [.. shares.Select(s => s.Values)])).Render();

        static string Text(double percent) => Units.Percent(Math.Round(percent, 1) / 100);
    }
}
