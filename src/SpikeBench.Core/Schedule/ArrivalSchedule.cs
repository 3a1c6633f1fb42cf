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
}

/// <summary>
/// When each call is due: a pure function of curve, kind and seed, the same for any number of workers.
/// </summary>
/// <remarks>
/// Every kind is a rising series of levels y₀ ≤ y₁ ≤ … on the Λ axis; the call is due where Λ reaches its level:
/// <code>
/// even      yᵢ = i + 1
/// poisson   yᵢ = yᵢ₋₁ + E,  E exponential with mean 1 (time rescaling: Λ maps the process to unit rate)
/// uniform   the order statistics of ⌊Λ(s+1)⌋ − ⌊Λ(s)⌋ uniform levels in (Λ(s), Λ(s+1)), second by second
/// </code>
/// </remarks>
public sealed class ArrivalSchedule(RateCurve curve, ArrivalKind kind, ulong seed)
{
    public RateCurve Curve { get; } = curve;

    public ArrivalKind Kind { get; } = kind;

    public ulong Seed { get; } = seed;

    /// <summary>A fresh pass over all calls from the first.</summary>
    public ArrivalCursor Open() => new(this);
}

/// <summary>One pass over a schedule, in order; constant memory, nothing allocated per call.</summary>
public sealed class ArrivalCursor
{
    private const long SecondNs = 1_000_000_000;

    private readonly RateCurve _curve;
    private readonly ArrivalKind _kind;
    private readonly CounterRandom _random;
    private RateCurve.Place _place;
    private double _level;

    // Uniform only: the second being filled.
    private long _windowEndNs;
    private double _windowStartLevel;
    private double _windowCalls;
    private long _windowLeft;
    private double _windowGone;

    internal ArrivalCursor(ArrivalSchedule schedule)
    {
        _curve = schedule.Curve;
        _kind = schedule.Kind;
        _random = new CounterRandom(schedule.Seed, CounterRandom.Stream.Gaps);
    }

    /// <summary>The call's place in the plan, from 0; −1 before the first.</summary>
    public long Index { get; private set; } = -1;

    /// <summary>When the call is due, in nanoseconds from T0.</summary>
    public long IntendedNs { get; private set; }

    /// <summary>Steps to the next call; false when the plan is over.</summary>
    public bool MoveNext()
    {
        long index = Index + 1;
        switch (_kind)
        {
            case ArrivalKind.Even:
                _level = index + 1;
                break;
            case ArrivalKind.Poisson:
                _level -= Math.Log(_random.OpenUnit(index));
                break;
            default:
                if (!NextUniformLevel(index))
                {
                    return false;
                }

                break;
        }

        if (_level > _curve.TotalCalls)
        {
            return false;
        }

        Index = index;
        IntendedNs = _curve.LastNsBelow(_level, ref _place);
        return true;
    }

    private bool NextUniformLevel(long index)
    {
        while (_windowLeft == 0)
        {
            if (_windowEndNs >= _curve.DurationNs)
            {
                return false;
            }

            double start = _curve.Integral(_windowEndNs);
            _windowEndNs = Math.Min(_windowEndNs + SecondNs, _curve.DurationNs);
            double end = _curve.Integral(_windowEndNs);
            _windowStartLevel = start;
            _windowCalls = end - start;
            _windowLeft = (long)Math.Floor(end) - (long)Math.Floor(start);
            _windowGone = 0;
        }

        // The smallest of m uniforms on (g, 1) is 1 − (1 − g)·V^(1/m): order statistics one by one, with no memory and no sort.
        _windowGone = 1 - (1 - _windowGone) * Math.Pow(_random.OpenUnit(index), 1.0 / _windowLeft);
        _windowLeft--;
        _level = Math.Max(_windowStartLevel + _windowGone * _windowCalls, double.Epsilon);
        return true;
    }
}
