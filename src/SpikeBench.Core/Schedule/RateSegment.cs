using System.Runtime.Intrinsics;

namespace SpikeBench.Core.Schedule;

/// <summary>
/// One stretch of the rate curve with its integral. Inside a segment time is counted from the segment's start.
/// </summary>
public abstract class RateSegment
{
    protected RateSegment(long durationNs)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(durationNs);
        DurationNs = durationNs;
    }

    /// <summary>How long the segment lasts, in nanoseconds.</summary>
    public long DurationNs { get; }

    /// <summary>The rate at <paramref name="dtNs"/> from the segment's start, in calls per second.</summary>
    public abstract double RateAt(double dtNs);

    /// <summary>∫ of the rate over [0, <paramref name="dtNs"/>], in calls; never decreases in <paramref name="dtNs"/>.</summary>
    public abstract double Integral(long dtNs);

    /// <summary>The segment's largest rate, in calls per second.</summary>
    public abstract double PeakRate { get; }

    /// <summary>Where the rate or its slope may jump, in whole nanoseconds from the segment's start; both ends left out.</summary>
    public virtual IEnumerable<long> Breaks => [];

    /// <summary>
    /// Places calls: for each level the last nanosecond, from the plan's start, at which <paramref name="before"/> + integral is still
    /// below it. Where a level is reached at once that is the segment's start.
    /// </summary>
    /// <param name="levels">Rising, above <paramref name="before"/>, at most <paramref name="before"/> plus the whole integral.</param>
    /// <param name="before">Λ at the segment's start.</param>
    /// <param name="startNs">The segment's start in the plan.</param>
    /// <param name="timesNs">As many times as there are levels.</param>
    public abstract void Place(ReadOnlySpan<double> levels, double before, long startNs, Span<long> timesNs);

    /// <summary>The last nanosecond below a level, searched outwards from any guess: doubling steps, then halving.</summary>
    protected long Search(long guessNs, double level, double before)
    {
        long low, high;
        long step = 1;
        if (before + Integral(guessNs) < level)
        {
            high = guessNs;
            do
            {
                low = high;
                high = Math.Min(DurationNs, high + step);
                step *= 2;
            }
            while (high < DurationNs && before + Integral(high) < level);
        }
        else
        {
            low = guessNs;
            do
            {
                high = low;
                low = Math.Max(0, low - step);
                step *= 2;
            }
            while (low > 0 && before + Integral(low) >= level);
        }

        while (high - low > 1)
        {
            long middle = low + (high - low) / 2;
            if (before + Integral(middle) < level)
            {
                low = middle;
            }
            else
            {
                high = middle;
            }
        }

        return low;
    }
}

/// <summary>The same rate throughout; a rate of 0 is a pause.</summary>
public sealed class ConstantRate(double ratePerSecond, long durationNs) : RateSegment(durationNs)
{
    public override double PeakRate => ratePerSecond;

    public override double RateAt(double dtNs) => ratePerSecond;

    public override double Integral(long dtNs) => Exact.PerSecond(ratePerSecond, dtNs);

    public override void Place(ReadOnlySpan<double> levels, double before, long startNs, Span<long> timesNs)
    {
        double nsPerCall = 1e9 / ratePerSecond;
        long lastNs = DurationNs - 1;
        for (int i = 0; i < levels.Length; i++)
        {
            double level = levels[i];

            // A shade early: a level at a whole nanosecond must come to the one before it.
            long guess = Math.Clamp((long)((level - before) * nsPerCall - 1e-3), 0, lastNs);
            bool settled = before + Exact.PerSecond(ratePerSecond, guess) < level && before + Exact.PerSecond(ratePerSecond, guess + 1) >= level;
            timesNs[i] = startNs + (settled ? guess : Search(guess, level, before));
        }
    }
}

/// <summary>
/// A straight line from one rate to another.
/// </summary>
/// <remarks>
/// With r(t) = r₀ + (r₁ − r₀)·t/D the calls in [0, t] are the area under the line, r₀·t + (r₁ − r₀)·t²/(2D) = t·(r₀ + r(t))/2.
/// Its inverse is the positive root in the form 2N / (r₀ + √(r₀² + 2N(r₁ − r₀)/D)), which does not cancel when r₁ ≈ r₀.
/// </remarks>
public sealed class LinearRate(double fromPerSecond, double toPerSecond, long durationNs) : RateSegment(durationNs)
{
    public override double PeakRate => Math.Max(fromPerSecond, toPerSecond);

    public override double RateAt(double dtNs) => fromPerSecond + (toPerSecond - fromPerSecond) * (dtNs / DurationNs);

    public override double Integral(long dtNs) => Exact.PerSecond((fromPerSecond + RateAt(dtNs)) / 2, dtNs);

    public override void Place(ReadOnlySpan<double> levels, double before, long startNs, Span<long> timesNs)
    {
        double fromSquared = fromPerSecond * fromPerSecond;
        double slopeTwice = 2 * (toPerSecond - fromPerSecond) / (DurationNs / 1e9);
        long lastNs = DurationNs - 1;
        for (int i = 0; i < levels.Length; i++)
        {
            i = PlaceFours(levels, i, before, startNs, timesNs);
            if (i == levels.Length)
            {
                break;
            }

            double level = levels[i];
            double calls = level - before;
            double root = 2 * calls / (fromPerSecond + Math.Sqrt(Math.Max(0, fromSquared + calls * slopeTwice)));
            long guess = Math.Clamp((long)(root * 1e9 - 1e-3), 0, lastNs);
            bool settled = before + Integral(guess) < level && before + Integral(guess + 1) >= level;
            timesNs[i] = startNs + (settled ? guess : Search(guess, level, before));
        }
    }

    /// <summary>
    /// Places four levels at a time while they settle at once; returns how far it came. One root and three quotients a call are what a ramp
    /// costs, and a processor makes four of them in the time of one or two.
    /// </summary>
    private int PlaceFours(ReadOnlySpan<double> levels, int from, double before, long startNs, Span<long> timesNs)
    {
        Vector256<double> offset = Vector256.Create(before);
        Vector256<double> rate = Vector256.Create(fromPerSecond);
        Vector256<double> fromSquared = rate * rate;
        Vector256<double> slopeTwice = Vector256.Create(2 * (toPerSecond - fromPerSecond) / (DurationNs / 1e9));
        Vector256<double> lastNs = Vector256.Create((double)(DurationNs - 1));
        Vector256<double> one = Vector256<double>.One;
        int i = from;
        for (; i + 4 <= levels.Length; i += 4)
        {
            Vector256<double> level = Vector256.Create(levels.Slice(i, 4));
            Vector256<double> calls = level - offset;
            Vector256<double> root = (calls + calls) / (rate + Vector256.Sqrt(Vector256.Max(Vector256<double>.Zero, fromSquared + calls * slopeTwice)));
            Vector256<double> guess = Vector256.Min(Vector256.Max(Vector256.Floor(root * 1e9 - Vector256.Create(1e-3)), Vector256<double>.Zero), lastNs);
            Vector256<double> settled = Vector256.LessThan(offset + Integral(guess), level)
                & Vector256.GreaterThanOrEqual(offset + Integral(guess + one), level);
            if (settled.AsInt64() != Vector256<long>.AllBitsSet)
            {
                break;
            }

            (Vector256.ConvertToInt64(guess) + Vector256.Create(startNs)).CopyTo(timesNs.Slice(i, 4));
        }

        return i;
    }

    /// <summary><see cref="Integral(long)"/> at four times: the same operations, so the same digits.</summary>
    private Vector256<double> Integral(Vector256<double> dtNs)
    {
        Vector256<double> from = Vector256.Create(fromPerSecond);
        Vector256<double> rate = from + (toPerSecond - fromPerSecond) * (dtNs / Vector256.Create((double)DurationNs));
        return Exact.PerSecond((from + rate) / Vector256.Create(2.0), dtNs);
    }
}

/// <summary>Products that must not lose whole calls to rounding.</summary>
internal static class Exact
{
    private const double NsPerSecond = 1e9;
    private const double SecondsPerNs = 1e-9;

    /// <summary>
    /// rate · dt / 10⁹ as if rounded once: whole results come out whole. The errors of the product and of the quotient are recovered
    /// with fused multiply-adds (Dekker's two-product) and carried into the result; plain rate·dt/1e9 is one unit in the last place low
    /// for some whole results, and then a call goes missing at a boundary.
    /// </summary>
    public static double PerSecond(double ratePerSecond, long dtNs)
    {
        double dt = dtNs;
        double product = ratePerSecond * dt;
        double lost = Math.FusedMultiplyAdd(ratePerSecond, dt, -product);
        double quotient = product * SecondsPerNs;
        double remainder = Math.FusedMultiplyAdd(-quotient, NsPerSecond, product);
        return quotient + (remainder + lost) * SecondsPerNs;
    }

    /// <summary><see cref="PerSecond(double, long)"/> of four products, digit for digit.</summary>
    public static Vector256<double> PerSecond(Vector256<double> ratePerSecond, Vector256<double> dtNs)
    {
        Vector256<double> product = ratePerSecond * dtNs;
        Vector256<double> lost = Vector256.FusedMultiplyAdd(ratePerSecond, dtNs, -product);
        Vector256<double> quotient = product * SecondsPerNs;
        Vector256<double> remainder = Vector256.FusedMultiplyAdd(-quotient, Vector256.Create(NsPerSecond), product);
        return quotient + (remainder + lost) * SecondsPerNs;
    }
}
