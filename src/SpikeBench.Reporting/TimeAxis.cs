using System.Globalization;

namespace SpikeBench.Reporting;

/// <summary>Time from T0.</summary>
internal sealed class TimeAxis : IAxis
{
    private const double NsPerSecond = 1e9;

    // Six intervals leave a label 50 px on a phone.
    private const int MostIntervals = 6;

    private const double InSecondsBelow = 180;

    private static readonly double[] Steps =
        [0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 20, 30, 60, 120, 300, 600, 900, 1200, 1800, 3600, 7200, 14400];

    private readonly double _endNs;

    public TimeAxis(long endNs)
    {
        _endNs = endNs;
        double endSeconds = endNs / NsPerSecond;
        double step = Steps.FirstOrDefault(s => endSeconds / s <= MostIntervals, Steps[^1]);
        var ticks = new List<Tick>();
        for (int i = 0; i * step <= endSeconds; i++)
        {
            ticks.Add(new Tick(i * step / endSeconds, Label(i * step, endSeconds)));
        }

        Ticks = ticks;
    }

    public IReadOnlyList<Tick> Ticks { get; }

    public double At(double value) => Math.Clamp(value / _endNs, 0, 1);

    /// <summary>A moment of the run: <c>42 s</c>, or <c>4:30 min</c> from three minutes on.</summary>
    public static string Moment(double ns) =>
        ns < InSecondsBelow * NsPerSecond ? string.Create(CultureInfo.InvariantCulture, $"{ns / NsPerSecond:0.##} s") : $"{Minutes(ns / NsPerSecond)} min";

    private static string Label(double seconds, double endSeconds) => endSeconds < InSecondsBelow
        ? string.Create(CultureInfo.InvariantCulture, $"{seconds:0.##} s")
        : seconds % 60 == 0 ? string.Create(CultureInfo.InvariantCulture, $"{seconds / 60:0} min") : $"{Minutes(seconds)} min";

    private static string Minutes(double seconds) =>
        string.Create(CultureInfo.InvariantCulture, $"{Math.Floor(seconds / 60):0}:{Math.Floor(seconds % 60):00}");
}
