using SpikeBench.Core.Schedule;

namespace SpikeBench.Core.Engine;

/// <summary>
/// A worker's copies of a closed load: a copy's next call is due the moment its last one ended.
/// </summary>
/// <remarks>
/// Copies and iterations are dealt out to the workers once; each worker counts its own. A call's intended time is when its copy became free,
/// so a slow target is not charged for the calls that it kept from being made: that is the closed model's blind spot, and why no claim
/// rests on it. Nothing is allocated per call.
/// </remarks>
public sealed class ClosedArrivals : IArrivalSource
{
    private readonly ClosedPlan _closed;
    private readonly IClock _clock;
    private readonly long _t0Ns;
    private readonly int _worker;
    private readonly int _workers;
    private readonly CallMix _mix;

    // Since when each idle copy has been free, the longest first.
    private readonly long[] _freeSinceNs;
    private int _firstIdle;
    private int _idle;
    private int _live;
    private long _left;
    private long _taken;
    private long _nextRiseNs;
    private long _lastDueNs;
    private bool _stopped;

    public ClosedArrivals(LoadPlan plan, int worker, int workers, IClock clock, long t0Ns)
    {
        _closed = plan.Closed!;
        _clock = clock;
        _t0Ns = t0Ns;
        _worker = worker;
        _workers = workers;
        _mix = plan.OpenMix();
        _freeSinceNs = new long[Math.Max(1, OwnOf(_closed.MostCopies))];
        _nextRiseNs = RiseAfter(0);
        _left = _closed.Iterations is { } iterations ? ShareOf(iterations) : long.MaxValue;
    }

    /// <inheritdoc/>
    public bool TryPeek(out long dueNs)
    {
        long nowNs = _clock.NowNs - _t0Ns;
        dueNs = long.MaxValue;
        bool over = _stopped || nowNs >= _closed.EndNs || _left == 0;
        if (over)
        {
            return false;
        }

        Adjust(Math.Max(0, nowNs));
        if (_idle == 0 && _nextRiseNs <= nowNs)
        {
            // A rise that came and went while the thread was away.
            _nextRiseNs = RiseAfter(nowNs);
        }

        dueNs = _idle > 0 ? _freeSinceNs[_firstIdle] : _nextRiseNs;
        return true;
    }

    /// <inheritdoc/>
    public Arrival Take()
    {
        long freeSinceNs = _freeSinceNs[_firstIdle];
        _firstIdle = (_firstIdle + 1) % _freeSinceNs.Length;
        _idle--;
        _left--;
        return _mix.At(_worker + _taken++ * _workers, freeSinceNs);
    }

    /// <inheritdoc/>
    public void Finished(in Arrival arrival, long atNs)
    {
        if (_live > OwnOf(_closed.CopiesAt(atNs)))
        {
            _live--;
            _nextRiseNs = RiseAfter(atNs);
            return;
        }

        Push(atNs);
    }

    /// <inheritdoc/>
    public bool TrySkip(out Arrival arrival)
    {
        // Nothing was planned, so nothing is left unsent.
        _stopped = true;
        arrival = default;
        return false;
    }

    /// <summary>Makes the live copies as many as there are to be: new ones are free since they came, surplus ones go when they are idle.</summary>
    private void Adjust(long nowNs)
    {
        int wanted = OwnOf(_closed.CopiesAt(nowNs));
        while (_live < wanted)
        {
            Push(Math.Min(nowNs, _nextRiseNs));
            _live++;
            _nextRiseNs = RiseAfter(_nextRiseNs);
        }

        while (_live > wanted && _idle > 0)
        {
            _idle--;
            _live--;
            _nextRiseNs = RiseAfter(nowNs);
        }
    }

    /// <summary>When the next copy comes; the end of the load if none does.</summary>
    private long RiseAfter(long nowNs) => _closed.NextAtLeast(_live * _workers + _worker + 1, nowNs);

    private void Push(long freeSinceNs)
    {
        // Ends are not seen in the order of their stamps, but phases are stepped through in order: a due time never goes back.
        _lastDueNs = Math.Max(_lastDueNs, freeSinceNs);
        _freeSinceNs[(_firstIdle + _idle) % _freeSinceNs.Length] = _lastDueNs;
        _idle++;
    }

    /// <summary>Copies worker, worker + workers, … are this worker's.</summary>
    private int OwnOf(int copies) => copies <= _worker ? 0 : (copies - _worker - 1) / _workers + 1;

    /// <summary>Iterations are shared by the workers that have copies.</summary>
    private long ShareOf(long iterations)
    {
        int sharers = Math.Min(_workers, _closed.MostCopies);
        return _worker >= sharers ? 0 : iterations / sharers + (_worker < iterations % sharers ? 1 : 0);
    }
}
