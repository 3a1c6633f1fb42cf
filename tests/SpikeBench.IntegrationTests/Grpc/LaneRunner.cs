using SpikeBench.Core.Engine;
using SpikeBench.Grpc;
using SpikeBench.Grpc.Epoll;

namespace SpikeBench.IntegrationTests.Grpc;

/// <summary>A raw driver with one lane, run from the test's own thread.</summary>
internal sealed class LaneRunner : IAsyncDisposable
{
    private const long NsPerSecond = 1_000_000_000;
    private readonly CallEvent[] _events = new CallEvent[64];
    private readonly Queue<int> _freeSlots;

    private LaneRunner(RawDriver driver, CallPlan plan)
    {
        Driver = driver;
        Clock = new MonotonicClock();
        Lane = (EpollLane)driver.OpenLane(0, Clock);
        _freeSlots = new Queue<int>(Enumerable.Range(0, plan.SlotsPerLane));
    }

    public RawDriver Driver { get; }

    public EpollLane Lane { get; }

    public MonotonicClock Clock { get; }

    public static CallPlan Plan(Uri target, int connections = 1, int slots = 256, params PlannedOperation[] operations) => new()
    {
        Target = target,
        Operations = operations,
        Lanes = 1,
        Connections = connections,
        SlotsPerLane = slots,
        RunId = "test-run",
        ConnectTimeout = TimeSpan.FromSeconds(30),
    };

    public static async Task<LaneRunner> OpenAsync(CallPlan plan, RawDriverOptions? options = null)
    {
        var driver = new RawDriver(options);
        await driver.PrepareAsync(plan, CancellationToken.None);
        return new LaneRunner(driver, plan);
    }

    public long In(double seconds) => Clock.NowNs + (long)(seconds * NsPerSecond);

    /// <summary>Starts a call on the next slot, polling while there is no stream for it.</summary>
    public int Start(List<CallEvent> ended, int operation = 0, int payload = 0, double deadlineSeconds = 10)
    {
        while (_freeSlots.Count == 0)
        {
            Poll(ended, 0.05);
        }

        int slot = _freeSlots.Dequeue();
        var call = new CallStart(slot, operation, 0, payload, In(deadlineSeconds));
        while (true)
        {
            StartResult result = Lane.TryStart(call);
            if (result == StartResult.Started)
            {
                return slot;
            }

            result.ShouldBe(StartResult.NoStream);
            Poll(ended, 0.05);
        }
    }

    /// <summary>One poll.</summary>
    public void Poll(List<CallEvent> ended, double seconds)
    {
        int count = Lane.Poll(In(seconds), _events);
        foreach (CallEvent e in _events.AsSpan(0, count))
        {
            ended.Add(e);
            _freeSlots.Enqueue(e.Slot);
        }
    }

    /// <summary>Polls until so many calls have ended.</summary>
    public void PollUntil(List<CallEvent> ended, int count, double seconds = 20)
    {
        long end = In(seconds);
        while (ended.Count < count && Clock.NowNs < end)
        {
            Poll(ended, 0.1);
        }

        ended.Count.ShouldBe(count);
    }

    public CallEvent Call(int operation = 0, int payload = 0, double deadlineSeconds = 10)
    {
        List<CallEvent> ended = [];
        Start(ended, operation, payload, deadlineSeconds);
        PollUntil(ended, 1);
        return ended[0];
    }

    public async ValueTask DisposeAsync()
    {
        Lane.Dispose();
        await Driver.DisposeAsync();
    }
}
