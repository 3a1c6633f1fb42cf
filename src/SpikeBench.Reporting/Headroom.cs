using SpikeBench.Core.Profiles;
using SpikeBench.Core.Recording;
using SpikeBench.Core.Verdict;

namespace SpikeBench.Reporting;

/// <summary>
/// How far the target got: the multiple at which the load's peak is what it took, in the x of the profile's reference. Where an SLO failed: the load at the moment at which its budget for the
/// whole phase was used up. Where none did: all that was offered, and nothing is known beyond.
/// </summary>
internal sealed record Headroom(string Value, string Note)
{
    private const long NsPerSecond = 1_000_000_000;

    public static Headroom Of(RunRecord run, RunVerdict verdict)
    {
        RunSummary summary = run.Summary;
        double onePeak = summary.Plan.PeakRatePerSecond / summary.Scale;
        switch (verdict.Outcome)
        {
            case Outcome.Pass:
                return new Headroom($"at least {Units.Multiple(summary.Scale)}", "every SLO held at all that was offered; more was not tried");
            case Outcome.Fail:
                (double AtNs, SloResult Slo)? first = verdict.Slos
                    .Where(s => s.Outcome == Outcome.Fail)
                    .Select(s => (AtNs: UsedUpNs(run, s), Slo: s))
                    .OrderBy(s => s.AtNs)
                    .FirstOrDefault();
                if (first is not { Slo: { } slo } broke || double.IsInfinity(broke.AtNs))
                {
                    break;
                }

                double rate = AskedAt(run, broke.AtNs);
                return new Headroom(
                    Units.Multiple(Math.Round(rate / onePeak, 2)),
                    $"at {TimeAxis.Moment(broke.AtNs)}, at {Units.Rate(rate)}, the bad calls had used up the budget of {slo.Rule.Text} for all of {slo.Phase}; the load at 1x peaks at {Units.Rate(onePeak)}");
        }

        return new Headroom("not known", "no verdict about the target, so none about its room");
    }

    /// <summary>When, by the time calls were due, the bad ones were more than the whole phase may have; infinite if never.</summary>
    private static double UsedUpNs(RunRecord run, SloResult slo)
    {
        PlanSummary plan = run.Summary.Plan;
        int phase = Index(run.Plan.Phases.Select(p => p.Name), slo.Phase);
        int operation = slo.Rule.Operation == "*" ? -1 : Index(plan.Operations, slo.Rule.Operation);
        int threshold = slo.Rule.ThresholdNs is { } ns ? Index(run.Summary.ThresholdsNs, ns) : -1;
        if (phase < 0 || (slo.Rule.Operation != "*" && operation < 0))
        {
            return double.PositiveInfinity;
        }

        (int first, int end) = run.Cells.Grid.OfPhase(phase);
        double allowed = slo.Rule.Budget * slo.Calls;
        long bad = 0;
        for (int cell = first; cell < end; cell++)
        {
            bad += threshold >= 0
                ? run.Cells.Sum(cell, cell + 1, operation, threshold, ThresholdField.Bad)
                : run.Cells.Sum(cell, cell + 1, operation, CellField.Planned) - run.Cells.Sum(cell, cell + 1, operation, CellField.Ok);
            if (bad > allowed)
            {
                return run.Cells.Grid.Span(cell).StartNs;
            }
        }

        return double.PositiveInfinity;
    }

    /// <summary>The planned calls of the second around a moment.</summary>
    private static double AskedAt(RunRecord run, double ns)
    {
        long from = Math.Max(0, (long)ns - NsPerSecond / 2), to = Math.Min(run.Summary.Plan.DurationNs, from + NsPerSecond);
        int first = run.Cells.Grid.CellAt(from), end = Math.Max(first + 1, run.Cells.Grid.CellAt(to));
        double seconds = (run.Cells.Grid.Span(end - 1).EndNs - run.Cells.Grid.Span(first).StartNs) / (double)NsPerSecond;
        return run.Cells.Sum(first, end, -1, CellField.Planned) / seconds;
    }

    private static int Index<T>(IEnumerable<T> list, T value) => list.ToList().IndexOf(value);
}
