namespace SpikeBench.Core.Engine;

/// <summary>
/// The one clock of a run: monotonic nanoseconds from an origin that only differences matter of.
/// Everything that is timed is timed by the same instance, real or virtual.
/// </summary>
public interface IClock
{
    /// <summary>Nanoseconds since this clock's origin; never decreases.</summary>
    long NowNs { get; }
}
