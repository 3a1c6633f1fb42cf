using SpikeBench.Core.Engine;
using SpikeBench.Core.Recording;
using SpikeBench.Histograms;

namespace SpikeBench.Tests.Engine;

public sealed class WorkerTests
{
    private const long MsNs = 1_000_000;
    private const long SecondNs = 1_000_000_000;

    /// <summary>
    /// 10,000 calls 10 ms apart, service 1 ms, one server that starts nothing in [50, 51) s: call k from there takes 1001 − 9k ms. A
    /// generator that waits for the target reports a p99.9 of 1 ms; from the intended times it is 911 ms.
    /// </summary>
    [Fact]
    public void A_stall_of_the_target_is_charged_to_every_call_that_was_due_in_it()
    {
        RunRecord run = Even(10_000, 10 * MsNs).Run(clock => new VirtualLane(clock, 1 * MsNs, 50 * SecondNs, 51 * SecondNs));

        Sum(run, CellField.Ok).ShouldBe(10_000);
        run.Cells.Sum(0, run.Cells.Grid.PlanCells, -1, 0, ThresholdField.Bad).ShouldBe(89);
        Histogram response = run.Distribution(-1, -1, TimeKind.Response);
        Milliseconds(response, 50).ShouldBe(1);
        Milliseconds(response, 99).ShouldBe(101);
        Milliseconds(response, 99.5).ShouldBe(551);
        Milliseconds(response, 99.9).ShouldBe(911);
        Milliseconds(response, 99.99).ShouldBe(992);
        Milliseconds(response, 100).ShouldBe(1001);

        // The histogram's slots are 0.1 % wide; the exact mean is 6.6056 ms.
        (response.Mean / MsNs).ShouldBe(6.6056, 6.6056 * 0.001);
    }

    [Fact]
    public void The_exact_response_times_of_the_stall_have_the_published_mean()
    {
        var seen = new List<long>();
        var clock = new VirtualClock();
        using var lane = new VirtualLane(clock, 1 * MsNs, 50 * SecondNs, 51 * SecondNs);
        var plan = new RecordingPlan([new("all", 0, 100 * SecondNs)], 1, [], 11 * SecondNs, 10 * SecondNs);
        var worker = new Worker(
            new EngineOptions { T0Ns = 0, DeadlineNs = 10 * SecondNs, DrainNs = 11 * SecondNs, SlotsPerWorker = 1000 },
            ListedArrivals.At(Enumerable.Range(0, 10_000).Select(i => i * 10 * MsNs)),
            lane,
            clock,
            new Spy(seen),
            new RunRecorder(plan, 1).ForWorker(0));
        worker.Run(100 * SecondNs, CancellationToken.None);
        (seen.Average() / MsNs).ShouldBe(6.6056, 1e-9);
    }

    [Fact]
    public void A_pause_of_the_generator_is_lateness_and_not_service_time()
    {
        RunRecord run = Even(10_000, MsNs).Run(clock => new VirtualLane(clock, 0) { GeneratorPause = (5 * SecondNs, 5 * SecondNs + 250 * MsNs) });

        Milliseconds(run.Distribution(-1, -1, TimeKind.Service), 100).ShouldBe(0);
        Milliseconds(run.Distribution(-1, -1, TimeKind.Lateness), 100).ShouldBe(250, 1);
        Milliseconds(run.Distribution(-1, -1, TimeKind.Response), 100).ShouldBe(250, 1);
        Sum(run, CellField.SentAfterCell).ShouldBe(200, "the calls of the two cells that passed whole; the third cell's were sent within it");
        Sum(run, CellField.SentAfterSecond).ShouldBe(0);
    }

    [Fact]
    public void Every_outcome_is_booked_once()
    {
        RunRecord run = Even(1_000, MsNs).Run(clock => new VirtualLane(clock, 0)
        {
            Outcomes = i => (i % 10) switch
            {
                0 => (GrpcStatus.ResourceExhausted, Failure.Status),
                1 => (GrpcStatus.Unavailable, Failure.Connection),
                2 => (GrpcStatus.DeadlineExceeded, Failure.Timeout),
                _ => (GrpcStatus.Ok, Failure.None),
            },
        });

        Sum(run, CellField.Planned).ShouldBe(1_000);
        Sum(run, CellField.Error).ShouldBe(200);
        Sum(run, CellField.TimedOut).ShouldBe(100);
        Sum(run, CellField.Ok).ShouldBe(700);
        Sum(run, CellField.SentHere).ShouldBe(1_000);
        Sum(run, CellField.EndedHere).ShouldBe(1_000);
        run.Cells.Sum(0, run.Cells.Grid.PlanCells, -1, 0, ThresholdField.Bad).ShouldBe(300, "a call that is not OK is bad for every response-time SLO");
    }

    [Fact]
    public void Calls_beyond_the_in_flight_ceiling_are_not_sent_and_are_booked()
    {
        RunRecord run = (Even(100, MsNs) with { Slots = 40 }).Run(clock => new VirtualLane(clock, SecondNs));
        Sum(run, CellField.NotSentGuard).ShouldBe(60);
        (Sum(run, CellField.Ok) + Sum(run, CellField.TimedOut)).ShouldBe(40);
    }

    [Fact]
    public void A_call_without_a_free_stream_waits_its_turn_and_is_counted_as_waiting()
    {
        RunRecord run = Even(10, MsNs).Run(clock => new VirtualLane(clock, 10 * MsNs) { MaxStreams = 1 });
        Sum(run, CellField.Ok).ShouldBe(10);
        Sum(run, CellField.StreamWaited).ShouldBe(9);
        Milliseconds(run.Distribution(-1, -1, TimeKind.Response), 100).ShouldBe(100 - 9, 1);
    }

    [Fact]
    public void A_call_whose_deadline_passes_while_it_waits_for_a_stream_times_out()
    {
        RunRecord run = (Even(10, MsNs) with { DeadlineNs = 25 * MsNs }).Run(clock => new VirtualLane(clock, 20 * MsNs) { MaxStreams = 1 });
        (Sum(run, CellField.Ok), Sum(run, CellField.TimedOut)).ShouldBe((1, 9));
    }

    [Fact]
    public void Without_a_connection_every_call_is_unavailable()
    {
        RunRecord run = Even(50, MsNs).Run(clock => new VirtualLane(clock, 0) { Disconnected = true });
        Sum(run, CellField.Error).ShouldBe(50);
        Sum(run, CellField.Sent).ShouldBe(50);
    }

    [Fact]
    public void A_stop_books_the_rest_as_not_sent_and_drains_what_is_in_flight()
    {
        using var stop = new CancellationTokenSource();
        RunRecord run = (Even(1_000, MsNs) with { Stop = stop.Token }).Run(clock => new VirtualLane(clock, MsNs / 2)
        {
            Outcomes = i =>
            {
                if (i == 399)
                {
                    stop.Cancel();
                }

                return (GrpcStatus.Ok, Failure.None);
            },
        });

        Sum(run, CellField.Planned).ShouldBe(1_000);
        Sum(run, CellField.Ok).ShouldBe(400);
        Sum(run, CellField.NotSentStopped).ShouldBe(600);
    }

    [Fact]
    public void Calls_that_outlive_the_drain_are_outstanding()
    {
        var clock = new VirtualClock();
        var plan = new RecordingPlan([new("all", 0, SecondNs)], 1, [], SecondNs, 10 * SecondNs);
        var recorder = new RunRecorder(plan, 1);
        using var lane = new VirtualLane(clock, 5 * SecondNs);
        new Worker(
            new EngineOptions { T0Ns = 0, DeadlineNs = 60 * SecondNs, DrainNs = SecondNs, SlotsPerWorker = 10 },
            ListedArrivals.At([0, MsNs]), lane, clock, new SingleAttempt(), recorder.ForWorker(0)).Run(SecondNs, CancellationToken.None);
        recorder.ForWorker(0).Cells.Sum(0, 10, 0, CellField.Outstanding).ShouldBe(2);
    }

    [Fact]
    public void The_loop_allocates_nothing_per_call()
    {
        long Allocated(int calls)
        {
            var clock = new VirtualClock();
            var plan = new RecordingPlan([new("all", 0, 100 * SecondNs)], 1, [200 * MsNs], SecondNs, SecondNs);
            var recorder = new RunRecorder(plan, 1);
            using var lane = new InstantLane(clock);
            var arrivals = ListedArrivals.At(Enumerable.Range(0, calls).Select(i => i * MsNs));
            var worker = new Worker(
                new EngineOptions { T0Ns = 0, DeadlineNs = SecondNs, DrainNs = SecondNs, SlotsPerWorker = 1000 }, arrivals, lane, clock, new SingleAttempt(), recorder.ForWorker(0));
            long before = GC.GetAllocatedBytesForCurrentThread();
            worker.Run(100 * SecondNs, CancellationToken.None);
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }

        // A collection that another test brings about gives up the rest of this thread's 8 KiB, and counts it as allocated: the least counts.
        Allocated(10);
        Enumerable.Range(0, 10).Min(_ => Allocated(50_000) - Allocated(10)).ShouldBe(0);
    }

    private static VirtualRun Even(int calls, long gapNs) =>
        new() { TimesNs = [.. Enumerable.Range(0, calls).Select(i => i * gapNs)], DurationNs = calls * gapNs };

    private static long Sum(RunRecord run, CellField field) => run.Cells.Sum(0, run.Cells.Grid.Count, -1, field);

    private static double Milliseconds(Histogram histogram, double percentile) => Math.Round(histogram.ValueAtPercentile(percentile) / (double)MsNs);

    /// <summary>Answers each call at once and keeps nothing.</summary>
    private sealed class InstantLane(VirtualClock clock) : ILane
    {
        private CallEvent _end;
        private bool _has;

        public StartResult TryStart(in CallStart call)
        {
            (_end, _has) = (new CallEvent(call.Slot, EventKind.Ended, 0, Failure.None, clock.NowNs, clock.NowNs, 0), true);
            return StartResult.Started;
        }

        public void Cancel(int slot)
        {
        }

        public int Poll(long untilNs, Span<CallEvent> events)
        {
            if (_has)
            {
                (events[0], _has) = (_end, false);
                return 1;
            }

            clock.NowNs = Math.Max(clock.NowNs, untilNs);
            return 0;
        }

        public ReadOnlySpan<byte> Reply(in CallEvent e) => default;

        public void Dispose()
        {
        }
    }

    private sealed class Spy(List<long> seen) : IClientBehaviour
    {
        public Next Begin(ref UserOp op) => Next.Attempt;

        public Next Ended(ref UserOp op, in CallEvent e, ReadOnlySpan<byte> reply)
        {
            seen.Add(e.AtNs - op.Arrival.IntendedNs);
            return Next.Done;
        }
    }
}
