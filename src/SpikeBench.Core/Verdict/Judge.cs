using SpikeBench.Core.Profiles;
using SpikeBench.Core.Recording;
using SpikeBench.Core.Schedule;

namespace SpikeBench.Core.Verdict;

/// <summary>
/// Decides what a run says about its SLOs and its claim. A pure function of the run's record: the same record always gets the same
/// verdict, live or years later.
/// </summary>
/// <remarks>
/// <code>
/// 1  every SLO in every phase it names is a case: N calls, X bad = not OK or over the threshold, counted exactly by intended time
/// 2  a phase shorter than 30 × max(2 s, deadline) is one event: met if X ≤ ε·N, missed if not; else bounds U and L of the bad share
///    over 30 batches (<see cref="ClusteredBounds"/>): PASS if U ≤ ε at ⅞ or 0.6 α, FAIL if L > ε (Holm over all such cases), else INCONCLUSIVE
/// 3  fewer calls than could show the budget even if all were good, or nothing to judge at all: INCONCLUSIVE, never PASS
/// 4  where a check of the generator is broken, or it shared the target's host, a FAIL must stand without the generator's share too
///    (<see cref="FlipTest"/>); else it is INVALID
/// 5  every spike that must be over in time is (<see cref="RecoveryJudge"/>)
/// 6  fatal check broken → INVALID; standing FAIL → FAIL; PASS without fidelity, or a FAIL that flipped → INVALID; INCONCLUSIVE; PASS
/// </code>
/// PASS for all cases needs no correction (each case may fail the intersection); FAIL for any case needs Holm's.
/// </remarks>
public static class Judge
{
    private const double DefaultConfidence = 0.95;

    /// <summary>Judges one run against the SLOs and the claim of its own profile.</summary>
    public static RunVerdict Decide(RunRecord run)
    {
        Profile profile = run.Summary.Profile;
        double alpha = AlphaOf(profile);
        IReadOnlyList<SloCase> cases = CasesOf(run);
        IReadOnlyList<ValidityCheck> checks = GeneratorChecks.All(run, cases);
        List<SloResult> results = DecideCases([run], cases, [checks], alpha);
        IReadOnlyList<RecoveryResult> recoveries = RecoveryJudge.Decide(run, cases, checks);

        var fatal = checks.Where(c => !c.Holds && c.Consequence == CheckConsequence.VoidsAll).ToList();
        ValidityCheck? unfaithful = checks.FirstOrDefault(c => !c.Holds && c.Consequence == CheckConsequence.VoidsPass);
        var reasons = new List<string>();
        Outcome outcome = Overall(fatal, unfaithful, results, recoveries, Unasked(run.Summary, cases), reasons);
        if (EndedEarly(run.Summary) is { } interrupted && outcome != Outcome.Fail)
        {
            outcome = Outcome.Invalid;
            reasons.Insert(0, $"The load ended early: {interrupted}.");
        }
        else if (run.Summary.StoppedBy is { } rule && fatal.Count == 0 && outcome != Outcome.Fail && results.All(r => r.Outcome != Outcome.Invalid))
        {
            // The generator did what it was told to: that is no fault of its own. But a load that was cut short passes nothing.
            outcome = Outcome.Inconclusive;
            reasons.Insert(0, $"The load was stopped: {rule}.");
        }

        return new RunVerdict
        {
            Outcome = outcome,
            Headline = VerdictText.Headline(run, outcome, reasons),
            Reasons = reasons,
            Limits = [.. VerdictText.Limits(run), .. outcome == Outcome.Pass ? Rare(run, results, 1, alpha) : []],
            Slos = results,
            Recoveries = recoveries,
            Spikes = SpikeMeter.Of(run, cases),
            Checks = checks,
        };
    }

    /// <summary>The limit of what was judged by an interval, where there is such a thing.</summary>
    internal static IEnumerable<string> Rare(RunRecord run, IEnumerable<SloResult> results, int midnights, double alpha) =>
        VerdictText.Rare(run, results.Where(r => !r.SingleEvent).Select(r => r.Phase), midnights, alpha) is { } rare ? [rare] : [];

    /// <summary>The error that one look at this profile's claim may make: all of it, or what the claim registered for each of several.</summary>
    public static double AlphaOf(Profile profile) =>
        ClaimLooks.LevelOf(profile.Claim?.Looks ?? 1, 1 - (profile.Claim?.Confidence ?? DefaultConfidence));

    /// <summary>Decides cases on one run or over all midnights of a set: Holm's correction, then the flip test.</summary>
    internal static List<SloResult> DecideCases(
        IReadOnlyList<RunRecord> runs, IReadOnlyList<SloCase> cases, IReadOnlyList<IReadOnlyList<ValidityCheck>> checks, double alpha)
    {
        List<SloResult> results = [.. cases.Select(c => CaseJudge.Decide(runs, c, alpha))];
        ApplyHolm(results, alpha);
        FlipTest.Apply(runs, cases, checks, results, alpha);
        return results;
    }

    private static Outcome Overall(
        IReadOnlyList<ValidityCheck> fatal,
        ValidityCheck? unfaithful,
        IReadOnlyList<SloResult> results,
        IReadOnlyList<RecoveryResult> recoveries,
        IReadOnlyList<string> unasked,
        List<string> reasons)
    {
        if (fatal.Count > 0)
        {
            reasons.AddRange(fatal.Select(c => $"{c.Id}, {c.What}: {c.Measured}; must be {c.Bound}."));
            return Outcome.Invalid;
        }

        reasons.AddRange(results.Where(r => r.Outcome == Outcome.Fail).OrderByDescending(r => r.Bad / (r.Calls * r.Rule.Budget)).Select(r => r.Reason));
        reasons.AddRange(recoveries.Where(r => r.Outcome == Outcome.Fail).Select(r => r.Reason));
        if (reasons.Count > 0)
        {
            return Outcome.Fail;
        }

        AddAll(Outcome.Invalid);
        if (unfaithful is not null && (results.Any(r => r.Outcome == Outcome.Pass) || recoveries.Any(r => r.Outcome == Outcome.Pass)))
        {
            reasons.Add($"{unfaithful.Id}, {unfaithful.What}: {unfaithful.Measured}; needed: {unfaithful.Bound}. A load that was not offered cannot be passed.");
        }

        if (reasons.Count > 0)
        {
            return Outcome.Invalid;
        }

        AddAll(Outcome.Inconclusive);
        reasons.AddRange(unasked);
        if (reasons.Count > 0)
        {
            return Outcome.Inconclusive;
        }

        reasons.AddRange(results.OrderByDescending(r => (r.Upper ?? r.Bad / (double)r.Calls) / r.Rule.Budget).Select(r => r.Reason));
        reasons.AddRange(recoveries.Select(r => r.Reason));
        return Outcome.Pass;

        void AddAll(Outcome outcome)
        {
            reasons.AddRange(results.Where(r => r.Outcome == outcome).Select(r => r.Reason));
            reasons.AddRange(recoveries.Where(r => r.Outcome == outcome).Select(r => r.Reason));
        }
    }

    /// <summary>A summary that was never closed is of a run that was cut short, whatever else it says.</summary>
    private static string? EndedEarly(RunSummary summary) => summary.Interrupted ?? (summary.Finished ? null : RunFacts.Unfinished);

    /// <summary>SLOs that had no call to be asked of, in sentences: nothing was shown of them, so nothing passes.</summary>
    private static IReadOnlyList<string> Unasked(RunSummary summary, IReadOnlyList<SloCase> cases) => summary.Profile.Slo.Count == 0
        ? ["No SLO had a phase and operation with calls to judge."]
        : [.. summary.Profile.Slo.Where(rule => cases.All(c => c.Rule != rule)).Select(rule =>
            $"{(rule.Operation == "*" ? "all operations" : rule.Operation)} {rule.Text}{(rule.Phase == "*" ? "" : $" in {rule.Phase}")}: no call was planned that it is about.")];

    /// <summary>
    /// Holm (1979): of m intervals the most significant FAIL is tested at α/m, the next at α/(m − 1), and so on; the first that is not
    /// significant ends the list, and it and the rest are only INCONCLUSIVE.
    /// </summary>
    private static void ApplyHolm(List<SloResult> results, double alpha)
    {
        var tested = results
            .Select((r, i) => (Result: r, Index: i))
            .Where(r => r.Result.PValue is not null)
            .Select(r => (r.Result, r.Index, P: r.Result.PValue!.Value))
            .OrderBy(r => r.P)
            .ToList();
        bool stopped = false;
        for (int i = 0; i < tested.Count; i++)
        {
            (SloResult result, int index, double p) = tested[i];
            stopped |= p > alpha / (tested.Count - i);
            if (stopped && result.Outcome == Outcome.Fail)
            {
                results[index] = result with
                {
                    Outcome = Outcome.Inconclusive,
                    Reason = result.Reason + $" With {tested.Count} SLOs tested at once that is not enough for a FAIL (Holm).",
                };
            }
        }
    }

    /// <summary>Every SLO in every phase that it names.</summary>
    internal static List<SloCase> CasesOf(RunRecord run)
    {
        RunSummary summary = run.Summary;
        var cases = new List<SloCase>();
        foreach (SloRule rule in summary.Profile.Slo)
        {
            int operation = rule.Operation == "*" ? -1 : IndexOf(summary.Plan.Operations, rule.Operation);
            long limitNs = rule.ThresholdNs ?? summary.DeadlineNs;
            int threshold = rule.ThresholdNs is not null || summary.ThresholdsNs.Contains(limitNs) ? IndexOf(summary.ThresholdsNs, limitNs) : -1;
            for (int p = 0; p < summary.Plan.Phases.Count; p++)
            {
                Phase phase = summary.Plan.Phases[p];
                bool named = rule.Phase == phase.Name;

                // A pause has nothing to judge under "*"; whoever names it gets told. A phase that only lacks the rule's operation is no
                // pause: its SLO cannot be shown, with no call as little as with one.
                if (named || (rule.Phase == "*" && summary.Plan.Planned[p].Any(calls => calls > 0)))
                {
                    cases.Add(new SloCase(rule, p, operation, threshold, limitNs));
                }
            }
        }

        return cases;

        static int IndexOf<T>(IReadOnlyList<T> list, T value)
        {
            int index = list.ToList().IndexOf(value);
            return index >= 0 ? index : throw new InvariantException($"'{value}' was not counted in this run");
        }
    }
}
