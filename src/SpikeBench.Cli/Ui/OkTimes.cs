using SpikeBench.Core.Profiles;
using SpikeBench.Core.Recording;

namespace SpikeBench.Cli.Ui;

/// <summary>Times of calls that ended OK: where there was none there is no time, and least of all a perfect one.</summary>
internal static class OkTimes
{
    public static string Text(TimeSummary times, Func<TimeSummary, long> value) => times.Count == 0 ? "-" : Units.Duration(value(times));
}
