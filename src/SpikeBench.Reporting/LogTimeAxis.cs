using SpikeBench.Core.Profiles;

namespace SpikeBench.Reporting;

/// <summary>Times on a logarithmic scale; above them, if need be, a band for calls that never got a good answer.</summary>
internal sealed class LogTimeAxis : IAxis
{
    /// <summary>Where the values end when there is a band above them.</summary>
    public const double BandStart = 0.9;

    // What stands at the top has its label above it.
    private const double Headroom = 1.4;

    private readonly double _low;
    private readonly double _high;
    private readonly double _top;

    /// <param name="lowest">The smallest time to place, in nanoseconds.</param>
    /// <param name="highest">The largest.</param>
    /// <param name="failedBand">Whether infinite values have a place.</param>
    public LogTimeAxis(double lowest, double highest, bool failedBand)
    {
        _top = failedBand ? BandStart : 1;
        double low = Math.Clamp(lowest, 1_000, 1e13);
        double high = Math.Clamp(highest * Headroom, low * 1.5, 1e14);
        bool wide = high / low > 300;
        double[] marks = wide ? [1] : [1, 2, 5];
        List<double> round = [];
        for (int decade = 2; decade <= 14; decade++)
        {
            round.AddRange(marks.Select(m => m * Math.Pow(10, decade)));
        }

        // The axis starts on a round value, so that the lowest line has a label.
        _low = round.Last(v => v <= low);
        _high = wide ? high : round.First(v => v >= high);

        // A label at the band's edge would touch the band's own.
        Ticks = [.. round.Where(v => v >= _low && v <= _high)
            .Select(v => new Tick(At(v), Units.Duration(v)))
            .Where(t => !failedBand || t.At < BandStart - 0.01)];
    }

    public IReadOnlyList<Tick> Ticks { get; }

    public double At(double value) => double.IsPositiveInfinity(value)
        ? (_top + 1) / 2
        : Math.Clamp(Math.Log(Math.Max(value, _low) / _low) / Math.Log(_high / _low), 0, 1) * _top;
}
