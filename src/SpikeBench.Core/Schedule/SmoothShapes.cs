namespace SpikeBench.Core.Schedule;

/// <summary>The midnight burst; see <see cref="MidnightShape"/> for the formula and where its numbers come from.</summary>
/// <param name="basePerSecond">The ordinary rate that the shape multiplies.</param>
/// <param name="shape">The burst, in seconds around midnight.</param>
/// <param name="leadNs">How long the segment runs before midnight.</param>
/// <param name="durationNs">The segment's length.</param>
public sealed class MidnightRate(double basePerSecond, MidnightShape shape, long leadNs, long durationNs)
    : SmoothRate(durationNs, CallsOf(basePerSecond, shape, leadNs), KinksOf(shape, leadNs))
{
    public override double PeakRate => basePerSecond * shape.PeakOver(-leadNs / 1e9, (DurationNs - leadNs) / 1e9);

    public override double RateAt(double dtNs) => basePerSecond * shape.ValueAt((dtNs - leadNs) / 1e9);

    private static Func<long, double> CallsOf(double basePerSecond, MidnightShape shape, long leadNs)
    {
        double atStart = shape.Integral(-leadNs / 1e9);
        return dtNs => basePerSecond * (shape.Integral((dtNs - leadNs) / 1e9) - atStart);
    }

    private static long[] KinksOf(MidnightShape shape, long leadNs) =>
        [leadNs - (long)(shape.RiseSeconds * 1e9), leadNs, leadNs + (long)(shape.PeakAfterSeconds * 1e9)];
}

/// <summary>
/// A wave around a mean: λ(t) = mean + amplitude · sin(2π(t/P + φ)).
/// </summary>
/// <param name="meanPerSecond">The mean rate.</param>
/// <param name="amplitudePerSecond">How far the rate goes from it, at most the mean.</param>
/// <param name="periodNs">P, one whole wave.</param>
/// <param name="phase">φ, where in the wave the segment starts, as a share of it: 0 rises from the mean, 0.75 starts at the trough.</param>
/// <param name="durationNs">The segment's length.</param>
public sealed class SineRate(double meanPerSecond, double amplitudePerSecond, double periodNs, double phase, long durationNs)
    : SmoothRate(durationNs, CallsOf(meanPerSecond, amplitudePerSecond, periodNs, phase), [])
{
    public override double PeakRate => DurationNs >= periodNs
        ? meanPerSecond + amplitudePerSecond
        : Enumerable.Range(0, 1001).Max(i => RateAt(DurationNs * (i / 1000.0)));

    public override double RateAt(double dtNs) => meanPerSecond + amplitudePerSecond * PortableMath.SinTurns(dtNs / periodNs + phase);

    private static Func<long, double> CallsOf(double mean, double amplitude, double periodNs, double phase)
    {
        double height = amplitude * (periodNs / 1e9) / (2 * Math.PI);
        double atStart = PortableMath.CosTurns(phase);
        return dtNs => Exact.PerSecond(mean, dtNs) + height * (atStart - PortableMath.CosTurns(dtNs / periodNs + phase));
    }
}

/// <summary>One curve of an overlay and when it starts, from the overlay's start.</summary>
public sealed record OverlayLayer(long StartNs, RateCurve Curve);

/// <summary>
/// The sum of curves, each with a start of its own: λ(t) = Σ λᵢ(t − sᵢ). Waves by time zone are midnights an hour apart.
/// </summary>
/// <remarks>The pieces of a sum are cut wherever a layer's are, and a sum of polynomials is one: nothing is lost by compiling it.</remarks>
public sealed class OverlayRate(IReadOnlyList<OverlayLayer> layers, long durationNs)
    : SmoothRate(durationNs, CallsOf(layers), BreaksOf(layers))
{
    private const int PeakSamples = 8;

    public override double PeakRate
    {
        get
        {
            // At the pieces' ends, from either side, and between: a jump's top is at an end.
            double peak = RateAt(0);
            long from = 0;
            foreach (long to in Breaks.Append(DurationNs))
            {
                for (int i = 0; i <= PeakSamples; i++)
                {
                    peak = Math.Max(peak, RateAt(Math.Min(from + (to - from) * i / PeakSamples, to - 1)));
                }

                from = to;
            }

            return peak;
        }
    }

    public override double RateAt(double dtNs) => layers.Sum(l => l.Curve.RateAt((long)dtNs - l.StartNs));

    private static Func<long, double> CallsOf(IReadOnlyList<OverlayLayer> layers) => dtNs => layers.Sum(l => l.Curve.Integral(dtNs - l.StartNs));

    private static IEnumerable<long> BreaksOf(IReadOnlyList<OverlayLayer> layers) =>
        layers.SelectMany(l => l.Curve.Breaks.Append(l.Curve.DurationNs).Prepend(0).Select(b => l.StartNs + b));
}
