using SpikeBench.Core.Engine;

namespace SpikeBench.Cli.SelfTest;

/// <summary>A clock that only its lane moves.</summary>
internal sealed class StoppedClock : IClock
{
    public long NowNs { get; set; }
}

/// <summary>
/// A target in virtual time whose every answer is known: one server, first come first served, a fixed service time, which starts nothing
/// while it is frozen. Time passes only in <see cref="Poll"/>.
/// </summary>
internal sealed class FrozenServerLane(StoppedClock clock, long serviceNs, long frozenFromNs, long frozenToNs) : ILane
{
    private readonly Queue<CallEvent> _ends = new();
    private long _freeNs;

    public StartResult TryStart(in CallStart call)
    {
        long startNs = Math.Max(clock.NowNs, _freeNs);
        if (startNs >= frozenFromNs && startNs < frozenToNs)
        {
            startNs = frozenToNs;
        }

        _freeNs = startNs + serviceNs;
        _ends.Enqueue(new CallEvent(call.Slot, EventKind.Ended, GrpcStatus.Ok, Failure.None, _freeNs, clock.NowNs, 0));
        return StartResult.Started;
    }

    public int Poll(long untilNs, Span<CallEvent> events)
    {
        clock.NowNs = Math.Max(clock.NowNs, _ends.TryPeek(out CallEvent first) ? Math.Min(untilNs, first.AtNs) : untilNs);
        int count = 0;
        while (count < events.Length && _ends.TryPeek(out CallEvent end) && end.AtNs <= clock.NowNs)
        {
            events[count++] = _ends.Dequeue();
        }

        return count;
    }

    public void Cancel(int slot)
    {
    }

    public ReadOnlySpan<byte> Reply(in CallEvent e) => default;

    public void Dispose()
    {
    }
}

/// <summary>Calls at given times, in this order.</summary>
internal sealed class GivenCalls(IReadOnlyList<Core.Schedule.Arrival> calls) : IArrivalSource
{
    private int _next;

    public bool TryPeek(out long dueNs)
    {
        dueNs = _next < calls.Count ? calls[_next].IntendedNs : long.MaxValue;
        return _next < calls.Count;
    }

    public Core.Schedule.Arrival Take() => calls[_next++];
}
