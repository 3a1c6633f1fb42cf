using System.Globalization;
using SpikeBench.Core.Profiles;
using SpikeBench.Core.Recording;
using SpikeBench.Core.Schedule;

namespace SpikeBench.Core.Verdict;

/// <summary>Decides one SLO in one phase, before anything is said of the generator.</summary>
internal static class CaseJudge
{
    /// <summary>Decides a case as the user saw it.</summary>
    public static SloResult Decide(RunRecord run, SloCase c, double alpha) => Decide(run, c, CaseCounts.AsSeen(run, c), alpha);

    /// <summary>Decides a case on given counts.</summary>
    public static SloResult Decide(RunRecord run, SloCase c, CaseCounts counts, double alpha)
    {
        Phase phase = run.Plan.Phases[c.Phase];
        bool single = run.Plan.IsSingleEvent(phase);
        SloResult result = single ? SingleEvent(c, phase, counts, alpha) : Interval(c, phase, counts, alpha);

        if (counts.Stopped == 0)
        {
            return result;
        }

        // A phase that a stop cut short lacks calls that were never sent; they are not the target's. What was sent may have been bad too
        // often already, whatever the rest had brought.
        long bad = counts.Bad - counts.Stopped;
        long allowed = (long)Math.Floor(c.Rule.Budget * counts.Calls * (1 + 1e-12));
        return single && bad > allowed
            ? result with
            {
                Bad = bad,
                Outcome = Outcome.Fail,
                Reason = $"{Name(c, phase)} was missed before the load ended: {Units.Count(bad)} calls were bad, the budget of {Units.Percent(c.Rule.Budget)} allows {Units.Count(allowed)} of the {Units.Count(counts.Calls)} planned.",
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
        (Outcome outcome, string reason) = bad > allowed
            ? (Outcome.Fail, $"{Name(c, phase)} was missed: {share}. {Change(bad - allowed)}.")
            : calls < needed
                ? (Outcome.Inconclusive, $"{Name(c, phase)}: {Units.Count(calls)} calls cannot show {Units.Percent(budget)}; it takes {Units.Count(needed)} clean ones. Offer more or relax the SLO.")
                : (Outcome.Pass, $"{Name(c, phase)} was met: {share}. {Units.Count(allowed - bad + 1)} more bad calls would have missed it.");
        return Result(c, phase, counts, single: true, outcome, reason, null);

        static string Change(long over) => over == 1 ? "One bad call less would have met it" : $"{Units.Count(over)} bad calls less would have met it";
    }

    private static SloResult Interval(SloCase c, Phase phase, CaseCounts counts, double alpha)
    {
        double budget = c.Rule.Budget;
        ClusteredBounds Bounds(double level) => ClusteredBounds.Of(counts.CallsPerBatch, counts.BadPerBatch, counts.SlowPerBatch, level);
        ClusteredBounds bounds = Bounds(alpha) with { Upper = Bounds(alpha * ClusteredBounds.PassShareOfAlpha).Upper };
        double share = counts.Calls == 0 ? 0 : counts.Bad / (double)counts.Calls;
        string evidence = $"{Units.Count(counts.Bad)} of {Units.Count(counts.Calls)} calls were bad ({Units.Percent(share)}), worth "
            + $"{Units.Count(Math.Floor(bounds.EffectiveCalls))} independent calls (design effect {bounds.DesignEffect.ToString("0.#", CultureInfo.InvariantCulture)})";
        string level = Units.Percent(1 - alpha);
        (Outcome outcome, string reason) = bounds.Upper <= budget
            ? (Outcome.Pass, $"{Name(c, phase)} held: {evidence}; with {level} confidence at most {Units.Percent(bounds.Upper)} are, the budget is {Units.Percent(budget)}.")
            : bounds.Lower > budget
                ? (Outcome.Fail, $"{Name(c, phase)} was broken: {evidence}; with {level} confidence at least {Units.Percent(bounds.Lower)} are, the budget is {Units.Percent(budget)}.")
                : (Outcome.Inconclusive, $"{Name(c, phase)} is open: {evidence}; the bad share is between {Units.Percent(bounds.Lower)} and {Units.Percent(bounds.Upper)}, the budget is {Units.Percent(budget)}. {More(phase, counts, bounds, budget, alpha)}");
        return Result(c, phase, counts, single: false, outcome, reason, bounds);
    }

    /// <summary>
    /// What it would take: where the true share is about the one seen, the phase must grow until the bound meets the budget. Planned for
    /// 90 % power at half the budget, 25.5/ε effective calls, where the share seen is no guide.
    /// </summary>
    private static string More(Phase phase, CaseCounts counts, ClusteredBounds bounds, double budget, double alpha)
    {
        if (counts.Calls == 0)
        {
            return "No call was planned here.";
        }

        double share = counts.Bad / (double)counts.Calls;
        double target = share < budget / 2 ? BinomialBounds.CleanCallsNeeded(budget, alpha) : 25.5 / budget;
        double perSecond = bounds.EffectiveCalls / (phase.DurationNs / 1e9);
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
