using System.Globalization;

namespace SpikeBench.Reporting;

/// <summary>
/// Percentiles by their distance from 100 %: each nine gets the same width, so the slowest call in ten thousand is as visible as the median.
/// </summary>
internal sealed class NinesAxis : IAxis
{
    private readonly double _nines;

    /// <param name="calls">How many calls there are: the axis ends at the slowest one.</param>
    public NinesAxis(long calls)
    {
        _nines = Math.Max(1, Math.Log10(Math.Max(10, calls)));
        double[] percentiles = [50, 90, 99, 99.9, 99.99, 99.999, 99.9999, 99.99999, 99.999999];
        Ticks = [.. percentiles
            .Where(p => Nines(p) <= _nines)
            .Select(p => new Tick(At(p), string.Create(CultureInfo.InvariantCulture, $"{p:0.######} %")))];
    }

    public IReadOnlyList<Tick> Ticks { get; }

    public double At(double value) => Math.Clamp(Nines(value) / _nines, 0, 1);

    /// <summary>The percentile at a place.</summary>
    public double PercentileAt(double place) => 100 * (1 - Math.Pow(10, -place * _nines));

    private static double Nines(double percentile) => -Math.Log10(Math.Max(1e-12, 1 - percentile / 100));
}
