using SpikeBench.Core.Profiles;
using SpikeBench.Core.Verdict;

namespace SpikeBench.Reporting;

/// <summary>One SLO in one phase of one midnight, as continuous integration should see it.</summary>
/// <param name="Run">The run and its verdict.</param>
/// <param name="Midnight">From 1 in a set of several; null for a run on its own.</param>
/// <param name="Slo">The result.</param>
/// <param name="Outcome">What counts: a PASS is none where the generator voids it.</param>
/// <param name="Reason">Why.</param>
internal sealed record CaseOutcome(JudgedRun Run, int? Midnight, SloResult Slo, Outcome Outcome, string Reason)
{
    /// <summary>Where and what, such as <c>spike: send p99.9 &lt;= 200ms</c>.</summary>
    public string Name => $"{Slo.Phase}: {What}";

    /// <summary>The operation and the limit, and which midnight.</summary>
    public string What => $"{(Slo.Rule.Operation == "*" ? "all" : Slo.Rule.Operation)} {Slo.Rule.Text}{(Midnight is { } m ? $" (midnight {m})" : "")}";

    /// <summary>All cases of a verdict, in the order of midnights, SLOs and phases.</summary>
    public static IReadOnlyList<CaseOutcome> Of(IReadOnlyList<JudgedRun> runs) =>
        [.. runs.SelectMany((run, i) => run.Verdict.Slos.Select(slo => Of(run, runs.Count > 1 ? i + 1 : null, slo)))];

    /// <summary>The share of bad calls in words.</summary>
    public string Share => $"{Units.Count(Slo.Bad)} of {Units.Count(Slo.Calls)} ({Units.Percent(TextSummary.Share(Slo))})";

    private static CaseOutcome Of(JudgedRun run, int? midnight, SloResult slo)
    {
        RunVerdict verdict = run.Verdict;
        if (slo.Outcome != Outcome.Pass)
        {
            return new CaseOutcome(run, midnight, slo, slo.Outcome, slo.Reason);
        }

        // A broken fidelity voids what passed even where another SLO's FAIL stands.
        ValidityCheck? broken = verdict.Checks.FirstOrDefault(c => !c.Holds && c.Consequence is (CheckConsequence.VoidsAll or CheckConsequence.VoidsPass));
        bool isVoid = broken is not null || verdict.Outcome == Outcome.Invalid;
        return isVoid
            ? new CaseOutcome(run, midnight, slo, Outcome.Invalid, broken is null ? verdict.Reasons[0] : $"{broken.Id}, {broken.What}: {broken.Measured}; needed: {broken.Bound}.")
            : new CaseOutcome(run, midnight, slo, Outcome.Pass, slo.Reason);
    }
}
