using System.Diagnostics;

namespace SpikeBench.Target.Hosting;

/// <summary>A clock that only moves forward, in nanoseconds from an origin of its own.</summary>
public interface IClock
{
    long NowNs { get; }
}

/// <summary>The process's one real clock: everything else takes an <see cref="IClock"/>.</summary>
public sealed class MonotonicClock : IClock
{
    private static readonly double NsPerTick = 1e9 / Stopwatch.Frequency;

    // On Linux the tick is the nanosecond: no conversion, so no rounding.
    private static readonly bool TickIsNs = Stopwatch.Frequency == 1_000_000_000;

#pragma warning disable RS0030 // The one place that reads the machine's clock.
    private readonly long _originTicks = Stopwatch.GetTimestamp();

    public long NowNs
    {
        get
        {
            long ticks = Stopwatch.GetTimestamp() - _originTicks;
            return TickIsNs ? ticks : (long)(ticks * NsPerTick);
        }
    }
#pragma warning restore RS0030
}
