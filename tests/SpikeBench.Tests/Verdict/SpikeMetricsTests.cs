using SpikeBench.Core.Profiles;
using SpikeBench.Core.Recording;
using SpikeBench.Core.Schedule;
using SpikeBench.Core.Verdict;
using SpikeBench.Tests.Engine;

namespace SpikeBench.Tests.Verdict;

/// <summary>
/// Spikes whose numbers are known: a fluid of 6,000/s with a plateau of 12,000/s for 60 s against a capacity of 10,000/s in order of
/// arrival, judged at a wait of 0.2 s; without a bound on the queue (SPIKE-1) and with one of 20,000 (SPIKE-2).
/// </summary>
public sealed class SpikeMetricsTests
{
    private const long SecondNs = 1_000_000_000;
    private const int BaseSeconds = 30;
    private const int PlateauSeconds = 60;
    private const int AfterSeconds = 90;
    private const int BasePerCell = 600;
    private const int PlateauPerCell = 1_200;
    private const int CapacityPerCell = 1_000;

    private static readonly SloRule Slo = new("plateau", "*", 0.001, SecondNs / 5, "p99.9 <= 200ms");

    [Fact]
    public void An_unbounded_queue_has_the_known_numbers_of_spike_1()
    {
        SpikeMetrics spike = Judge.Decide(Fluid(double.PositiveInfinity)).Spikes.Single();
        spike.Phase.ShouldBe("plateau");
        spike.PeakBacklog.ShouldBe(120_000);
        spike.MaxResponseSeconds.ShouldBe(12, 0.01);
        spike.SecondsAboveSlo.ShouldBe(88.5);
        spike.RecoverySeconds.ShouldBe(29.5);
        spike.HarmedCalls.ShouldBe(885_000);
        spike.UserMinutes.ShouldBe(147_500);
        spike.SloAreaSquareSeconds!.Value.ShouldBe(522.15, 0.5);
        spike.MostGoodputPerSecond.ShouldBe(10_000);
        spike.GoodputRetention.ShouldBe(1);
        spike.UnavoidableSeconds.ShouldBe(60);
        spike.ExcessOutageSeconds.ShouldBe(28.5);
    }

    [Fact]
    public void A_bounded_queue_sheds_and_recovers_as_spike_2()
    {
        RunRecord run = Fluid(20_000);
        run.Cells.Sum(0, run.Cells.Grid.Count, -1, CellField.Error).ShouldBe(100_000);
        SpikeMetrics spike = Judge.Decide(run).Spikes.Single();
        spike.PeakBacklog.ShouldBe(20_000);
        spike.MaxResponseSeconds.ShouldBe(2, 0.02);

        // The queue of 2 s drains in 5 s; its wait is below 0.2 s for the last half second of them.
        spike.RecoverySeconds.ShouldBe(4.5);
        spike.ExcessOutageSeconds.ShouldBe(3.5);
    }

    /// <summary>A stall of 3 s in the plateau: 31,000 replies come in the 100 ms after it, 40,000 in that second.</summary>
    [Fact]
    public void Replies_that_a_stall_held_back_do_not_make_the_overload_avoidable()
    {
        SpikeMetrics spike = Judge.Decide(Fluid(double.PositiveInfinity, stall: (500, 530))).Spikes.Single();
        spike.MostGoodputPerSecond.ShouldBe(10_000);
        spike.UnavoidableSeconds.ShouldBe(60);
        spike.ExcessOutageSeconds.ShouldBe(spike.SecondsAboveSlo - 60);
    }

    /// <summary>The plateau is one second of 11,000/s that all ended in it: more than five seconds in a row show, and no harm done.</summary>
    [Fact]
    public void A_busy_second_that_the_target_coped_with_was_not_too_much_for_it()
    {
        RunRecord run = Fluid(double.PositiveInfinity, plateauPerCell: BasePerCell);
        for (int cell = 500; cell < 510; cell++)
        {
            foreach (CellField field in (CellField[])[CellField.Planned, CellField.Sent, CellField.SentHere, CellField.Ok, CellField.OkHere, CellField.EndedHere])
            {
                run.Cells[cell, 0, field] = 1_100;
            }
        }

        run.Cells[600, 0, 0, ThresholdField.Bad] = 300;
        SpikeMetrics spike = Judge.Decide(run).Spikes.Single();
        spike.MostGoodputPerSecond.ShouldBe(6_000);
        (spike.SecondsAboveSlo, spike.UnavoidableSeconds).ShouldBe((0.1, 0));
    }

    [Theory]
    [InlineData(30, Outcome.Pass)]
    [InlineData(29, Outcome.Fail)]
    public void A_recovery_is_met_or_missed_by_its_time(int withinSeconds, Outcome expected)
    {
        RunRecord run = Fluid(double.PositiveInfinity, new RecoveryRule(withinSeconds * SecondNs, 30 * SecondNs, "plateau", "recovers"));
        RecoveryResult recovery = Judge.Decide(run).Recoveries.Single();
        recovery.Outcome.ShouldBe(expected);
        recovery.RecoverySeconds.ShouldBe(29.5);
        recovery.Reason.ShouldContain("held again after 29.5 s");
        recovery.Reason.ShouldContain(expected == Outcome.Pass ? "500 ms more would have been too late" : "500 ms too late");
    }

    [Fact]
    public void A_spike_that_never_clears_is_not_recovered()
    {
        RunRecord run = Fluid(double.PositiveInfinity, new RecoveryRule(20 * SecondNs, 61 * SecondNs, "plateau", "recovers"));
        RecoveryResult recovery = Judge.Decide(run).Recoveries.Single();
        recovery.Outcome.ShouldBe(Outcome.Fail);
        recovery.RecoverySeconds.ShouldBeNull();
        recovery.Reason.ShouldContain("did not hold again");
    }

    [Fact]
    public void A_single_bad_call_now_and_then_is_neither_an_outage_nor_a_relapse()
    {
        RunRecord run = Fluid(double.PositiveInfinity);
        for (int cell = 1_250; cell < run.Cells.Grid.PlanCells; cell += 40)
        {
            run.Cells[cell, 0, 0, ThresholdField.Bad] = 1;
        }

        SpikeMetrics spike = Judge.Decide(run).Spikes.Single();
        spike.SecondsAboveSlo.ShouldBe(88.5);
        spike.RecoverySeconds.ShouldBe(29.5);
    }

    /// <summary>Counters of a fluid: what comes in a cell waits for what came before, and what finds the queue full is shed.</summary>
    private static RunRecord Fluid(
        double mostQueued, RecoveryRule? recovery = null, (int First, int End) stall = default, int plateauPerCell = PlateauPerCell)
    {
        Phase[] phases =
        [
            new("before", 0, BaseSeconds * SecondNs),
            new("plateau", BaseSeconds * SecondNs, (BaseSeconds + PlateauSeconds) * SecondNs),
            new("after", (BaseSeconds + PlateauSeconds) * SecondNs, (BaseSeconds + PlateauSeconds + AfterSeconds) * SecondNs),
        ];
        RunRecord empty = new VirtualRun { TimesNs = [], DurationNs = phases[^1].EndNs, Slo = [Slo] }.Run(clock => new VirtualLane(clock, 0));
        RunSummary summary = empty.Summary with
        {
            Plan = empty.Summary.Plan with { Phases = phases, Planned = [.. phases.Select(p => (long[])[p.DurationNs / CellGrid.CellNs * (p.Name == "plateau" ? plateauPerCell : BasePerCell)])] },
            Profile = empty.Summary.Profile with
            {
                Recoveries = recovery is null ? [] : [recovery],
                Reference = new ReferenceRate(6_000, SecondNs, "base", null) { CallsPerUserMinute = 6 },
            },
        };
        CellTable cells = summary.RecordingPlan.NewCells();
        double queue = 0;
        long heldBack = 0;
        for (int cell = 0; cell < cells.Grid.PlanCells; cell++)
        {
            int offered = cells.Grid.PhaseOf(cell) == 1 ? plateauPerCell : BasePerCell;
            double room = Math.Max(0, mostQueued - queue + CapacityPerCell);
            long shed = (long)Math.Max(0, offered - room);
            double served = Math.Min(CapacityPerCell, queue + offered - shed);
            double before = queue;
            queue += offered - shed - served;
            cells[cell, 0, CellField.Planned] = cells[cell, 0, CellField.Sent] = cells[cell, 0, CellField.SentHere] = offered;
            cells[cell, 0, CellField.Error] = shed;
            cells[cell, 0, CellField.Ok] = offered - shed;
            // In a stall the work goes on; its replies come together when it is over.
            bool stalled = cell >= stall.First && cell < stall.End;
            (long ended, heldBack) = stalled ? (0L, heldBack + (long)served) : (heldBack + (long)served, 0L);
            cells[cell, 0, CellField.OkHere] = ended;
            cells[cell, 0, CellField.EndedHere] = ended + shed;

            // A cell is bad as a whole where its mean wait is above 0.2 s: waits change by 20 ms within it at most.
            bool bad = stalled || (before + queue) / 2 / (10.0 * CapacityPerCell) > 0.2;
            cells[cell, 0, 0, ThresholdField.Bad] = bad ? offered : shed;
        }

        return empty with { Summary = summary, Cells = cells };
    }
}
