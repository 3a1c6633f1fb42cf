using SpikeBench.Core.Engine;
using SpikeBench.Core.Recording;
using SpikeBench.Core.Schedule;

namespace SpikeBench.Tests.Recording;

/// <summary>
/// What a run keeps depends on how long it is and not on how many calls it makes: two hours of books, taken interval by interval as a run
/// takes them, at two rates. The whole 144 million calls of two hours at 20,000/s are in the benchmarks.
/// </summary>
public sealed class LongRunTests
{
    private const long MsNs = 1_000_000;
    private const long SecondNs = 1_000_000_000;
    private const long TwoHoursNs = 7_200 * SecondNs;
    private const long Limit = 300_000_000;

    [Fact]
    public void Two_hours_take_the_same_memory_at_ten_times_the_calls()
    {
        long few = AllocatedBy(callsPerSecond: 8), many = AllocatedBy(callsPerSecond: 80);
        many.ShouldBeLessThan(Limit / 2);
        ((double)many / few).ShouldBeInRange(0.99, 1.01);
    }

    [Theory]
    [InlineData(10, 1)]
    [InlineData(1_800, 1)]
    [InlineData(1_801, 2)]
    [InlineData(7_200, 4)]
    [InlineData(86_400, 48)]
    public void A_log_has_at_most_1_800_rows_of_a_kind(int seconds, int intervalSeconds) =>
        RecordingPlan.IntervalNs(seconds * SecondNs).ShouldBe(intervalSeconds * SecondNs);

    /// <summary>Every byte that the books of two hours and their intervals take, garbage included.</summary>
    private static long AllocatedBy(int callsPerSecond)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        var plan = new RecordingPlan([new Phase("soak", 0, TwoHoursNs)], 2, [50 * MsNs, 200 * MsNs], 2 * SecondNs, SecondNs);
        var recorder = new RunRecorder(plan, 1);
        OutcomeRecorder books = recorder.ForWorker(0);
        var taker = new IntervalTaker(recorder, null);
        long intervalNs = RecordingPlan.IntervalNs(TwoHoursNs), taken = 0;
        for (int second = 0; second < 7_200; second++)
        {
            for (int i = 0; i < callsPerSecond; i++)
            {
                // The same eight response times in every second, however many calls share them.
                long intendedNs = second * SecondNs + i * (SecondNs / callsPerSecond);
                var arrival = new Arrival(second * callsPerSecond + i, intendedNs, i % 2, 0, 0);
                books.Took(arrival);
                books.Dispatched(arrival, intendedNs + MsNs / 10);
                long tookNs = (1 << (i % 8)) * MsNs;
                books.Ended(new UserOp { Arrival = arrival, DispatchedNs = intendedNs }, new CallEvent(0, EventKind.Ended, GrpcStatus.Ok, Failure.None, intendedNs + tookNs, -1, 0));
            }

            long nowNs = (second + 1) * SecondNs;
            if (nowNs - taken >= intervalNs)
            {
                taker.Take(nowNs);
                taken = nowNs;
            }
        }

        recorder.Close().Cells.Sum(0, 72_000, -1, CellField.Ok).ShouldBe(7_200L * callsPerSecond);
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }
}
