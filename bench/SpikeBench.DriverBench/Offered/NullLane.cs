using SpikeBench.Core.Engine;

namespace SpikeBench.DriverBench.Offered;

/// <summary>A lane without a network: each call is stamped when it is started and ends at the next poll. What is left is the generator.</summary>
internal sealed class NullLane(IClock clock, int capacity, int slots) : ILane
{
    private readonly PreciseWait _wait = new(clock);
    private readonly int[] _ended = new int[slots];
    private int _pending;

    /// <summary>When each call was started, in order, on the run's clock.</summary>
    public long[] Stamps { get; } = new long[capacity];

    public int Count { get; private set; }

    public void Clear() => Count = 0;

    public StartResult TryStart(in CallStart call)
    {
        Stamps[Count++] = clock.NowNs;
        _ended[_pending++] = call.Slot;
        return StartResult.Started;
    }

    public void Cancel(int slot)
    {
    }

    public int Poll(long untilNs, Span<CallEvent> events)
    {
        if (_pending == 0)
        {
            _wait.Until(untilNs);
            return 0;
        }

        int count = Math.Min(_pending, events.Length);
        long nowNs = clock.NowNs;
        for (int i = 0; i < count; i++)
        {
            events[i] = new CallEvent(_ended[--_pending], EventKind.Ended, 0, Failure.None, nowNs, nowNs, 0);
        }

        return count;
    }

    public ReadOnlySpan<byte> Reply(in CallEvent e) => default;

    public void Dispose() => _wait.Dispose();
}
