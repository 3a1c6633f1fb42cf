using SpikeBench.Core.Engine;

namespace SpikeBench.Tests.Engine;

/// <summary>A clock that only its lane moves.</summary>
internal sealed class VirtualClock : IClock
{
    public long NowNs { get; set; }
}

/// <summary>
/// A target in virtual time: one first-come-first-served server with a fixed service time that starts nothing while it is frozen.
/// Time passes only in <see cref="Poll"/>.
/// </summary>
internal sealed class VirtualLane(VirtualClock clock, long serviceNs, long frozenFromNs = long.MaxValue, long frozenToNs = long.MaxValue) : ILane
{
    private readonly PriorityQueue<CallEvent, (long AtNs, int Order)> _ends = new();
    private long _serverFreeNs;
    private int _order;

    public int MaxStreams { get; init; } = int.MaxValue;

    /// <summary>When the generator itself loses the processor: polls that would end inside return at the end.</summary>
    public (long FromNs, long ToNs) GeneratorPause { get; init; } = (long.MaxValue, long.MaxValue);

    /// <summary>How calls end, by their place in the order of starts; null ends them OK.</summary>
    public Func<int, (byte Status, Failure Failure)>? Outcomes { get; init; }

    /// <summary>Service times by the order of starts, all calls served at once; null: one server, the fixed time.</summary>
    public Func<int, long>? ServiceOf { get; init; }

    /// <summary>How many calls may wait for the one server; more are shed at once with RESOURCE_EXHAUSTED.</summary>
    public int MaxQueued { get; init; } = int.MaxValue;

    /// <summary>What it costs the generator to send a call: a slow one cannot show the target a steep edge.</summary>
    public long SendCostNs { get; init; }

    /// <summary>Says no connection stands.</summary>
    public bool Disconnected { get; set; }

    public int OpenStreams { get; private set; }

    public StartResult TryStart(in CallStart call)
    {
        if (Disconnected)
        {
            return StartResult.NoConnection;
        }

        if (OpenStreams >= MaxStreams)
        {
            return StartResult.NoStream;
        }

        OpenStreams++;
        clock.NowNs += SendCostNs;
        if (ServiceOf is null && MaxQueued < int.MaxValue && _serverFreeNs - clock.NowNs > MaxQueued * serviceNs)
        {
            _ends.Enqueue(new CallEvent(call.Slot, EventKind.Ended, GrpcStatus.ResourceExhausted, Failure.Status, clock.NowNs, clock.NowNs, 0), (clock.NowNs, _order++));
            return StartResult.Started;
        }

        long startNs = Math.Max(clock.NowNs, _serverFreeNs);
        if (startNs >= frozenFromNs && startNs < frozenToNs)
        {
            startNs = frozenToNs;
        }

        long endNs = ServiceOf is null ? _serverFreeNs = startNs + serviceNs : clock.NowNs + ServiceOf(_order);
        (byte status, Failure failure) = Outcomes?.Invoke(_order) ?? (GrpcStatus.Ok, Failure.None);
        CallEvent end = endNs <= call.DeadlineNs
            ? new CallEvent(call.Slot, EventKind.Ended, status, failure, endNs, clock.NowNs, 0)
            : new CallEvent(call.Slot, EventKind.Ended, GrpcStatus.DeadlineExceeded, Failure.Timeout, call.DeadlineNs, clock.NowNs, 0);
        _ends.Enqueue(end, (end.AtNs, _order++));
        return StartResult.Started;
    }

    public void Cancel(int slot)
    {
    }

    public int Poll(long untilNs, Span<CallEvent> events)
    {
        long next = _ends.TryPeek(out CallEvent first, out _) ? Math.Min(untilNs, first.AtNs) : untilNs;
        clock.NowNs = Math.Max(clock.NowNs, next);
        if (clock.NowNs >= GeneratorPause.FromNs && clock.NowNs < GeneratorPause.ToNs)
        {
            clock.NowNs = GeneratorPause.ToNs;
        }

        int count = 0;
        while (count < events.Length && _ends.TryPeek(out CallEvent e, out _) && e.AtNs <= clock.NowNs)
        {
            events[count++] = _ends.Dequeue();
            OpenStreams--;
        }

        return count;
    }

    public ReadOnlySpan<byte> Reply(in CallEvent e) => default;

    public void Dispose()
    {
    }
}
