using SpikeBench.Core.Schedule;

namespace SpikeBench.Core.Engine;

/// <summary>Where a worker's calls come from, in order of their due times.</summary>
public interface IArrivalSource
{
    /// <summary>When the next call is due, or when to ask again, in nanoseconds from T0; false when there is none left.</summary>
    bool TryPeek(out long dueNs);

    /// <summary>Takes the call that <see cref="TryPeek"/> saw; it must be due.</summary>
    Arrival Take();

    /// <summary>A call that was taken is over, whatever its outcome. A plan does not care; a closed load's next call depends on it.</summary>
    void Finished(in Arrival arrival, long atNs)
    {
    }

    /// <summary>After a stop: the next of the calls that were planned and will not be sent; false when there is none, or there was no plan.</summary>
    bool TrySkip(out Arrival arrival)
    {
        bool more = TryPeek(out _);
        arrival = more ? Take() : default;
        return more;
    }
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

    /// <summary>The source for a plan: its calls, or the copies of a closed load.</summary>
    public static IArrivalSource For(LoadPlan plan, int worker, int workers, IClock clock, long t0Ns) =>
        plan.Closed is null ? new PlanArrivals(plan, worker, workers) : new ClosedArrivals(plan, worker, workers, clock, t0Ns);

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
