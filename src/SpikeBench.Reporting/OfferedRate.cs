using SpikeBench.Core.Profiles;
using SpikeBench.Core.Recording;

namespace SpikeBench.Reporting;

/// <summary>The busiest second: what was asked for in it, and the most that was sent in any.</summary>
/// <param name="AskedPerSecond">The planned calls of the busiest second, but for those that an end of the load left unsent: nobody asked for them.</param>
/// <param name="SentPerSecond">The calls of the second in which most were sent.</param>
internal sealed record OfferedRate(double AskedPerSecond, double SentPerSecond)
{
    private const double ShortShare = 0.95;

    public static OfferedRate Of(RunRecord run)
    {
        var timeline = new Timeline(run);
        double[] asked = [.. timeline.Rate(CellField.Planned).Zip(timeline.Rate(CellField.NotSentStopped), (planned, stopped) => planned - stopped)];
        return new OfferedRate(asked.Max(), timeline.Rate(CellField.SentHere).Max());
    }

    /// <summary>The generator was not fast enough for the peak: what it could have offered. Null where it was.</summary>
    public string? Shortfall => SentPerSecond < ShortShare * AskedPerSecond
        ? $"the generator sent at most {Units.Rate(SentPerSecond)} of the {Units.Rate(AskedPerSecond)} asked for"
        : null;
}
