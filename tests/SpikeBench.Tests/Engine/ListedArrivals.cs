using SpikeBench.Core.Engine;
using SpikeBench.Core.Schedule;

namespace SpikeBench.Tests.Engine;

/// <summary>A plan that is a list.</summary>
internal sealed class ListedArrivals(IReadOnlyList<Arrival> arrivals) : IArrivalSource
{
    private int _next;

    /// <summary>Calls of one operation at given times.</summary>
    public static ListedArrivals At(IEnumerable<long> timesNs) => new([.. timesNs.Select((t, i) => new Arrival(i, t, 0, 0, 0))]);

    public bool TryPeek(out long dueNs)
    {
        dueNs = _next < arrivals.Count ? arrivals[_next].IntendedNs : long.MaxValue;
        return _next < arrivals.Count;
    }

    public Arrival Take() => arrivals[_next++];
}
