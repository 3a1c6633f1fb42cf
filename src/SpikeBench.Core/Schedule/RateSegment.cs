namespace SpikeBench.Core.Schedule;

/// <summary>
/// One stretch of the rate curve with its exact integral. Inside a segment time is counted from the segment's start.
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

    /// <summary>
    /// About where the integral reaches <paramref name="calls"/>, in nanoseconds from the segment's start. The curve settles the last
    /// nanosecond itself, so an error of a few costs time but not exactness.
    /// </summary>
    /// <param name="calls">Above 0, at most the whole segment's integral.</param>
    /// <param name="hintNs">A nearby earlier answer, for iterative inverses.</param>
    public abstract double Invert(double calls, double hintNs);

    /// <summary>The segment's largest rate, in calls per second.</summary>
    public abstract double PeakRate { get; }
}

/// <summary>The same rate throughout; a rate of 0 is a pause.</summary>
public sealed class ConstantRate(double ratePerSecond, long durationNs) : RateSegment(durationNs)
{
    public override double PeakRate => ratePerSecond;

    public override double RateAt(double dtNs) => ratePerSecond;

    public override double Integral(long dtNs) => Exact.PerSecond(ratePerSecond, dtNs);

    public override double Invert(double calls, double hintNs) => calls / ratePerSecond * 1e9;
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

    public override double Invert(double calls, double hintNs)
    {
        double durationSeconds = DurationNs / 1e9;
        double discriminant = fromPerSecond * fromPerSecond + 2 * calls * (toPerSecond - fromPerSecond) / durationSeconds;
        return 2 * calls / (fromPerSecond + Math.Sqrt(Math.Max(0, discriminant))) * 1e9;
    }
}

/// <summary>The midnight burst; see <see cref="MidnightShape"/> for the formula and where its numbers come from.</summary>
/// <param name="basePerSecond">The ordinary rate that the shape multiplies.</param>
/// <param name="shape">The burst, in seconds around midnight.</param>
/// <param name="leadNs">How long the segment runs before midnight.</param>
/// <param name="durationNs">The segment's length.</param>
public sealed class MidnightRate(double basePerSecond, MidnightShape shape, long leadNs, long durationNs) : RateSegment(durationNs)
{
    private const int NewtonSteps = 8;
    private readonly double _integralAtStart = shape.Integral(-leadNs / 1e9);

    public override double PeakRate => basePerSecond * shape.PeakOver(-leadNs / 1e9, (DurationNs - leadNs) / 1e9);

    public override double RateAt(double dtNs) => basePerSecond * shape.ValueAt((dtNs - leadNs) / 1e9);

    public override double Integral(long dtNs) => basePerSecond * (shape.Integral((dtNs - leadNs) / 1e9) - _integralAtStart);

    public override double Invert(double calls, double hintNs)
    {
        // Newton's method on an increasing function with a positive, continuous slope; from the arrival before it takes two or three steps.
        double dtNs = Math.Clamp(hintNs, 0, DurationNs);
        for (int step = 0; step < NewtonSteps; step++)
        {
            double missing = calls - Integral((long)dtNs);
            double move = missing / RateAt(dtNs) * 1e9;
            dtNs = Math.Clamp(dtNs + move, 0, DurationNs);
            if (Math.Abs(move) < 1)
            {
                break;
            }
        }

        return dtNs;
    }
}

/// <summary>Products that must not lose whole calls to rounding.</summary>
internal static class Exact
{
    private const double NsPerSecond = 1e9;

    /// <summary>
    /// rate · dt / 10⁹, correctly rounded: whole results come out whole. The product's rounding error is recovered with a fused
    /// multiply-add (Dekker's two-product) and carried into the division; plain rate·dt/1e9 is one unit in the last place low for some
    /// whole results, and then a call goes missing at a boundary.
    /// </summary>
    public static double PerSecond(double ratePerSecond, long dtNs)
    {
        double dt = dtNs;
        double product = ratePerSecond * dt;
        double lost = Math.FusedMultiplyAdd(ratePerSecond, dt, -product);
        double quotient = product / NsPerSecond;
        double remainder = Math.FusedMultiplyAdd(-quotient, NsPerSecond, product);
        return quotient + (remainder + lost) / NsPerSecond;
    }
}
