using SpikeBench.Core.Profiles;
using SpikeBench.Core.Verdict;

namespace SpikeBench.Reporting;

/// <summary>One SLO in one phase of one midnight, or one recovery, as continuous integration should see it.</summary>
/// <param name="Run">The run and its verdict.</param>
/// <param name="Phase">The phase.</param>
/// <param name="What">The operation and the limit, and which midnight in a set of several.</param>
/// <param name="Outcome">What counts: a PASS is none where the generator voids it.</param>
/// <param name="Reason">Why.</param>
internal sealed record CaseOutcome(JudgedRun Run, string Phase, string What, Outcome Outcome, string Reason)
{
    /// <summary>What was measured, in words.</summary>
    public required string Measured { get; init; }

    /// <summary>What it may be.</summary>
    public required string Allowed { get; init; }

    /// <summary>How sure that is.</summary>
    public required string Bound { get; init; }

    /// <summary>Where and what, such as <c>spike: send p99.9 &lt;= 200ms</c>.</summary>
    public string Name => $"{Phase}: {What}";

    /// <summary>All cases of a verdict: those over all midnights, then in the order of midnights, SLOs and phases, recoveries last.</summary>
    public static IReadOnlyList<CaseOutcome> Of(IReadOnlyList<JudgedRun> runs, RunVerdict verdict) =>
    [
        .. verdict.Pooled.Select(slo => Of(runs[^1], " (all midnights)", slo)),
        .. runs.SelectMany((run, i) =>
        {
            string midnight = runs.Count > 1 ? $" (midnight {i + 1})" : "";
            return run.Verdict.Slos.Select(slo => Of(run, midnight, slo)).Concat(run.Verdict.Recoveries.Select(recovery => Of(run, midnight, recovery)));
        }),
    ];

    private static CaseOutcome Of(JudgedRun run, string midnight, SloResult slo)
    {
        (Outcome outcome, string reason) = Counting(run.Verdict, slo.Outcome, slo.Reason);
        string what = $"{(slo.Rule.Operation == "*" ? "all" : slo.Rule.Operation)} {slo.Rule.Text}{midnight}";
        return new CaseOutcome(run, slo.Phase, what, outcome, reason)
        {
            Measured = $"{Units.Count(slo.Bad)} of {Units.Count(slo.Calls)} ({Units.Percent(TextSummary.Share(slo))})",
            Allowed = Units.Percent(slo.Rule.Budget),
            Bound = slo.Upper is { } upper ? $"≤ {Units.Percent(upper)}" : "exact",
        };
    }

    private static CaseOutcome Of(JudgedRun run, string midnight, RecoveryResult recovery)
    {
        (Outcome outcome, string reason) = Counting(run.Verdict, recovery.Outcome, recovery.Reason);
        return new CaseOutcome(run, recovery.Rule.Of, recovery.Rule.Text + midnight, outcome, reason)
        {
            Measured = recovery.RecoverySeconds is { } seconds ? $"after {Units.Duration(seconds * 1e9)}" : "not seen",
            Allowed = Units.Duration(recovery.Rule.WithinNs / run.Record.Summary.Profile.Compress),
            Bound = "one event",
        };
    }

    /// <summary>What counts of a case: a broken fidelity voids what passed even where another SLO's FAIL stands.</summary>
    private static (Outcome Outcome, string Reason) Counting(RunVerdict verdict, Outcome outcome, string reason)
    {
        if (outcome != Outcome.Pass)
        {
            return (outcome, reason);
        }

        ValidityCheck? broken = verdict.Checks.FirstOrDefault(c => !c.Holds && c.Consequence is (CheckConsequence.VoidsAll or CheckConsequence.VoidsPass));
        return broken is not null ? (Outcome.Invalid, $"{broken.Id}, {broken.What}: {broken.Measured}; needed: {broken.Bound}.")
            : verdict.Outcome == Outcome.Invalid ? (Outcome.Invalid, verdict.Reasons[0])
            : (Outcome.Pass, reason);
    }
}
