using SpikeBench.Core.Engine;
using SpikeBench.Core.Recording;
using SpikeBench.Core.Schedule;

namespace SpikeBench.Tests.Engine;

public sealed class DrainTests
{
    private const long MsNs = 1_000_000;
    private const long SecondNs = 1_000_000_000;

    [Fact]
    public void A_drain_ends_when_its_time_is_over_whatever_the_lane_does()
    {
        (VirtualClock clock, SilentLane lane, OutcomeRecorder books) = Run(CancellationToken.None);
        clock.NowNs.ShouldBe(12 * SecondNs);
        books.Cells.Sum(0, books.Cells.Grid.PlanCells, -1, CellField.Outstanding).ShouldBe(100);
        lane.Cancelled.ShouldBe(100);
    }

    [Fact]
    public void A_stop_ends_as_surely_and_books_what_it_left_unsent()
    {
        using var stop = new CancellationTokenSource();
        stop.Cancel();
        (VirtualClock clock, _, OutcomeRecorder books) = Run(stop.Token);
        clock.NowNs.ShouldBeLessThanOrEqualTo(2 * SecondNs);
        books.Cells.Sum(0, books.Cells.Grid.PlanCells, -1, CellField.NotSentStopped).ShouldBe(100);
    }

    private static (VirtualClock Clock, SilentLane Lane, OutcomeRecorder Books) Run(CancellationToken stop)
    {
        var clock = new VirtualClock();
        using var lane = new SilentLane(clock);
        var plan = new RecordingPlan([new Phase("all", 0, 10 * SecondNs)], 1, [], 2 * SecondNs, SecondNs);
        var recorder = new RunRecorder(plan, 1);
        var options = new EngineOptions { T0Ns = 0, DeadlineNs = SecondNs, DrainNs = 2 * SecondNs, SlotsPerWorker = 1_000 };
        var arrivals = new ListedArrivals([.. Enumerable.Range(0, 100).Select(i => new Arrival(i, i * 100 * MsNs, 0, 0, 0))]);
        new Worker(options, arrivals, lane, clock, new SingleAttempt(), recorder.ForWorker(0)).Run(10 * SecondNs, stop);
        return (clock, lane, recorder.ForWorker(0));
    }
}
