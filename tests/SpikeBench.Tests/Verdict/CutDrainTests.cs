using SpikeBench.Core.Profiles;
using SpikeBench.Core.Recording;
using SpikeBench.Core.Verdict;
using SpikeBench.Tests.Engine;

namespace SpikeBench.Tests.Verdict;

/// <summary>
/// Calls that are open when the drain is cut: a generator that stood still through its own drain does not know how they ended. A verdict
/// must hold whether they were good or bad.
/// </summary>
public sealed class CutDrainTests
{
    private const long MsNs = 1_000_000;
    private const long SecondNs = 1_000_000_000;

    // 1,000/s for 10 s; 600 calls are under way when the last one is sent, and then the generator stands still.
    private static readonly VirtualRun Short = new()
    {
        TimesNs = [.. Enumerable.Range(0, 10_000).Select(i => i * MsNs)],
        DurationNs = 10 * SecondNs,
        DeadlineNs = SecondNs,
        Slo = [new SloRule("*", "*", 0.001, 900 * MsNs, "p99.9 <= 900ms")],
    };

    [Fact]
    public void Calls_that_nobody_looked_at_any_more_fail_no_target_and_pass_none()
    {
        RunRecord run = Cut(Short, slowEvery: int.MaxValue);
        long open = run.Cells.Sum(0, run.Cells.Grid.PlanCells, -1, CellField.Outstanding);
        open.ShouldBeGreaterThan(300);
        RunVerdict verdict = Judge.Decide(run);
        verdict.Outcome.ShouldBe(Outcome.Inconclusive);
        SloResult slo = verdict.Slos.Single();
        (slo.Bad, slo.Undecided).ShouldBe((open, open));
        slo.Reason.ShouldBe($"all operations p99.9 <= 900ms in all is open: {open} calls were open when the drain was cut, so 0 to {open} of 10,000 were bad; the budget of 0.1 % allows 10.");
    }

    [Fact]
    public void A_target_that_missed_its_slo_before_the_drain_was_cut_fails()
    {
        RunVerdict verdict = Judge.Decide(Cut(Short, slowEvery: 100));
        verdict.Outcome.ShouldBe(Outcome.Fail);
        verdict.Slos.Single().Undecided.ShouldBeGreaterThan(0);
    }

    [Theory]
    [InlineData(int.MaxValue, Outcome.Inconclusive)]
    [InlineData(25, Outcome.Fail)]
    public void The_bounds_of_a_long_phase_hold_both_ways(int slowEvery, Outcome expected)
    {
        VirtualRun minute = Short with { TimesNs = [.. Enumerable.Range(0, 60_000).Select(i => i * MsNs)], DurationNs = 60 * SecondNs };
        RunVerdict verdict = Judge.Decide(Cut(minute, slowEvery));
        SloResult slo = verdict.Slos.Single();
        slo.Undecided.ShouldBeGreaterThan(300);
        slo.SingleEvent.ShouldBeFalse();
        slo.Upper!.Value.ShouldBeGreaterThan(slo.Bad / (double)slo.Calls, "every open call was bad");
        slo.Lower!.Value.ShouldBeLessThan((slo.Bad - slo.Undecided + 1) / (double)slo.Calls, "every open call was good");
        verdict.Outcome.ShouldBe(expected);
        slo.Reason.ShouldContain("were open when the drain was cut, bad for a PASS and good for a FAIL");
    }

    private static RunRecord Cut(VirtualRun shape, int slowEvery) => shape.Run(clock => new VirtualLane(clock, 0)
    {
        ServiceOf = i => i % slowEvery == slowEvery - 1 ? 950 * MsNs : 600 * MsNs,
        GeneratorPause = (shape.DurationNs - MsNs / 2, shape.DurationNs + 30 * SecondNs),
    });
}
