using SpikeBench.Core.Verdict;
using SpikeBench.Core.Verdict.Trials;

namespace SpikeBench.Tests.Verdict;

/// <summary>
/// The trials in small, with fixed seeds: counts that a judge of the stated error rates gives with all but negligible chance. The large
/// tables are made by the runner in <c>bench/</c>.
/// </summary>
public sealed class VerdictTrialsTests
{
    private const int Trials = 60;

    [Theory]
    [InlineData(8, 0.9, 0.70153299, 7.0873474)]
    [InlineData(16, 0.9, 0.59134339, 5.2698346)]
    [InlineData(1, 0.8, 0.8, 23.025851)]
    public void The_closed_form_has_the_known_values(int servers, double utilisation, double waitChance, double p99)
    {
        var law = new MultiServerLaw(servers, utilisation * servers, 1);
        law.WaitChance.ShouldBe(waitChance, 1e-8);
        law.TimeExceededBy(0.01).ShouldBe(p99, 1e-6);
    }

    [Fact]
    public void The_virtual_queue_has_the_closed_forms_share_of_bad_calls()
    {
        // Sum of 60 independent runs: the share between runs varies by about 0.3 of itself, so the mean by 0.04; four of those.
        TrialCounts counts = VerdictTrials.Run(TrialCell.Exact(TrialShape.Steady(0.9, 60), 1), Trials, 11);
        (counts.Bad / (double)counts.Calls).ShouldBe(0.01, 0.0035);
    }

    [Fact]
    public void A_target_with_twice_the_budget_never_passes_and_a_healthy_generator_is_never_voided()
    {
        TrialCounts counts = VerdictTrials.Run(TrialCell.Exact(TrialShape.Steady(0.9, 120), 2), Trials, 21);
        AtMost(counts, counts.Pass, 0.01);
        AtMost(counts, counts.Invalid, 0.02);
        counts.Trials.ShouldBe(counts.Pass + counts.Fail + counts.Inconclusive + counts.Invalid);
    }

    [Fact]
    public void A_target_at_the_line_passes_as_seldom_as_stated()
    {
        TrialCounts counts = VerdictTrials.Run(TrialCell.Exact(TrialShape.Steady(0.9, 120), 1), Trials, 31);
        AtMost(counts, counts.Pass, 0.07);
    }

    [Fact]
    public void A_target_with_a_tenth_of_the_budget_passes()
    {
        TrialCounts counts = VerdictTrials.Run(TrialCell.Exact(TrialShape.Steady(0.9, 300), 0.1), 20, 41);
        BinomialBounds.Upper(counts.Pass, counts.Trials, 0.001).ShouldBeGreaterThan(0.90);
        counts.Fail.ShouldBe(0);
    }

    [Fact]
    public void The_same_seed_gives_the_same_counts()
    {
        TrialCell cell = TrialCell.Exact(TrialShape.Steady(0.7, 60), 1);
        VerdictTrials.Run(cell, 3, 5).ShouldBe(VerdictTrials.Run(cell, 3, 5));
    }

    [Fact]
    public void A_set_of_midnights_passes_only_if_all_are_held()
    {
        var pilot = new TrialPilot(TrialShape.Midnight("spike", 10), 100, 900);
        TrialCounts often = VerdictTrials.Run(TrialCell.Midnights(pilot, 0.5, 10), 20, 51);

        // 0.5¹⁰ is a thousandth; the pilot knows the half to within a tenth.
        often.Pass.ShouldBe(0);
        often.Fail.ShouldBe(20);
        VerdictTrials.Run(TrialCell.Midnights(pilot, 0, 3), 10, 61).Pass.ShouldBeGreaterThan(7);
    }

    /// <summary>A long phase with a freeze of 0.25 s every 20 s, three midnights: at the line a set passes as seldom as one run.</summary>
    [Fact]
    public void A_set_of_long_phases_with_rare_freezes_passes_as_seldom_as_stated_and_what_holds_passes()
    {
        var pilot = new TrialPilot(TrialShape.Midnight("decay", 1), 60, 900);
        TrialCounts line = VerdictTrials.Run(TrialCell.Calibrated(pilot, 1) with { Repeats = 3 }, 20, 71);
        AtMost(line, line.Pass, 0.07);
        TrialCounts twice = VerdictTrials.Run(TrialCell.Calibrated(pilot, 2) with { Repeats = 3 }, 20, 81);
        AtMost(twice, twice.Pass, 0.01);
        TrialCounts tenth = VerdictTrials.Run(TrialCell.Calibrated(pilot, 0.1) with { Repeats = 3 }, 20, 91);
        BinomialBounds.Upper(tenth.Pass, tenth.Trials, 0.001).ShouldBeGreaterThan(0.90);
        (line.Invalid + twice.Invalid + tenth.Invalid).ShouldBe(0);
    }

    [Fact]
    public void Three_registered_looks_pass_no_more_often_at_the_line_than_one_and_decide_more()
    {
        TrialShape shape = TrialShape.Steady(0.9, 120);
        TrialCounts line = VerdictTrials.Run(TrialCell.Exact(shape, 1) with { Looks = 3 }, 30, 101);
        AtMost(line, line.Pass, 0.07);
        TrialCounts half = VerdictTrials.Run(TrialCell.Exact(shape, 0.5) with { Looks = 3 }, 30, 111);
        TrialCounts once = VerdictTrials.Run(TrialCell.Exact(shape, 0.5), 30, 111);
        half.Pass.ShouldBeGreaterThan(once.Pass);
        half.Runs.ShouldBeGreaterThan(30);
    }

    /// <summary>Not significantly more often than <paramref name="rate"/>: the exact lower bound at one in a thousand stays below it.</summary>
    private static void AtMost(TrialCounts counts, int count, double rate) =>
        BinomialBounds.Lower(count, counts.Trials, 0.001).ShouldBeLessThanOrEqualTo(rate);
}
