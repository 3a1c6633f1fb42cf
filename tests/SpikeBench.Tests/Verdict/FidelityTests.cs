using SpikeBench.Core.Profiles;
using SpikeBench.Core.Recording;
using SpikeBench.Core.Schedule;
using SpikeBench.Core.Verdict;
using SpikeBench.Tests.Engine;

namespace SpikeBench.Tests.Verdict;

/// <summary>V2: a load that was not offered cannot be passed; what slips where the rate is flat hides nothing.</summary>
public sealed class FidelityTests
{
    private const long MsNs = 1_000_000;
    private const long SecondNs = 1_000_000_000;

    // 1,000/s for 30 s in 300 cells, with an edge from 10 to 11 s.
    private static readonly VirtualRun Edged = new()
    {
        TimesNs = [.. Enumerable.Range(0, 30_000).Select(i => i * MsNs)],
        DurationNs = 30 * SecondNs,
        DeadlineNs = SecondNs,
        Edges = [new Stretch(10 * SecondNs, 11 * SecondNs)],
    };

    [Theory]
    [InlineData(10, true)]
    [InlineData(11, false)]
    public void An_edge_cell_below_ninety_percent_voids_a_pass(int late, bool holds)
    {
        RunRecord run = Healthy();
        run.Cells[104, 0, CellField.SentAfterCell] = late;
        RunVerdict verdict = Judge.Decide(run);
        V2(verdict).Holds.ShouldBe(holds);
        verdict.Outcome.ShouldBe(holds ? Outcome.Pass : Outcome.Invalid);
    }

    [Theory]
    [InlineData(2, Outcome.Pass)]
    [InlineData(3, Outcome.Invalid)]
    public void Stray_cells_off_the_edges_may_slip_one_in_a_hundred(int slipped, Outcome expected)
    {
        RunRecord run = Healthy();
        for (int i = 0; i < slipped; i++)
        {
            run.Cells[200 + 20 * i, 0, CellField.SentAfterCell] = 60;
        }

        Judge.Decide(run).Outcome.ShouldBe(expected, "290 cells are off the edge, 1 % of them is 2.9");
    }

    [Fact]
    public void A_second_below_ninety_eight_percent_voids_a_pass_wherever_it_is()
    {
        RunRecord run = Healthy();
        for (int cell = 250; cell < 260; cell++)
        {
            run.Cells[cell, 0, CellField.SentAfterCell] = run.Cells[cell, 0, CellField.SentAfterSecond] = 3;
        }

        RunVerdict verdict = Judge.Decide(run);
        verdict.Outcome.ShouldBe(Outcome.Invalid);
        V2(verdict).Measured.ShouldContain("worst second 97 % at 25.0 s");
    }

    /// <summary>
    /// A target with room for 20 waiting calls sheds half of a burst. A generator that needs 1.1 ms per call shows it no burst: nothing
    /// is shed and every SLO is met. That PASS must not stand.
    /// </summary>
    [Fact]
    public void A_slow_generator_that_spares_a_bounded_queue_its_burst_does_not_pass()
    {
        long[] times = [.. Enumerable.Range(0, 1_000).Select(i => i * 5 * MsNs), .. Enumerable.Range(0, 400).Select(i => 5 * SecondNs + i * MsNs / 2), .. Enumerable.Range(0, 960).Select(i => 5_200 * MsNs + i * 5 * MsNs)];
        var run = new VirtualRun
        {
            TimesNs = times,
            DurationNs = 10 * SecondNs,
            DeadlineNs = SecondNs,
            Slo = [new SloRule("*", "*", 0.05, 500 * MsNs, "p95 <= 500ms")],
            Edges = [new Stretch(4_500 * MsNs, 5_700 * MsNs)],
        };
        RunVerdict steep = Judge.Decide(run.Run(clock => new VirtualLane(clock, MsNs) { MaxQueued = 20 }));
        steep.Outcome.ShouldBe(Outcome.Fail);
        steep.Slos.Single().Bad.ShouldBeGreaterThan(150);

        RunVerdict smoothed = Judge.Decide(run.Run(clock => new VirtualLane(clock, MsNs) { MaxQueued = 20, SendCostNs = 1_100_000 }));
        smoothed.Slos.Single().Bad.ShouldBe(0, "the smoothing flatters the target");
        V2(smoothed).Holds.ShouldBeFalse();
        smoothed.Outcome.ShouldBe(Outcome.Invalid);
    }

    private static RunRecord Healthy() => Edged.Run(clock => new VirtualLane(clock, 0) { ServiceOf = _ => MsNs });

    private static ValidityCheck V2(RunVerdict verdict) => verdict.Checks.Single(c => c.Id == "V2");
}
