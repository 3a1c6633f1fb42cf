namespace SpikeBench.Reporting;

/// <summary>From 0 to a little above the largest value, in round steps.</summary>
internal sealed class LinearAxis : IAxis
{
    private const int FewestIntervals = 4;

    private readonly double _top;

    /// <param name="largest">The largest value to place.</param>
    /// <param name="label">A value with its unit.</param>
    /// <param name="least">The smallest step, and the smallest value at the top: 1 for what is counted.</param>
    public LinearAxis(double largest, Func<double, string> label, double least = 1)
    {
        double step = RoundStep(Math.Max(largest, least) / FewestIntervals, least);
        int intervals = Math.Max(1, (int)Math.Ceiling(Math.Max(largest, least) / step - 1e-9));
        _top = intervals * step;
        Ticks = [.. Enumerable.Range(0, intervals + 1).Select(i => new Tick(i / (double)intervals, label(i * step)))];
    }

    public IReadOnlyList<Tick> Ticks { get; }

    public double At(double value) => Math.Clamp(value / _top, 0, 1);

    // The largest of 1, 2, 5 · 10^k that is not above: at least as many intervals as asked for, at most 2.5 times as many.
    private static double RoundStep(double step, double least)
    {
        double decade = Math.Pow(10, Math.Floor(Math.Log10(step)));
        double first = step / decade;
        return Math.Max(least, decade * (first >= 5 ? 5 : first >= 2 ? 2 : 1));
    }
}
