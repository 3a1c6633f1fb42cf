using SpikeBench.Core.Recording;

namespace SpikeBench.Core.Verdict;

/// <summary>
/// Judges a set of midnights: each by itself, and the long phases over all of them together.
/// </summary>
/// <remarks>
/// <para>A short phase is one event and is met or missed in each midnight. A long phase is a sample, and R midnights are R times the
/// sample: its batches are put side by side and one interval is made of all. Asking each midnight's own interval for a PASS would ask R
/// short samples for what only their sum can show.</para>
/// <code>
/// held   a midnight that PASSed, or whose only open cases are long phases that were within their budget exactly, X ≤ ε·N,
///        and that PASS over all midnights
/// FAIL   any midnight FAILed, a long phase's FAIL being significant at α/2R; or a long phase FAILs over all of them, at α/2
/// PASS   all midnights were held
/// </code>
/// </remarks>
public static class SetJudge
{
    /// <summary>Judges the set.</summary>
    /// <param name="runs">The midnights with their own verdicts, in order; at least one.</param>
    /// <param name="required">How many midnights the set was to have.</param>
    public static RunVerdict Decide(IReadOnlyList<JudgedRun> runs, int required)
    {
        if (runs.Count == 1 && required <= 1)
        {
            return runs[0].Verdict;
        }

        List<SloResult> pooled = runs.Count > 1 && runs.All(IsWhole) ? Pool(runs) : [];
        double alpha = Judge.AlphaOf(runs[0].Record.Summary.Profile);
        double share = pooled.Count == 0 ? alpha : alpha / 2;
        RunVerdict verdict = RepeatVerdict.Combine(
            [.. runs.Select(r => Corrected(r.Verdict, share / Math.Max(runs.Count, required)))], required, SumCorrected(pooled, share));
        return verdict with
        {
            Headline = $"{verdict.Headline.TrimEnd('.')}{VerdictText.Covers(runs[^1].Record.Summary, verdict.Outcome)}.",
            Limits = pooled.Count == 0 ? verdict.Limits :
            [
                .. verdict.Limits.Where(l => !l.StartsWith(VerdictText.RareBegins, StringComparison.Ordinal)),
                .. verdict.Outcome == Outcome.Pass ? Judge.Rare(runs[0].Record, pooled, runs.Count, alpha) : [],
            ],
        };
    }

    /// <summary>
    /// R midnights are R chances for a FAIL, and their sum is one more: the midnights share one half of the error, the sum gets the other
    /// (Bonferroni). A FAIL that is taken back was over its budget all the same, so the midnight is not held.
    /// </summary>
    private static RunVerdict Corrected(RunVerdict verdict, double alpha)
    {
        bool stands = verdict.Recoveries.Any(r => r.Outcome == Outcome.Fail)
            || verdict.Slos.Any(s => s.Outcome == Outcome.Fail && s.PValue is null) || IsSignificant(verdict.Slos, alpha);
        return verdict.Outcome != Outcome.Fail || stands
            ? verdict
            : verdict with { Outcome = verdict.Slos.Any(s => s.Outcome == Outcome.Invalid) ? Outcome.Invalid : Outcome.Inconclusive };
    }

    private static IReadOnlyList<SloResult> SumCorrected(List<SloResult> pooled, double alpha) => IsSignificant(pooled, alpha)
        ? pooled
        : [.. pooled.Select(p => p.Outcome != Outcome.Fail ? p : p with
        {
            Outcome = Outcome.Inconclusive,
            Reason = p.Reason + " With each midnight judged by itself too, that is not enough for a FAIL.",
        })];

    /// <summary>Holm's first step: the most significant FAIL of m intervals is one at α/m.</summary>
    private static bool IsSignificant(IReadOnlyList<SloResult> slos, double alpha) =>
        slos.Any(s => s.Outcome == Outcome.Fail && s.PValue <= alpha / slos.Count(t => t.PValue is not null));

    /// <summary>Whether more midnights could decide an INCONCLUSIVE set: what is open is a sample, and no event that was missed or too small.</summary>
    public static bool CanExtend(IReadOnlyList<JudgedRun> runs, RunVerdict verdict) =>
        verdict.Outcome == Outcome.Inconclusive && runs.All(IsWhole)
        && runs.All(r => r.Verdict.Checks.All(c => c.Holds || c.Consequence != CheckConsequence.VoidsPass))
        && runs.All(r => r.Verdict.Outcome is Outcome.Pass or Outcome.Inconclusive)
        && runs.All(r => r.Verdict.Slos.All(s => s.Outcome == Outcome.Pass || (s.Outcome == Outcome.Inconclusive && s is { SingleEvent: false, Calls: > 0 })))
        && runs.All(r => r.Verdict.Recoveries.All(c => c.Outcome == Outcome.Pass));

    /// <summary>Its load ran to its end and nothing voids it; what was cut short is no sample of the whole.</summary>
    private static bool IsWhole(JudgedRun run) =>
        run.Record.Summary is { Interrupted: null, StoppedBy: null, Finished: true }
        && run.Verdict.Checks.All(c => c.Holds || c.Consequence != CheckConsequence.VoidsAll);

    private static List<SloResult> Pool(IReadOnlyList<JudgedRun> runs)
    {
        RunRecord[] records = [.. runs.Select(r => r.Record)];
        RecordingPlan plan = records[0].Plan;
        if (records.Any(r => !r.Plan.Phases.SequenceEqual(plan.Phases) || !r.Summary.Profile.Slo.SequenceEqual(records[0].Summary.Profile.Slo)))
        {
            return [];
        }

        List<SloCase> cases = [.. Judge.CasesOf(records[0]).Where(c => !plan.IsSingleEvent(plan.Phases[c.Phase]))];
        return Judge.DecideCases(records, cases, [.. runs.Select(r => r.Verdict.Checks)], Judge.AlphaOf(records[0].Summary.Profile));
    }
}
