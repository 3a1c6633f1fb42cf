using SpikeBench.Core.Engine;
using SpikeBench.Core.Recording;
using SpikeBench.Core.Schedule;

namespace SpikeBench.DriverBench.Offered;

/// <summary>The two generators that are compared: ours on one thread, and the loop of Task.Delay that others use.</summary>
internal static class Generators
{
    private const long SecondNs = 1_000_000_000;

    /// <summary>Our worker on a thread of its own, books and histograms included, over a null lane; a second of warm-up first.</summary>
    public static OfferedLoad Worker(ArrivalKind kind, double ratePerSecond, int seconds)
    {
        var clock = new MonotonicClock();
        int slots = Math.Max(10_000, (int)ratePerSecond);
        using var lane = new NullLane(clock, (int)(ratePerSecond * (seconds + 1) * 1.1) + 1_000, slots);
        long t0Ns = 0;
        LoadPlan plan = PlanOf(kind, ratePerSecond, seconds);
        var thread = new Thread(() =>
        {
            PreciseWait.PrepareThread();
            Run(PlanOf(kind, ratePerSecond, 1), clock.NowNs + SecondNs / 10);
            lane.Clear();
            GC.Collect();
            t0Ns = clock.NowNs + SecondNs / 10;
            Run(plan, t0Ns);
        });
        thread.Start();
        thread.Join();
        var due = new long[lane.Count];
        PlanCursor cursor = plan.Open();
        for (int i = 0; i < due.Length && cursor.MoveNext(); i++)
        {
            due[i] = cursor.Current.IntendedNs;
        }

        return new OfferedLoad(due, [.. lane.Stamps.Take(lane.Count).Select(t => t - t0Ns)], plan.Count().Total, seconds);

        void Run(LoadPlan load, long startNs)
        {
            var books = new RunRecorder(new RecordingPlan(load.Phases, 1, [200_000_000], 2 * SecondNs, SecondNs), 1);
            var options = new EngineOptions { T0Ns = startNs, DeadlineNs = SecondNs, DrainNs = 2 * SecondNs, SlotsPerWorker = slots };
            new Worker(options, new PlanArrivals(load, 0, 1), lane, clock, new SingleAttempt(), books.ForWorker(0)).Run(load.DurationNs, CancellationToken.None);
        }
    }

    /// <summary>
    /// The usual loop: every second so many tasks are started, each waits a random whole number of milliseconds of that second and sends;
    /// the loop itself waits for the rest of its second. What is due when is the loop's own draw.
    /// </summary>
    public static async Task<OfferedLoad> TaskDelayAsync(double ratePerSecond, int seconds)
    {
        var clock = new MonotonicClock();
        var random = new CounterRandom(1, CounterRandom.Stream.Gaps);
        int calls = (int)ratePerSecond * seconds;
        var due = new long[calls];
        var sent = new long[calls];
        var tasks = new Task[calls];
        await Task.WhenAll(Enumerable.Range(0, 1_000).Select(_ => Task.Delay(1)));
        long t0Ns = clock.NowNs;
        int next = 0;
        for (int second = 0; second < seconds; second++)
        {
            for (int i = 0; i < (int)ratePerSecond; i++, next++)
            {
                tasks[next] = OneAsync(next, second * SecondNs, (int)(random.Unit(next) * 1_000));
            }

            long leftNs = t0Ns + (second + 1) * SecondNs - clock.NowNs;
            if (leftNs > 0)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(leftNs / 1e6));
            }
        }

        await Task.WhenAll(tasks);
        return new OfferedLoad(due, sent, calls, seconds);

        async Task OneAsync(int call, long tickNs, int delayMs)
        {
            due[call] = tickNs + delayMs * 1_000_000L;
            await Task.Delay(delayMs);
            sent[call] = clock.NowNs - t0Ns;
        }
    }

    private static LoadPlan PlanOf(ArrivalKind kind, double ratePerSecond, int seconds)
    {
        var curve = new RateCurve([new ConstantRate(ratePerSecond, seconds * SecondNs)]);
        return new LoadPlan(new ArrivalSchedule(curve, kind, 1), [new Phase("all", 0, seconds * SecondNs)], [1.0]);
    }
}
