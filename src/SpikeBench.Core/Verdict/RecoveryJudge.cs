using SpikeBench.Core.Profiles;
using SpikeBench.Core.Recording;

namespace SpikeBench.Core.Verdict;

/// <summary>How a recovery rule fared.</summary>
/// <param name="Rule">What was asked.</param>
/// <param name="Outcome">Of this one spike: recovered in time, or not.</param>
/// <param name="RecoverySeconds">The slowest recovery of the SLOs of that phase; null: none was seen.</param>
/// <param name="Reason">The number, the bound, and what would have changed the outcome.</param>
public sealed record RecoveryResult(RecoveryRule Rule, Outcome Outcome, double? RecoverySeconds, string Reason);

/// <summary>Decides <c>recovers</c> rules: every SLO of the spike's phase must be met again in time, and stay so.</summary>
internal static class RecoveryJudge
{
    public static IReadOnlyList<RecoveryResult> Decide(RunRecord run, IReadOnlyList<SloCase> cases, IReadOnlyList<ValidityCheck> checks)
    {
        // As for an SLO: what a broken check, or a shared host, may have caused must stand without it.
        bool inDoubt = run.Summary.Target.SameHost || HostChecks.IsStealInDoubt(run) || checks.Any(c => !c.Holds && c.Consequence == CheckConsequence.VoidsFailThatFlips);
        return [.. run.Summary.Profile.Recoveries.Select(rule => Decide(run, rule, cases, inDoubt))];
    }

    private static RecoveryResult Decide(RunRecord run, RecoveryRule rule, IReadOnlyList<SloCase> cases, bool inDoubt)
    {
        int spike = SpikeMeter.PhaseOf(run, rule.Of);
        double kappa = run.Summary.Profile.Compress;
        double within = rule.WithinNs / kappa / 1e9, clearFor = rule.ClearForNs / kappa / 1e9;
        SloCase[] asked = [.. cases.Where(c => c.Phase == spike)];
        string name = $"recovery of {rule.Of} within {Seconds(within)}, then clear for {Seconds(clearFor)}";
        if (SpikeMeter.WasCut(run, spike))
        {
            return new RecoveryResult(rule, Outcome.Inconclusive, null, $"{name}: the load ended before the recovery could be seen.");
        }

        if (asked.Length == 0)
        {
            return new RecoveryResult(rule, Outcome.Inconclusive, null, $"{name}: no SLO had calls of {rule.Of} to judge, so there is nothing to recover to.");
        }

        (SloCase Case, SpikeMetrics Metrics)[] seen = [.. asked.Select(c => (c, SpikeMeter.Measure(run, c, clearFor)))];
        (_, SpikeMetrics slowest) = seen.MaxBy(s => s.Metrics.RecoverySeconds ?? double.MaxValue);
        if (slowest.RecoverySeconds is { } took && took <= within)
        {
            if (seen.FirstOrDefault(s => ClearCalls(run, s.Case, s.Metrics.RecoverySeconds!.Value, clearFor) == 0).Metrics is { } silent)
            {
                return new RecoveryResult(
                    rule, Outcome.Inconclusive, null, $"{name}: no call of {silent.Rule.Text} was planned in the {Seconds(clearFor)} that should show it. Offer load after {rule.Of}.");
            }

            return new RecoveryResult(rule, Outcome.Pass, took, $"{name} was met: {slowest.Rule.Text} held again after {Seconds(took)}. {Seconds(within - took)} more would have been too late.");
        }

        string late = slowest.RecoverySeconds is { } after
            ? $"{slowest.Rule.Text} held again after {Seconds(after)}, {Seconds(after - within)} too late"
            : $"{slowest.Rule.Text} did not hold again for {Seconds(clearFor)} in the {Seconds(slowest.ObservableSeconds)} that could show it";
        bool flips = inDoubt && seen.All(s => s.Metrics.RecoverySeconds <= within
            || SpikeMeter.Measure(run, s.Case, clearFor, new HealthyWindows(run, s.Case)).RecoverySeconds <= within);
        return flips
            ? new RecoveryResult(rule, Outcome.Invalid, slowest.RecoverySeconds, $"{name}: {late}. But the generator was late or held up: counted from dispatch and in healthy seconds it was in time. The run says nothing about the target.")
            : new RecoveryResult(rule, Outcome.Fail, slowest.RecoverySeconds, $"{name} was missed: {late}.");
    }

    /// <summary>Calls of a case that were due in the stretch that shows its recovery: silence is no answer.</summary>
    private static long ClearCalls(RunRecord run, SloCase c, double afterSeconds, double clearForSeconds)
    {
        CellGrid grid = run.Cells.Grid;
        (_, int end) = grid.OfPhase(c.Phase);
        double fromNs = run.Plan.Phases[c.Phase].EndNs + afterSeconds * 1e9, toNs = fromNs + clearForSeconds * 1e9;
        long calls = 0;
        for (int cell = end; cell < grid.PlanCells; cell++)
        {
            (long startNs, long endNs) = grid.Span(cell);
            calls += endNs > fromNs && startNs < toNs ? run.Cells.Sum(cell, cell + 1, c.Operation, CellField.Planned) : 0;
        }

        return calls;
    }

    private static string Seconds(double seconds) => Units.Duration(seconds * 1e9);
}
