namespace SpikeBench.Core.Schedule;

/// <summary>How the rate runs between a trace's samples.</summary>
public enum TraceShape
{
    /// <summary>Straight lines that keep every sample's calls: see <see cref="Trace.Segments"/>.</summary>
    Smooth,

    /// <summary>Each sample's rate held until the next.</summary>
    Hold,
}

/// <summary>
/// A recorded load: rates over time, or single arrivals. Times are nanoseconds from the first.
/// </summary>
/// <remarks>
/// A sample is the mean rate of its window, from its time to the next one's; the last window is as long as the one before. Meters know no
/// more than that, so whatever is drawn inside a window must keep its calls.
/// </remarks>
public sealed class Trace
{
    private readonly long[] _timesNs;
    private readonly double[]? _rates;

    private Trace(long[] timesNs, double[]? rates)
    {
        _timesNs = timesNs;
        _rates = rates;
    }

    /// <summary>A trace of rates.</summary>
    /// <param name="timesNs">Rising strictly from 0, at least two.</param>
    /// <param name="ratesPerSecond">As many, 0 or above.</param>
    public static Trace OfRates(long[] timesNs, double[] ratesPerSecond) => new(timesNs, ratesPerSecond);

    /// <summary>A trace of single arrivals.</summary>
    /// <param name="timesNs">Never going back, from 0; equal times are calls at the same moment.</param>
    public static Trace OfArrivals(long[] timesNs) => new(timesNs, null);

    /// <summary>True for single arrivals.</summary>
    public bool IsArrivals => _rates is null;

    /// <summary>How many samples, or arrivals.</summary>
    public int Count => _timesNs.Length;

    /// <summary>The highest sample; of arrivals the highest rate of any full second.</summary>
    public double PeakRate => _rates is null ? BusiestSecond() : _rates.Max();

    /// <summary>How long the trace lasts.</summary>
    public long DurationNs => _rates is null ? _timesNs[^1] + 1 : _timesNs[^1] + (_timesNs[^1] - _timesNs[^2]);

    /// <summary>
    /// The trace as a curve.
    /// </summary>
    /// <remarks>
    /// <para>Rates, smooth: in a window of mean m between windows of means l and r the rate runs in two straight lines from the border with
    /// l over the window's middle to the border with r. A border between means a and b is at min((a + b)/2, 2a, 2b), so that the middle
    /// (4m − border − border)/2, which makes the window's calls exact, is never below 0. The outer borders are at the mean itself.</para>
    /// <para>Arrivals: one call from each arrival to the next, evenly, so that the n-th call of an even schedule at scale 1 falls on the n-th
    /// recorded nanosecond, and a scaled trace has its extra calls between those.</para>
    /// </remarks>
    /// <param name="scale">What rates are multiplied by.</param>
    /// <param name="between">How the rate runs between samples; of no meaning for arrivals.</param>
    /// <param name="compression">κ: times are divided by it, rates stay.</param>
    public IEnumerable<RateSegment> Segments(double scale, TraceShape between, double compression) =>
        _rates is null ? ArrivalSegments(scale, compression) : RateSegments(_rates, scale, between, compression);

    private IEnumerable<RateSegment> RateSegments(double[] rates, double scale, TraceShape between, double compression)
    {
        for (int i = 0; i < rates.Length; i++)
        {
            long from = Played(_timesNs[i], compression);
            long to = Played(i + 1 < rates.Length ? _timesNs[i + 1] : DurationNs, compression);
            double mean = rates[i] * scale;
            if (between == TraceShape.Hold || to - from < 2)
            {
                yield return new ConstantRate(mean, to - from);
                continue;
            }

            double left = i == 0 ? mean : Border(rates[i - 1] * scale, mean);
            double right = i + 1 == rates.Length ? mean : Border(mean, rates[i + 1] * scale);
            double middle = (4 * mean - left - right) / 2;
            long half = (to - from) / 2;
            if (left == middle && middle == right)
            {
                yield return new ConstantRate(mean, to - from);
                continue;
            }

            // An odd window's halves differ by a nanosecond: the middle makes up for it.
            long rest = to - from - half;
            middle = (2 * mean * (to - from) - left * half - right * rest) / (to - from);
            yield return new LinearRate(left, Math.Max(0, middle), half);
            yield return new LinearRate(Math.Max(0, middle), right, rest);
        }
    }

    private static double Border(double a, double b) => Math.Min((a + b) / 2, 2 * Math.Min(a, b));

    private IEnumerable<RateSegment> ArrivalSegments(double scale, double compression)
    {
        // A call is due at the last nanosecond before Λ reaches it: the stretch to an arrival ends one nanosecond after it.
        long from = 0;
        for (int i = 0; i < _timesNs.Length;)
        {
            int next = i + 1;
            while (next < _timesNs.Length && _timesNs[next] == _timesNs[i])
            {
                next++;
            }

            long recordedFrom = i == 0 ? 0 : _timesNs[i - 1] + 1;
            long to = Played(_timesNs[i] + 1, compression);
            double rate = (next - i) / ((_timesNs[i] + 1 - recordedFrom) / 1e9) * scale;
            if (to > from)
            {
                // Not a rounding error below the whole call, which would then come a nanosecond late.
                yield return new ConstantRate(Math.BitIncrement(rate), to - from);
                from = to;
            }

            i = next;
        }
    }

    private static long Played(long ns, double compression) => compression == 1 ? ns : (long)(ns / compression);

    private double BusiestSecond()
    {
        const long secondNs = 1_000_000_000;
        int most = 0;
        for (int first = 0, last = 0; last < _timesNs.Length; last++)
        {
            while (_timesNs[last] - _timesNs[first] >= secondNs)
            {
                first++;
            }

            most = Math.Max(most, last - first + 1);
        }

        return most;
    }
}
