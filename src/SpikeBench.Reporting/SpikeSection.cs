using System.Globalization;
using SpikeBench.Core.Profiles;
using SpikeBench.Core.Verdict;

namespace SpikeBench.Reporting;

/// <summary>What the spike did and how long it hurt, as a table for the report and a line for the terminal.</summary>
internal static class SpikeSection
{
    public static string Render(RunVerdict verdict)
    {
        if (verdict.Spikes.Count == 0)
        {
            return "";
        }

        (string Name, Func<SpikeMetrics, string> Cell)[] columns =
        [
            ("Peak backlog", s => $"{Units.Count(Math.Round(s.PeakBacklog))} calls"),
            ("Above SLO", s => Seconds(s.SecondsAboveSlo)),
            ("Recovered after", Recovered),
            ("Excess outage", s => Seconds(s.ExcessOutageSeconds)),
            ("Longest wait", s => Seconds(s.MaxResponseSeconds)),
            ("SLO area", s => s.SloAreaSquareSeconds is { } area ? area.ToString("#,0.##", CultureInfo.InvariantCulture) + " s²" : ""),
            ("Harmed calls", s => Units.Count(s.HarmedCalls)),
            ("User-minutes", s => s.UserMinutes is { } minutes ? minutes.ToString("#,0.#", CultureInfo.InvariantCulture) : ""),
            ("Goodput kept", s => s.GoodputRetention is { } kept ? Units.Percent(Math.Round(kept, 3)) : "never above"),
        ];
        (string Name, Func<SpikeMetrics, string> Cell)[] filled = [.. columns.Where(c => verdict.Spikes.Any(s => c.Cell(s).Length > 0))];
        string table = Markup.Table(
            "The spike against each SLO of its phase, from the exact counters. Excess outage is the time above the SLO beyond the seconds in which more was offered than the target ever managed for five seconds in a row; "
                + "the longest wait is read off the numbers of calls that came and left.",
            "s" + new string('n', filled.Length),
            ["SLO", .. filled.Select(c => c.Name)],
            verdict.Spikes.Select(s => (string[])[Markup.Escape(s.Rule.Text), .. filled.Select(c => c.Cell(s))]));
        string recoveries = string.Concat(verdict.Recoveries.Select(r =>
            $"<li><span class=\"{VerdictSection.Style(r.Outcome)}\">{VerdictSection.Word(r.Outcome)}</span> {Markup.Escape(r.Reason)}</li>\n"));
        return $"<section id=\"spike\"><h2>The spike: {Markup.Escape(verdict.Spikes[0].Phase)}</h2>\n{table}{(recoveries.Length > 0 ? $"<ul>{recoveries}</ul>" : "")}</section>\n";
    }

    /// <summary>The SLO that was broken longest, in a line; null where no spike broke one and no recovery was asked for.</summary>
    public static string? Line(RunVerdict verdict)
    {
        SpikeMetrics? worst = verdict.Spikes.MaxBy(s => s.SecondsAboveSlo);
        return worst is null || (worst.SecondsAboveSlo <= 0 && verdict.Recoveries.Count == 0)
            ? null
            : $"{worst.Phase}: {Seconds(worst.SecondsAboveSlo)} above the SLO ({Seconds(worst.ExcessOutageSeconds)} avoidable), recovered after {Recovered(worst)}, "
                + $"backlog {Units.Count(Math.Round(worst.PeakBacklog))}, {Units.Count(worst.HarmedCalls)} calls harmed";
    }

    private static string Recovered(SpikeMetrics s) => s.RecoverySeconds is { } took ? Seconds(took) : $"more than {Seconds(s.ObservableSeconds)}";

    private static string Seconds(double seconds) => Math.Round(seconds, 2) is var rounded && rounded == 0 ? "0 s" : Units.Duration(rounded * 1e9);
}
