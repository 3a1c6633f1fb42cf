using SpikeBench.Core.Engine;
using SpikeBench.Core.Recording;
using SpikeBench.Core.Schedule;

namespace SpikeBench.Tests.Engine;

public sealed class CheckedReplyTests
{
    private const long SecondNs = 1_000_000_000;

    [Fact]
    public void An_OK_reply_that_fails_its_check_is_an_error_of_its_own_status_and_no_other_call_is_touched()
    {
        Arrival[] arrivals = [.. Enumerable.Range(0, 90).Select(i => new Arrival(i, i * 10_000_000L, i % 2, 0, 0))];
        var clock = new VirtualClock();
        using var lane = new VirtualLane(clock, 1_000_000) { Outcomes = i => i % 3 == 2 ? (GrpcStatus.Unavailable, Failure.Status) : (GrpcStatus.Ok, Failure.None) };
        var plan = new RecordingPlan([new Phase("all", 0, SecondNs)], 2, [], 2 * SecondNs, SecondNs);
        var recorder = new RunRecorder(plan, 1);
        var check = new EveryOther();
        var options = new EngineOptions { T0Ns = 0, DeadlineNs = SecondNs, DrainNs = 2 * SecondNs, SlotsPerWorker = 100, ReplyChecks = [null, check] };
        new Worker(options, new ListedArrivals(arrivals), lane, clock, new SingleAttempt(), recorder.ForWorker(0)).Run(SecondNs, CancellationToken.None);
        RunBooks books = recorder.Close();

        // 45 calls of the second operation, of which 15 were refused; of the 30 that were answered every other one is wrong.
        check.Asked.ShouldBe(30);
        books.Errors[GrpcStatus.BookedCount + GrpcStatus.CheckFailed].ShouldBe(15);
        books.Errors[GrpcStatus.BookedCount + GrpcStatus.Unavailable].ShouldBe(15);
        books.Errors[GrpcStatus.CheckFailed].ShouldBe(0, "the first operation has no check");
        books.Cells.Sum(0, books.Cells.Grid.Count, 1, CellField.Ok).ShouldBe(15);
        books.ErrorSeconds.Statuses.Sum(s => books.ErrorSeconds[0, s]).ShouldBe(books.Errors.Sum());
    }

    private sealed class EveryOther : IReplyCheck
    {
        public int Asked { get; private set; }

        public bool Holds(ReadOnlySpan<byte> reply) => Asked++ % 2 == 0;
    }
}
