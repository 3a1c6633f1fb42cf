using SpikeBench.Core.Profiles;
using SpikeBench.Core.Recording;
using SpikeBench.Core.Verdict;
using SpikeBench.Tests.Engine;

namespace SpikeBench.Tests.Verdict;

/// <summary>Long phases over all midnights of a set: what each is too short to show, their sum may.</summary>
public sealed class SetJudgeTests
{
    private const long MsNs = 1_000_000;
    private const long SecondNs = 1_000_000_000;
    private const int Calls = 60_000;

    // 1,000/s for a minute: 30 batches of 2 s.
    private static readonly VirtualRun Minute = new()
    {
        TimesNs = [.. Enumerable.Range(0, Calls).Select(i => i * MsNs)],
        DurationNs = 60 * SecondNs,
        DeadlineNs = SecondNs,
        Slo = [new SloRule("*", "*", 0.01, 200 * MsNs, "p99 <= 200ms")],
    };

    [Fact]
    public void Midnights_that_are_open_by_themselves_are_held_if_each_is_within_its_budget_and_all_together_pass()
    {
        JudgedRun[] set = [.. Enumerable.Range(0, 4).Select(i => Midnight(clumpAt: 7_000 + 11_000 * i, clump: 150))];
        set.ShouldAllBe(m => m.Verdict.Outcome == Outcome.Inconclusive);
        RunVerdict verdict = SetJudge.Decide(set, 4);
        verdict.Outcome.ShouldBe(Outcome.Pass);
        verdict.Headline.ShouldBe("PASS: 4 of 4 midnights held; P(miss) ≤ 52.7 % with 95 % confidence.");
        SloResult pooled = verdict.Pooled.Single();
        (pooled.Calls, pooled.Bad, pooled.Outcome).ShouldBe((4 * Calls, 600, Outcome.Pass));
        pooled.EffectiveCalls!.Value.ShouldBeInRange(1_300, 1_700, "four times what a midnight is worth");
        verdict.Reasons.ShouldContain(r => r.Contains("over 4 midnights", StringComparison.Ordinal));
        SetJudge.Decide(set[..2], 4).Outcome.ShouldBe(Outcome.Inconclusive, "two are missing");
    }

    /// <summary>e^(−T/m) = 5 % at m = T/3: 60 s rule out what comes once in 20 s, four of them what comes once in 80 s.</summary>
    [Fact]
    public void A_pass_by_an_interval_says_how_rare_a_fault_may_have_stayed_away()
    {
        JudgedRun clean = Midnight(0, 0);
        const string oneMinute = "What comes less often than once in 20 s (all, 60 s) may have stayed away by chance: a PASS does not speak of it.";
        clean.Verdict.Limits.ShouldContain(oneMinute);
        RunVerdict set = SetJudge.Decide([clean, clean, clean, clean], 4);
        set.Outcome.ShouldBe(Outcome.Pass);
        set.Limits.Where(l => l.StartsWith("What comes", StringComparison.Ordinal)).ShouldHaveSingleItem().ShouldContain("once in 80 s");
        Midnight(30_000, 620).Verdict.Limits.ShouldNotContain(oneMinute, "it is no PASS");
    }

    [Fact]
    public void A_midnight_over_its_budget_is_not_held_by_twenty_three_clean_ones()
    {
        JudgedRun clean = Midnight(0, 0), over = Midnight(30_000, 620);
        (clean.Verdict.Outcome, over.Verdict.Outcome).ShouldBe((Outcome.Pass, Outcome.Inconclusive));
        RunVerdict verdict = SetJudge.Decide([over, .. Enumerable.Repeat(clean, 23)], 24);
        verdict.Pooled.Single().Outcome.ShouldBe(Outcome.Pass);
        verdict.Outcome.ShouldBe(Outcome.Inconclusive);
        verdict.Headline.ShouldBe("INCONCLUSIVE: 23 of 24 midnights held.");
    }

    [Fact]
    public void Midnights_that_are_all_open_may_fail_together()
    {
        JudgedRun[] set = [.. Enumerable.Range(0, 24).Select(i => Midnight(clumpAt: 2_100 * i, clump: 1_200))];
        set.ShouldAllBe(m => m.Verdict.Outcome == Outcome.Inconclusive);
        RunVerdict verdict = SetJudge.Decide(set, 24);
        verdict.Outcome.ShouldBe(Outcome.Fail);
        verdict.Reasons[0].ShouldContain("over 24 midnights");
    }

    /// <summary>R midnights are R chances: what is significant for one is not for one of sixteen, and what is beyond doubt is.</summary>
    [Theory]
    [InlineData(11, Outcome.Inconclusive)]
    [InlineData(20, Outcome.Fail)]
    public void A_long_phase_that_fails_in_one_midnight_must_do_so_among_all(int badInThousand, Outcome expected)
    {
        RunRecord run = Minute.Run(clock => new VirtualLane(clock, 0) { ServiceOf = i => i % 1_000 < badInThousand ? 300 * MsNs : 20 * MsNs });
        var broken = new JudgedRun(run, Judge.Decide(run));
        broken.Verdict.Outcome.ShouldBe(Outcome.Fail);
        JudgedRun clean = Midnight(0, 0);
        SetJudge.Decide([broken, .. Enumerable.Repeat(clean, 23)], 24).Outcome.ShouldBe(expected);
    }

    /// <summary>A set that was cut after its first midnight was to have ten chances for a FAIL all the same.</summary>
    [Theory]
    [InlineData(1, Outcome.Fail)]
    [InlineData(10, Outcome.Inconclusive)]
    public void A_fail_is_corrected_for_the_midnights_that_were_to_come(int required, Outcome expected)
    {
        RunRecord run = Minute.Run(clock => new VirtualLane(clock, 0) { ServiceOf = i => i % 1_000 < 11 ? 300 * MsNs : 20 * MsNs });
        SetJudge.Decide([new JudgedRun(run, Judge.Decide(run))], required).Outcome.ShouldBe(expected);
    }

    /// <summary>The sum is one more chance for a FAIL: it gets one half of the error, the midnights share the other.</summary>
    [Theory]
    [InlineData(1_600, Outcome.Inconclusive)]
    [InlineData(1_900, Outcome.Fail)]
    public void The_sum_of_all_midnights_fails_at_half_of_the_error(int clump, Outcome expected)
    {
        JudgedRun[] set = [.. Enumerable.Range(0, 4).Select(i => Midnight(7_000 + 11_000 * i, clump))];
        set.ShouldAllBe(m => m.Verdict.Outcome == Outcome.Inconclusive);
        RunVerdict verdict = SetJudge.Decide(set, 4);
        SloResult sum = verdict.Pooled.Single();
        (verdict.Outcome, sum.Outcome).ShouldBe((expected, expected));
        sum.PValue!.Value.ShouldBeLessThan(0.05);
        sum.Reason.Contains("that is not enough for a FAIL", StringComparison.Ordinal).ShouldBe(expected == Outcome.Inconclusive);
    }

    [Fact]
    public void A_midnight_whose_load_was_not_offered_is_not_held_by_the_others()
    {
        JudgedRun[] set = [.. Enumerable.Range(0, 4).Select(i => Midnight(7_000 + 11_000 * i, 150))];
        set[2] = set[2] with { Verdict = set[2].Verdict with { Checks = [new ValidityCheck("V2", "offered", "97 %", "98 %", false, CheckConsequence.VoidsPass)] } };
        SetJudge.Decide(set, 4).Outcome.ShouldNotBe(Outcome.Pass);
    }

    [Fact]
    public void A_set_with_a_midnight_that_was_cut_short_is_not_judged_together()
    {
        JudgedRun[] set = [.. Enumerable.Range(0, 4).Select(i => Midnight(7_000 + 11_000 * i, 150))];
        set[3] = set[3] with { Record = set[3].Record with { Summary = set[3].Record.Summary with { StoppedBy = "stop_if" } } };
        RunVerdict verdict = SetJudge.Decide(set, 4);
        (verdict.Pooled.Count, verdict.Outcome).ShouldBe((0, Outcome.Inconclusive));
        SetJudge.CanExtend(set, verdict).ShouldBeFalse();
    }

    [Fact]
    public void Only_what_a_larger_sample_could_decide_is_looked_at_again()
    {
        JudgedRun open = Midnight(7_000, 150), clean = Midnight(0, 0);
        SetJudge.CanExtend([open], SetJudge.Decide([open], 1)).ShouldBeTrue();
        SetJudge.CanExtend([clean], SetJudge.Decide([clean], 1)).ShouldBeFalse("it passed");

        VirtualRun few = Minute with { TimesNs = [.. Minute.TimesNs.Take(100)], DurationNs = 10 * SecondNs };
        RunRecord small = few.Run(clock => new VirtualLane(clock, 0) { ServiceOf = _ => MsNs });
        var event_ = new JudgedRun(small, Judge.Decide(small));
        event_.Verdict.Outcome.ShouldBe(Outcome.Inconclusive);
        SetJudge.CanExtend([event_], event_.Verdict).ShouldBeFalse("one event with too few calls stays one event with too few calls");
    }

    /// <summary>A claim that registered three looks is judged at 2.21 % in each.</summary>
    [Fact]
    public void Registered_looks_make_each_look_stricter()
    {
        RunRecord run = Record(7_000, 10);
        Claim claim = run.Summary.Profile.Claim!;
        RunVerdict Of(int looks) => Judge.Decide(run with { Summary = run.Summary with { Profile = run.Summary.Profile with { Claim = claim with { Looks = looks } } } });
        RunVerdict once = Of(1), thrice = Of(3);
        thrice.Slos.Single().Upper!.Value.ShouldBeGreaterThan(once.Slos.Single().Upper!.Value * 1.1);
        thrice.Slos.Single().Reason.ShouldContain("with 97.8 % confidence", Case.Sensitive);
        once.Outcome.ShouldBe(Outcome.Pass);
    }

    private static JudgedRun Midnight(int clumpAt, int clump)
    {
        RunRecord run = Record(clumpAt, clump);
        return new JudgedRun(run, Judge.Decide(run));
    }

    /// <summary>Calls take 20 ms, and so many in a row 300 ms.</summary>
    private static RunRecord Record(int clumpAt, int clump) =>
        Minute.Run(clock => new VirtualLane(clock, 0) { ServiceOf = i => i >= clumpAt && i < clumpAt + clump ? 300 * MsNs : 20 * MsNs });
}
