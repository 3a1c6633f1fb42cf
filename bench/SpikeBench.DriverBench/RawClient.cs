using SpikeBench.Core.Engine;
using SpikeBench.Grpc;
using SpikeBench.Histograms;

namespace SpikeBench.DriverBench;

/// <summary>Drives the raw driver through the seam that the engine uses, from one thread.</summary>
internal static class RawClient
{
    private const long NsPerSecond = 1_000_000_000;
    private const int EventBatch = 512;

    /// <summary>One operation with messages of 100 bytes.</summary>
    public static CallPlan Plan(Uri target, int connections, int slots, int payloads = 1) => new()
    {
        Target = target,
        Operations = [new PlannedOperation("send", "/spikebench.messenger.v1.Messenger/Send", [.. Enumerable.Repeat(new byte[100], payloads)])],
        Lanes = 1,
        Connections = connections,
        SlotsPerLane = slots,
        RunId = "driver-bench",
    };

    /// <summary>Each connection's window is kept full: the driver's own ceiling.</summary>
    public static Task<Measurement> ClosedAsync(Uri target, int connections, int window, double warmSeconds, double seconds) =>
        ClosedAsync(Plan(target, connections, connections * window), warmSeconds, seconds);

    /// <summary>The same for a plan of one operation, whose messages are taken in turn.</summary>
    public static async Task<Measurement> ClosedAsync(CallPlan plan, double warmSeconds, double seconds)
    {
        int slots = plan.SlotsPerLane;
        await using var driver = new RawDriver();
        await driver.PrepareAsync(plan, CancellationToken.None);
        return OnThread(() =>
        {
            var clock = new MonotonicClock();
            using ILane lane = driver.OpenLane(0, clock);
            var loop = new ClosedLoop(lane, clock, slots, plan.Operations[0].Payloads.Count);
            loop.RunUntil(clock.NowNs + (long)(warmSeconds * NsPerSecond));

            long callsBefore = loop.Ended;
            var cpu = new CpuMeter();
            long allocatedBefore = GC.GetAllocatedBytesForCurrentThread();
            long start = clock.NowNs;
            loop.RunUntil(start + (long)(seconds * NsPerSecond));
            long allocated = GC.GetAllocatedBytesForCurrentThread() - allocatedBefore;
            double user = cpu.UserUs;
            double kernel = cpu.KernelUs;
            double elapsed = (clock.NowNs - start) / (double)NsPerSecond;
            double calls = loop.Ended - callsBefore;
            return new Measurement
            {
                ["rate"] = calls / elapsed,
                ["user_us"] = user / calls,
                ["kernel_us"] = kernel / calls,
                ["cpu_us"] = (user + kernel) / calls,
                ["util"] = (user + kernel) / 1e6 / elapsed,
                ["alloc_bytes"] = allocated / calls,
                ["failed"] = loop.Failed,
                ["rss_mb"] = Environment.WorkingSet / 1e6,
            };
        });
    }

    /// <summary>Calls at fixed intended times, whatever becomes of the ones before: how late the driver's loop lets them go.</summary>
    public static async Task<Measurement> OpenAsync(Uri target, int connections, double rate, double warmSeconds, double seconds)
    {
        int slots = (int)Math.Clamp(rate, 1_000, 100_000);
        await using var driver = new RawDriver();
        await driver.PrepareAsync(Plan(target, connections, slots), CancellationToken.None);
        return OnThread(() =>
        {
            var clock = new MonotonicClock();
            using ILane lane = driver.OpenLane(0, clock);
            var loop = new OpenLoop(lane, clock, slots, NsPerSecond / rate);
            loop.RunFor(warmSeconds);
            loop.Reset();
            var cpu = new CpuMeter();
            long allocatedBefore = GC.GetAllocatedBytesForCurrentThread();
            loop.RunFor(seconds);
            long allocated = GC.GetAllocatedBytesForCurrentThread() - allocatedBefore;
            double busy = cpu.UserUs + cpu.KernelUs;
            return new Measurement
            {
                ["rate"] = loop.Started / seconds,
                ["cpu_us"] = busy / loop.Started,
                ["util"] = busy / 1e6 / seconds,
                ["alloc_bytes"] = allocated,
                ["late_p50_us"] = loop.Lateness.ValueAtPercentile(50) / 1e3,
                ["late_p99_us"] = loop.Lateness.ValueAtPercentile(99) / 1e3,
                ["late_p999_us"] = loop.Lateness.ValueAtPercentile(99.9) / 1e3,
                ["resp_p50_us"] = loop.Response.ValueAtPercentile(50) / 1e3,
                ["resp_p99_us"] = loop.Response.ValueAtPercentile(99) / 1e3,
                ["failed"] = loop.Failed,
                ["rss_mb"] = Environment.WorkingSet / 1e6,
            };
        });
    }

    // The lane belongs to one thread, and a thread of its own shows that thread's allocations alone.
    private static Measurement OnThread(Func<Measurement> run)
    {
        Measurement? result = null;
        var thread = new Thread(() => result = run());
        thread.Start();
        thread.Join();
        return result!;
    }

    private sealed class ClosedLoop
    {
        private const long DeadlineNs = 10 * NsPerSecond;
        private readonly ILane _lane;
        private readonly MonotonicClock _clock;
        private readonly CallEvent[] _events = new CallEvent[EventBatch];
        private readonly int[] _free;
        private readonly int _payloads;
        private int _freeCount;
        private int _payload;
        private long _started;

        public ClosedLoop(ILane lane, MonotonicClock clock, int slots, int payloads)
        {
            _payloads = payloads;
            _lane = lane;
            _clock = clock;
            _free = [.. Enumerable.Range(0, slots)];
            _freeCount = slots;
        }

        public long Ended { get; private set; }

        public long Failed { get; private set; }

        public void RunUntil(long endNs)
        {
            for (long now = _clock.NowNs; now < endNs; now = _clock.NowNs)
            {
                while (_freeCount > 0 && _lane.TryStart(new CallStart(_free[_freeCount - 1], 0, _started, _payload, now + DeadlineNs)) == StartResult.Started)
                {
                    _freeCount--;
                    _started++;
                    _payload = _payload + 1 == _payloads ? 0 : _payload + 1;
                }

                int count = _lane.Poll(endNs, _events);
                for (int i = 0; i < count; i++)
                {
                    ref readonly CallEvent e = ref _events[i];
                    _free[_freeCount++] = e.Slot;
                    Failed += e.Failure == Failure.None ? 0 : 1;
                }

                Ended += count;
            }
        }
    }

    private sealed class OpenLoop
    {
        private const long DeadlineNs = NsPerSecond;
        private readonly ILane _lane;
        private readonly MonotonicClock _clock;
        private readonly double _intervalNs;
        private readonly CallEvent[] _events = new CallEvent[EventBatch];
        private readonly long[] _intendedOf;
        private readonly int[] _free;
        private int _freeCount;

        public OpenLoop(ILane lane, MonotonicClock clock, int slots, double intervalNs)
        {
            _lane = lane;
            _clock = clock;
            _intervalNs = intervalNs;
            _intendedOf = new long[slots];
            _free = [.. Enumerable.Range(0, slots)];
            _freeCount = slots;
        }

        public Histogram Lateness { get; } = new(1, 60 * NsPerSecond, 3);

        public Histogram Response { get; } = new(1, 60 * NsPerSecond, 3);

        public long Started { get; private set; }

        public long Failed { get; private set; }

        public void Reset()
        {
            Lateness.Reset();
            Response.Reset();
            Started = 0;
            Failed = 0;
        }

        public void RunFor(double seconds)
        {
            long start = _clock.NowNs;
            long end = start + (long)(seconds * NsPerSecond);
            long number = 0;
            long due = start;
            for (long now = start; due < end; now = _clock.NowNs)
            {
                while (due <= now && due < end && _freeCount > 0
                    && _lane.TryStart(new CallStart(_free[_freeCount - 1], 0, number, 0, now + DeadlineNs)) == StartResult.Started)
                {
                    _intendedOf[_free[--_freeCount]] = due;
                    Lateness.TryRecord(now - due);
                    Started++;
                    due = start + (long)(++number * _intervalNs);
                }

                Take(_lane.Poll(Math.Min(due, end), _events));
            }
        }

        private void Take(int count)
        {
            for (int i = 0; i < count; i++)
            {
                ref readonly CallEvent e = ref _events[i];
                Response.TryRecord(e.AtNs - _intendedOf[e.Slot]);
                _free[_freeCount++] = e.Slot;
                Failed += e.Failure == Failure.None ? 0 : 1;
            }
        }
    }
}
