using System.Globalization;
using SpikeBench.Core.Profiles;
using SpikeBench.Core.Recording;
using SpikeBench.Core.Schedule;

namespace SpikeBench.Core.Verdict;

/// <summary>Decides one SLO in one phase, before anything is said of the generator.</summary>
internal static class CaseJudge
{
    /// <summary>Decides a case as the user saw it.</summary>
    /// <param name="runs">One run; or, for a case that has an interval, all midnights of a set.</param>
    /// <param name="c">The case.</param>
    /// <param name="alpha">One-sided error.</param>
    public static SloResult Decide(IReadOnlyList<RunRecord> runs, SloCase c, double alpha) => Decide(runs, c, CaseCounts.AsSeen(runs, c), alpha);

    /// <summary>Decides a case on given counts.</summary>
    public static SloResult Decide(IReadOnlyList<RunRecord> runs, SloCase c, CaseCounts counts, double alpha)
    {
        RecordingPlan plan = runs[0].Plan;
        Phase phase = plan.Phases[c.Phase];
        bool single = plan.IsSingleEvent(phase);
        bool fewClumps = plan.HasFewClumps(phase, runs.Count, runs[0].Summary.Profile.Claim?.Looks ?? 1);
        SloResult result = single ? SingleEvent(c, phase, counts, alpha) : Interval(c, phase, counts, alpha, runs.Count, fewClumps);

        if (counts.Stopped == 0)
        {
            return result;
        }

        // A phase that a stop cut short lacks calls that were never sent; they are not the target's. What was sent may have been bad too
        // often already, whatever the rest had brought: it is held against the whole phase, with every call that was not sent as good.
        long[] badPerBatch = [.. counts.BadPerBatch.Select((n, b) => n - counts.OpenPerBatch[b] - counts.StoppedPerBatch[b])];
        long bad = badPerBatch.Sum(), allowed = (long)Math.Floor(c.Rule.Budget * counts.Calls * (1 + 1e-12));
        ClusteredBounds? best = single ? null : ClusteredBounds.Of(counts.CallsPerBatch, badPerBatch, [], alpha);
        result = result with { PValue = best is null ? null : BinomialBounds.PValueAbove(c.Rule.Budget, best.EffectiveBad, best.EffectiveCalls) };
        return (best is null ? bad > allowed : best.Lower > c.Rule.Budget)
            ? result with
            {
                Bad = bad,
                Outcome = Outcome.Fail,
                Lower = best?.Lower,
                DesignEffect = best?.DesignEffect,
                EffectiveCalls = best?.EffectiveCalls,
                Reason = $"{Name(c, phase)} was {(single ? "missed" : "broken")} before the load ended: {Units.Count(bad)} calls were bad, the budget of {Units.Percent(c.Rule.Budget)} allows {Units.Count(allowed)} of the {Units.Count(counts.Calls)} planned"
                    + (best is null ? "." : $"; were every call good that was not sent, at least {Units.Percent(best.Lower)} of them would be bad with {Units.Percent(1 - alpha)} confidence."),
            }
            : result with { Outcome = Outcome.Inconclusive, Reason = $"{Name(c, phase)}: the load ended before the phase did." };
    }

    private static SloResult SingleEvent(SloCase c, Phase phase, CaseCounts counts, double alpha)
    {
        long calls = counts.Calls;
        long bad = counts.Bad;
        double budget = c.Rule.Budget;
        long allowed = (long)Math.Floor(budget * calls * (1 + 1e-12));
        long needed = BinomialBounds.CleanCallsNeeded(budget, alpha);
        string share = $"{Units.Count(bad)} of {Units.Count(calls)} calls were bad ({Units.Percent(calls == 0 ? 0 : bad / (double)calls)}), "
            + $"the budget of {Units.Percent(budget)} allows {Units.Count(allowed)}";
        (Outcome outcome, string reason) = bad > allowed && bad - counts.Open <= allowed
            ? (Outcome.Inconclusive, $"{Name(c, phase)} is open: {Cut(counts)}, so {Units.Count(bad - counts.Open)} to {Units.Count(bad)} of {Units.Count(calls)} were bad; the budget of {Units.Percent(budget)} allows {Units.Count(allowed)}.")
            : bad > allowed
            ? (Outcome.Fail, $"{Name(c, phase)} was missed: {share}. {Change(bad - allowed)}.")
            : calls < needed
                ? (Outcome.Inconclusive, $"{Name(c, phase)}: {Units.Count(calls)} calls cannot show {Units.Percent(budget)}; it takes {Units.Count(needed)} clean ones. Offer more or relax the SLO.")
                : (Outcome.Pass, $"{Name(c, phase)} was met: {share}. {Units.Count(allowed - bad + 1)} more bad calls would have missed it.");
        return Result(c, phase, counts, single: true, outcome, reason, null);

        static string Change(long over) => over == 1 ? "One bad call less would have met it" : $"{Units.Count(over)} bad calls less would have met it";
    }

    /// <summary>
    /// U holds though every call that was left open was bad, L though every one was good: what the verdict says, it says in both cases.
    /// U alone pays for few clumps: it is calm runs whose variance is estimated too small, and those are the ones that would PASS.
    /// </summary>
    private static SloResult Interval(SloCase c, Phase phase, CaseCounts counts, double alpha, int midnights, bool fewClumps)
    {
        double budget = c.Rule.Budget;
        double passLevel = ClusteredBounds.PassLevel(alpha, fewClumps);
        ClusteredBounds worst = Bounds(counts.BadPerBatch, counts.SlowPerBatch, passLevel, fewClumps);
        ClusteredBounds best = counts.Open == 0
            ? Bounds(counts.BadPerBatch, counts.SlowPerBatch, alpha, false)
            : Bounds(Without(counts.BadPerBatch), Without(counts.SlowPerBatch), alpha, false);
        ClusteredBounds bounds = best with { Upper = worst.Upper };
        double share = counts.Calls == 0 ? 0 : counts.Bad / (double)counts.Calls;
        string evidence = $"{Units.Count(counts.Bad)} of {Units.Count(counts.Calls)} calls were bad ({Units.Percent(share)}), worth "
            + $"{Units.Count(Math.Floor(bounds.EffectiveCalls))} independent calls (design effect {bounds.DesignEffect.ToString("0.#", CultureInfo.InvariantCulture)})"
            + (midnights > 1 ? $", over {midnights} midnights" : "")
            + (counts.Open > 0 ? $"; {Cut(counts)}, bad for a PASS and good for a FAIL" : "");
        string level = Units.Percent(1 - alpha);
        (Outcome outcome, string reason) = bounds.Upper <= budget
            ? (Outcome.Pass, $"{Name(c, phase)} held: {evidence}; with {level} confidence at most {Units.Percent(bounds.Upper)} are, the budget is {Units.Percent(budget)}. Up to {Units.Count(worst.MostBadThatPass(counts.Calls, budget, passLevel))} bad calls that come as these did would pass.")
            : bounds.Lower > budget
                ? (Outcome.Fail, $"{Name(c, phase)} was broken: {evidence}; with {level} confidence at least {Units.Percent(bounds.Lower)} are, the budget is {Units.Percent(budget)}. {Units.Count(bounds.MostBadThatDoNotFail(counts.Calls, budget, alpha))} that come as these did would not fail.")
                : (Outcome.Inconclusive, $"{Name(c, phase)} is open: {evidence}; the bad share is between {Units.Percent(bounds.Lower)} and {Units.Percent(bounds.Upper)}, the budget is {Units.Percent(budget)}. {More(phase.DurationNs / 1e9 * midnights, counts, bounds, budget, alpha)}");
        return Result(c, phase, counts, single: false, outcome, reason, bounds) with { PValue = BinomialBounds.PValueAbove(budget, bounds.EffectiveBad, bounds.EffectiveCalls) };

        ClusteredBounds Bounds(long[] bad, long[] slow, double level, bool few) => ClusteredBounds.Of(counts.CallsPerBatch, bad, slow, level, few);
        long[] Without(long[] counted) => [.. counted.Select((n, b) => n - counts.OpenPerBatch[b])];
    }

    private static string Cut(CaseCounts counts) => $"{Units.Count(counts.Open)} calls were open when the drain was cut";

    /// <summary>
    /// What it would take: where the true share is about the one seen, the phase must grow until the bound meets the budget. Planned for
    /// 90 % power at half the budget, 25.5/ε effective calls, where the share seen is no guide.
    /// </summary>
    private static string More(double sampledSeconds, CaseCounts counts, ClusteredBounds bounds, double budget, double alpha)
    {
        if (counts.Calls == 0)
        {
            return "No call was planned here.";
        }

        double share = counts.Bad / (double)counts.Calls;
        double target = share < budget / 2 ? BinomialBounds.CleanCallsNeeded(budget, alpha) : 25.5 / budget;
        double perSecond = bounds.EffectiveCalls / sampledSeconds;
        double seconds = (target - bounds.EffectiveCalls) / perSecond;
        return share >= budget
            ? "More calls may show a FAIL."
            : seconds > 0
                ? $"Some {Units.Duration(Math.Ceiling(seconds) * 1e9)} more of this phase could tell."
                : "A longer phase could tell.";
    }

    private static SloResult Result(SloCase c, Phase phase, CaseCounts counts, bool single, Outcome outcome, string reason, ClusteredBounds? bounds) => new()
    {
        Rule = c.Rule,
        Phase = phase.Name,
        Outcome = outcome,
        Calls = counts.Calls,
        Bad = counts.Bad,
        Undecided = counts.Open,
        SingleEvent = single,
        DesignEffect = bounds?.DesignEffect,
        EffectiveCalls = bounds?.EffectiveCalls,
        Upper = bounds?.Upper,
        Lower = bounds?.Lower,
        Reason = reason,
    };

    private static string Name(SloCase c, Phase phase) =>
        $"{(c.Rule.Operation == "*" ? "all operations" : c.Rule.Operation)} {c.Rule.Text} in {phase.Name}";
}
