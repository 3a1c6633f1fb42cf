using System.Text.Json.Serialization;

namespace SpikeBench.Core.Schedule;

/// <summary>How calls are placed under the curve.</summary>
public enum ArrivalKind
{
    /// <summary>Evenly: the n-th call comes when Λ reaches n. Counts equal the integral exactly.</summary>
    Even,

    /// <summary>A Poisson process with rate λ(t): many independent users. The total is random and fixed by the seed.</summary>
    Poisson,

    /// <summary>At random inside each second, whose count is exact: what NBomber's inject does.</summary>
    Uniform,

    /// <summary>NBomber 4.1.2 to 5.7: its ticks, its integer-percent ramps, each call at a random whole millisecond of its interval.</summary>
    [JsonStringEnumMemberName("nbomber-4")]
    NBomber4,

    /// <summary>NBomber 4.0 to 4.1.0: the same ticks and ramps, all calls of a tick at once.</summary>
    [JsonStringEnumMemberName("nbomber-4-burst")]
    NBomber4Burst,
}

/// <summary>
/// When each call is due: a pure function of curve, kind and seed, the same for any number of workers and on every machine.
/// </summary>
/// <remarks>
/// The first three kinds are a rising series of levels y₀ ≤ y₁ ≤ … on the Λ axis; the call is due where Λ reaches its level:
/// <code>
/// even      yᵢ = i + 1
/// poisson   yᵢ = yᵢ₋₁ + E,  E exponential with mean 1 (time rescaling: Λ maps the process to unit rate)
/// uniform   the order statistics of ⌊Λ(s+1)⌋ − ⌊Λ(s)⌋ uniform levels in (Λ(s), Λ(s+1)), second by second
/// </code>
/// NBomber's kinds place calls in time by its ticks (<see cref="NBomberTicks"/>).
/// </remarks>
public sealed class ArrivalSchedule
{
    /// <param name="curve">λ(t).</param>
    /// <param name="kind">How calls are placed.</param>
    /// <param name="seed">Fixes every draw.</param>
    /// <param name="ticks">The ticks, for NBomber's kinds and only for them.</param>
    public ArrivalSchedule(RateCurve curve, ArrivalKind kind, ulong seed, IReadOnlyList<InjectionTick>? ticks = null)
    {
        if (ticks is null == kind is ArrivalKind.NBomber4 or ArrivalKind.NBomber4Burst)
        {
            throw new ArgumentException("NBomber's kinds of arrivals, and no others, are placed by ticks.", nameof(ticks));
        }

        Curve = curve;
        Kind = kind;
        Seed = seed;
        Ticks = ticks;
    }

    public RateCurve Curve { get; }

    public ArrivalKind Kind { get; }

    public ulong Seed { get; }

    internal IReadOnlyList<InjectionTick>? Ticks { get; }

    /// <summary>A fresh pass over the calls of worker <paramref name="worker"/> of <paramref name="workers"/>: every <paramref name="workers"/>-th from the <paramref name="worker"/>-th.</summary>
    public ArrivalCursor Open(int worker = 0, int workers = 1) => new(this, worker, workers);
}

/// <summary>One pass over a worker's share of a schedule, in order; constant memory, nothing allocated per call.</summary>
/// <remarks>
/// Calls are made in blocks, a tight loop per step: draw levels, then place them. Of the other workers' calls only the draws that a level
/// depends on are made, a few nanoseconds each; none at all for even arrivals.
/// </remarks>
public sealed class ArrivalCursor
{
    private const int Block = 128;

    private readonly IArrivalSeries _series;
    private readonly long[] _timesNs = new long[Block];
    private readonly int _workers;
    private long _firstOfBlock;
    private int _at;
    private int _count;

    internal ArrivalCursor(ArrivalSchedule schedule, int worker, int workers)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(workers, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)worker, (uint)workers, nameof(worker));
        _workers = workers;
        _firstOfBlock = worker;
        _series = schedule.Kind switch
        {
            ArrivalKind.Even => new LevelSeries(schedule.Curve, new EvenLevels(schedule.Curve, worker, workers), Block),
            ArrivalKind.Poisson => new LevelSeries(schedule.Curve, new PoissonLevels(schedule.Curve, schedule.Seed, worker, workers), Block),
            ArrivalKind.Uniform => new LevelSeries(schedule.Curve, new UniformLevels(schedule.Curve, schedule.Seed, worker, workers), Block),
            _ => new TickSeries(schedule.Ticks!, schedule.Kind == ArrivalKind.NBomber4, schedule.Seed, worker, workers),
        };
        _at = -1;
    }

    /// <summary>The call's place in the plan, from 0; meaningless before the first.</summary>
    public long Index => _firstOfBlock + (long)_at * _workers;

    /// <summary>When the call is due, in nanoseconds from T0.</summary>
    public long IntendedNs => _timesNs[_at];

    /// <summary>Steps to the next call; false when the plan is over.</summary>
    public bool MoveNext() => ++_at < _count || Refill();

    private bool Refill()
    {
        _firstOfBlock += (long)_count * _workers;
        _count = _series.Fill(_timesNs);
        _at = 0;
        return _count > 0;
    }
}

/// <summary>The times of a worker's share, block by block.</summary>
internal interface IArrivalSeries
{
    /// <summary>Fills in the next times, in nanoseconds from T0; fewer than there is room for only at the end, then none.</summary>
    int Fill(Span<long> timesNs);
}

/// <summary>Times from levels.</summary>
internal sealed class LevelSeries(RateCurve curve, ILevels levels, int block) : IArrivalSeries
{
    private readonly double[] _levels = new double[block];
    private int _segment;

    public int Fill(Span<long> timesNs)
    {
        int count = levels.Fill(_levels);
        curve.Place(_levels.AsSpan(0, count), timesNs[..count], ref _segment);
        return count;
    }
}
