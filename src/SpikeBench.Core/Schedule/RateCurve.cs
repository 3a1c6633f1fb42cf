namespace SpikeBench.Core.Schedule;

/// <summary>
/// λ(t), the rate that a profile plans, as segments one after another; and Λ(t), its integral.
/// </summary>
/// <remarks>
/// Times are nanoseconds from T0. Λ is one function of whole nanoseconds: everything that counts or places calls asks this one, so
/// counts and places agree to the last call at every boundary.
/// </remarks>
public sealed class RateCurve
{
    private readonly RateSegment[] _segments;
    private readonly long[] _startsNs;
    private readonly double[] _callsBefore;

    /// <exception cref="ArgumentException">There is no segment.</exception>
    public RateCurve(IEnumerable<RateSegment> segments)
    {
        _segments = [.. segments.Where(s => s.DurationNs > 0)];
        if (_segments.Length == 0)
        {
            throw new ArgumentException("A curve needs at least one segment that lasts.", nameof(segments));
        }

        _startsNs = new long[_segments.Length + 1];
        _callsBefore = new double[_segments.Length + 1];
        for (int i = 0; i < _segments.Length; i++)
        {
            _startsNs[i + 1] = _startsNs[i] + _segments[i].DurationNs;
            _callsBefore[i + 1] = _callsBefore[i] + _segments[i].Integral(_segments[i].DurationNs);
        }
    }

    /// <summary>The curve's length in nanoseconds.</summary>
    public long DurationNs => _startsNs[^1];

    /// <summary>Λ over the whole curve, in calls.</summary>
    public double TotalCalls => _callsBefore[^1];

    /// <summary>The largest rate anywhere, in calls per second.</summary>
    public double PeakRate => _segments.Max(s => s.PeakRate);

    /// <summary>λ at <paramref name="tNs"/> in calls per second; 0 outside the curve.</summary>
    public double RateAt(long tNs)
    {
        if (tNs < 0 || tNs >= DurationNs)
        {
            return 0;
        }

        int segment = SegmentAt(tNs);
        return _segments[segment].RateAt(tNs - _startsNs[segment]);
    }

    /// <summary>Λ at <paramref name="tNs"/>: calls planned in [0, <paramref name="tNs"/>).</summary>
    public double Integral(long tNs)
    {
        if (tNs <= 0)
        {
            return 0;
        }

        return tNs >= DurationNs ? TotalCalls : IntegralIn(SegmentAt(tNs), tNs);
    }

    /// <summary>The largest rate over [from, to), in calls per second.</summary>
    public double PeakRateIn(long fromNs, long toNs)
    {
        double peak = 0;
        for (int i = 0; i < _segments.Length; i++)
        {
            long from = Math.Max(fromNs, _startsNs[i]);
            long to = Math.Min(toNs, _startsNs[i + 1]);
            const int steps = 500;
            for (int step = 0; from < to && step <= steps; step++)
            {
                peak = Math.Max(peak, _segments[i].RateAt(from - _startsNs[i] + (to - from) * (step / (double)steps)));
            }
        }

        return peak;
    }

    /// <summary>Where the rate or its slope may jump, in nanoseconds; both ends left out.</summary>
    public IEnumerable<long> Breaks => _segments.SelectMany((segment, i) => segment.Breaks.Select(b => _startsNs[i] + b).Prepend(_startsNs[i])).Skip(1);

    /// <summary>
    /// Places calls: for each level the last nanosecond at which Λ is still below it, so that a call is counted in [0, T) exactly when
    /// Λ(T) ≥ its level.
    /// </summary>
    /// <param name="levels">Rising, above 0, at most <see cref="TotalCalls"/>.</param>
    /// <param name="timesNs">As many times as there are levels.</param>
    /// <param name="segment">Where to begin: 0 at first, then what the last call left here.</param>
    public void Place(ReadOnlySpan<double> levels, Span<long> timesNs, ref int segment)
    {
        for (int done = 0; done < levels.Length;)
        {
            while (_callsBefore[segment + 1] < levels[done])
            {
                segment++;
            }

            double end = _callsBefore[segment + 1];
            int run = 1;
            while (done + run < levels.Length && levels[done + run] <= end)
            {
                run++;
            }

            _segments[segment].Place(levels.Slice(done, run), _callsBefore[segment], _startsNs[segment], timesNs.Slice(done, run));
            done += run;
        }
    }

    private double IntegralIn(int segment, long tNs) => _callsBefore[segment] + _segments[segment].Integral(tNs - _startsNs[segment]);

    private int SegmentAt(long tNs)
    {
        int found = Array.BinarySearch(_startsNs, tNs);
        int segment = found >= 0 ? found : ~found - 1;
        return Math.Min(segment, _segments.Length - 1);
    }
}
