using SpikeBench.Core.Profiles;
using SpikeBench.Core.Recording;
using SpikeBench.Core.Verdict;

namespace SpikeBench.Reporting;

/// <summary>Another run to hold a run against: drawn in a second colour, its differences tabulated.</summary>
/// <param name="Run">Its record.</param>
/// <param name="Verdict">What it said.</param>
public sealed record Baseline(RunRecord Run, RunVerdict Verdict)
{
    /// <summary>The table of differences.</summary>
    internal string Render(RunRecord run, RunVerdict verdict, Timeline timeline)
    {
        var mine = new Timeline(Run);
        var rows = new List<string[]>
        {
            Texts("Verdict", VerdictSection.Word(Verdict.Outcome), VerdictSection.Word(verdict.Outcome)),
            Texts("Started (UTC)", Started(Run), Started(run)),
            Texts("Target", Run.Summary.Target.Address, run.Summary.Target.Address),
            Texts("Command", Run.Summary.Command, run.Summary.Command),
            Numbers("Planned peak", Run.Summary.Plan.PeakRatePerSecond, run.Summary.Plan.PeakRatePerSecond, Units.Rate),
            Numbers("Answered OK at best", mine.Rate(CellField.OkHere).Max(), timeline.Rate(CellField.OkHere).Max(), Units.Rate),
            Numbers("Calls not OK", NotOk(Run), NotOk(run), Units.Percent),
        };
        rows.AddRange(Times("whole run", LatencyView.Of(Run, -1, -1, TimeKind.Response), LatencyView.Of(run, -1, -1, TimeKind.Response)));
        foreach (string phase in Run.Plan.Phases.Select(p => p.Name).Intersect(run.Plan.Phases.Select(p => p.Name), StringComparer.Ordinal))
        {
            rows.AddRange(Times(phase, PhaseOf(Run, phase), PhaseOf(run, phase)).TakeLast(1));
        }

        rows.Add(Numbers("Sent late, p99", LatencyView.Of(Run, -1, -1, TimeKind.Lateness).At(99), LatencyView.Of(run, -1, -1, TimeKind.Lateness).At(99), LatencyView.Text));
        string plans = Run.Summary.Plan.Fingerprint == run.Summary.Plan.Fingerprint
            ? "Both runs offered the same plan, call by call."
            : "The two runs offered different plans: differences need not be the target's.";
        return $"<section id=\"baseline\"><h2>Against the baseline</h2>\n<p>{plans} In the charts the baseline is the line of dashes. One run against one: chance is in the differences too.</p>\n"
            + Markup.Table($"This run against {Run.Summary.RunId}.", "tnnn", ["What", "Baseline", "This run", "Difference"], rows) + "</section>\n";
    }

    private static string[] Texts(string what, string before, string now) =>
        [what, Markup.Escape(before), Markup.Escape(now), before == now ? "same" : "differs"];

    private static IEnumerable<string[]> Times(string where, LatencyView before, LatencyView now) => LatencyView.Percentiles
        .Select(p => Numbers(
            $"Response time p{p.ToString(System.Globalization.CultureInfo.InvariantCulture)}, {where}", before.At(p), now.At(p), LatencyView.Text));

    private static string[] Numbers(string what, double before, double now, Func<double, string> text)
    {
        string difference = (before, now) switch
        {
            _ when before == now => "same",
            (0, _) or (double.PositiveInfinity, _) or (_, double.PositiveInfinity) => "–",
            _ => $"{(now > before ? "+" : "−")}{Units.Percent(Math.Abs(now - before) / before)}",
        };
        return [Markup.Escape(what), text(before), text(now), difference];
    }

    private static double NotOk(RunRecord run)
    {
        Accounting books = Accounting.Of(run, -1, -1);
        return books.NotOk / (double)Math.Max(1, books.Planned);
    }

    private static LatencyView PhaseOf(RunRecord run, string name) =>
        LatencyView.Of(run, run.Plan.Phases.Select(p => p.Name).ToList().IndexOf(name), -1, TimeKind.Response);

    private static string Started(RunRecord run) => run.Summary.T0Utc.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", System.Globalization.CultureInfo.InvariantCulture);
}
