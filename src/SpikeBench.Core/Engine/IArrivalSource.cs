using SpikeBench.Core.Schedule;

namespace SpikeBench.Core.Engine;

/// <summary>Where a worker's calls come from, in order of their due times.</summary>
public interface IArrivalSource
{
    /// <summary>When the next call is due, in nanoseconds from T0; false when there is none left.</summary>
    bool TryPeek(out long dueNs);

    /// <summary>Takes the call that <see cref="TryPeek"/> saw.</summary>
    Arrival Take();
}

/// <summary>A worker's share of an open-model plan.</summary>
public sealed class PlanArrivals : IArrivalSource
{
    private readonly PlanCursor _cursor;
    private bool _has;

    public PlanArrivals(LoadPlan plan, int worker, int workers)
    {
        _cursor = plan.Open(worker, workers);
        _has = _cursor.MoveNext();
    }

    public bool TryPeek(out long dueNs)
    {
        dueNs = _has ? _cursor.Current.IntendedNs : long.MaxValue;
        return _has;
    }

    public Arrival Take()
    {
        Arrival arrival = _cursor.Current;
        _has = _cursor.MoveNext();
        return arrival;
    }
}
