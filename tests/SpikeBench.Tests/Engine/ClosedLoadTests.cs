using SpikeBench.Core.Engine;
using SpikeBench.Core.Recording;
using SpikeBench.Core.Schedule;

namespace SpikeBench.Tests.Engine;

/// <summary>Closed loads in virtual time: copies that wait for their answers, and books that balance without a plan.</summary>
public sealed class ClosedLoadTests
{
    private const long MsNs = 1_000_000;
    private const long SecondNs = 1_000_000_000;

    [Fact]
    public void Copies_make_one_call_after_another_for_as_long_as_they_last()
    {
        PlanCounts counts = Run([new(0, 10 * SecondNs, 4, 4)], null, clock => Parallel(clock, 100 * MsNs), out CellTable cells);
        counts.Total.ShouldBe(4 * 100);
        Balance(cells).ShouldBe(400);
    }

    [Fact]
    public void A_slower_target_gets_fewer_calls()
    {
        Run([new(0, 10 * SecondNs, 4, 4)], null, clock => Parallel(clock, 500 * MsNs), out _).Total.ShouldBe(4 * 20);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(8)]
    public void Iterations_are_made_exactly_by_any_number_of_workers(int workers)
    {
        long total = 0;
        for (int worker = 0; worker < workers; worker++)
        {
            total += Run([new(0, 600 * SecondNs, 5, 5)], 1003, clock => Parallel(clock, 10 * MsNs), out CellTable cells, worker, workers).Total;
            Balance(cells).ShouldBeGreaterThanOrEqualTo(0);
        }

        total.ShouldBe(1003);
    }

    [Fact]
    public void Copies_come_and_go_with_a_ramp_a_pause_and_a_return()
    {
        PlanCounts counts = Run(
            [new(0, 10 * SecondNs, 0, 10), new(10 * SecondNs, 20 * SecondNs, 10, 10), new(20 * SecondNs, 30 * SecondNs, 0, 0), new(30 * SecondNs, 40 * SecondNs, 2, 2)],
            null,
            clock => Parallel(clock, 100 * MsNs),
            out CellTable cells);

        // Copy k of a ramp to 10 comes when the line rounds to k: after (k − ½) s; each makes ten calls a second from then on.
        long ramp = Enumerable.Range(1, 10).Sum(k => (long)Math.Ceiling((10 - (k - 0.5)) * 10));
        counts.Total.ShouldBeInRange(ramp + 1000 + 200 - 10, ramp + 1000 + 200 + 10);
        Balance(cells).ShouldBe(counts.Total);
        cells.Sum(201, 299, -1, CellField.Planned).ShouldBe(0, "nobody calls in the pause");
        cells.Sum(301, 399, -1, CellField.Planned).ShouldBe(98 * 2);
    }

    [Fact]
    public void Every_outcome_frees_its_copy()
    {
        PlanCounts counts = Run([new(0, 10 * SecondNs, 2, 2)], null, clock => new VirtualLane(clock, 0)
        {
            ServiceOf = i => i % 3 == 0 ? 10 * SecondNs : 50 * MsNs,
            Outcomes = i => i % 5 == 0 ? (GrpcStatus.Unavailable, Failure.Connection) : (GrpcStatus.Ok, Failure.None),
        }, out CellTable cells);
        Balance(cells).ShouldBe(counts.Total);
        cells.Sum(0, cells.Grid.PlanCells, -1, CellField.TimedOut).ShouldBeGreaterThan(1);
        cells.Sum(0, cells.Grid.PlanCells, -1, CellField.Error).ShouldBeGreaterThan(1);
    }

    [Fact]
    public void A_stop_ends_a_closed_load_with_nothing_left_unsent()
    {
        using var stop = new CancellationTokenSource();
        PlanCounts counts = Run([new(0, 100 * SecondNs, 3, 3)], null, clock => new VirtualLane(clock, 0)
        {
            ServiceOf = _ => 100 * MsNs,
            Outcomes = i =>
            {
                if (i == 30)
                {
                    stop.Cancel();
                }

                return (GrpcStatus.Ok, Failure.None);
            },
        }, out CellTable cells, stop: stop.Token);
        counts.Total.ShouldBeInRange(30, 36);
        Balance(cells).ShouldBe(counts.Total);
        cells.Sum(0, cells.Grid.PlanCells, -1, CellField.NotSentStopped).ShouldBe(0);
    }

    private static VirtualLane Parallel(VirtualClock clock, long serviceNs) => new(clock, 0) { ServiceOf = _ => serviceNs };

    private static long Balance(CellTable cells)
    {
        long Sum(CellField field) => cells.Sum(0, cells.Grid.PlanCells, -1, field);
        long planned = Sum(CellField.Planned);
        (Sum(CellField.Ok) + Sum(CellField.Error) + Sum(CellField.TimedOut) + Sum(CellField.Outstanding) + Sum(CellField.NotSentGuard) + Sum(CellField.NotSentStopped)).ShouldBe(planned);
        return planned;
    }

    private static PlanCounts Run(
        IReadOnlyList<CopiesStretch> stretches, long? iterations, Func<VirtualClock, VirtualLane> target, out CellTable cells,
        int worker = 0, int workers = 1, CancellationToken stop = default)
    {
        long endNs = stretches[^1].EndNs;
        Phase[] phases = [.. stretches.Select((s, i) => new Phase($"p{i}", s.StartNs, s.EndNs))];
        var silence = new RateCurve([new ConstantRate(0, endNs)]);
        var plan = new LoadPlan(new ArrivalSchedule(silence, ArrivalKind.Even, 1), phases, [1]) { Closed = new ClosedPlan(stretches, iterations) };
        var clock = new VirtualClock();
        using VirtualLane lane = target(clock);
        var recorder = new RunRecorder(new RecordingPlan(phases, 1, [], 3 * SecondNs, 2 * SecondNs), 1);
        var options = new EngineOptions { T0Ns = 0, DeadlineNs = 2 * SecondNs, DrainNs = 3 * SecondNs, SlotsPerWorker = plan.Closed.MostCopies };
        new Worker(options, PlanArrivals.For(plan, worker, workers, clock, 0), lane, clock, new SingleAttempt(), recorder.ForWorker(0)).Run(endNs, stop);
        RunBooks books = recorder.Close();
        cells = books.Cells;
        return books.Taken(plan);
    }
}
