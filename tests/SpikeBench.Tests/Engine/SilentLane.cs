using SpikeBench.Core.Engine;

namespace SpikeBench.Tests.Engine;

/// <summary>A lane that takes every call and ends none, not even at its deadline: what no lane may do, and what must not hang a run.</summary>
internal sealed class SilentLane(VirtualClock clock) : ILane
{
    /// <summary>Calls given up.</summary>
    public int Cancelled { get; private set; }

    public StartResult TryStart(in CallStart call) => StartResult.Started;

    public void Cancel(int slot) => Cancelled++;

    public int Poll(long untilNs, Span<CallEvent> events)
    {
        clock.NowNs = Math.Max(clock.NowNs, untilNs);
        return 0;
    }

    public ReadOnlySpan<byte> Reply(in CallEvent e) => default;

    public void Dispose()
    {
    }
}
