using SpikeBench.Core.Engine;
using SpikeBench.Core.Recording;

namespace SpikeBench.Reporting;

/// <summary>What did not end OK as series over time: each frequent status by itself, then what the generator says of the rest.</summary>
/// <param name="Name">For the legend.</param>
/// <param name="Style">Its CSS class.</param>
/// <param name="Values">Calls per second in each bin.</param>
internal sealed record ErrorSeries(string Name, string Style, double[] Values)
{
    private const int MostStatuses = 4;

    /// <summary>The series that have any call.</summary>
    public static IReadOnlyList<ErrorSeries> Of(RunRecord run, Timeline timeline)
    {
        double[] guard = timeline.Rate(CellField.NotSentGuard), stopped = timeline.Rate(CellField.NotSentStopped);
        return
        [
            .. ((IEnumerable<ErrorSeries>)
            [
                .. Statuses(run, timeline),
                new ErrorSeries("timed out", "timedout", timeline.Rate(CellField.TimedOut)),
                new ErrorSeries("outstanding at the end", "open", timeline.Rate(CellField.Outstanding)),
                new ErrorSeries("not sent", "notsent", [.. guard.Select((g, i) => g + stopped[i])]),
            ]).Where(s => s.Values.Max() > 0),
        ];
    }

    private static IEnumerable<ErrorSeries> Statuses(RunRecord run, Timeline timeline)
    {
        if (run.ErrorSeconds is not { } seconds)
        {
            yield return new ErrorSeries("error", "error", timeline.Rate(CellField.Error));
            yield break;
        }

        IReadOnlyList<int> statuses = seconds.Statuses;
        int single = statuses.Count <= MostStatuses ? statuses.Count : MostStatuses - 1;
        for (int i = 0; i < single; i++)
        {
            yield return new ErrorSeries(GrpcStatus.Name(statuses[i]), $"s{i}", timeline.RateOf(seconds, [statuses[i]]));
        }

        if (single < statuses.Count)
        {
            yield return new ErrorSeries($"{statuses.Count - single} other statuses", $"s{single}", timeline.RateOf(seconds, [.. statuses.Skip(single)]));
        }
    }
}
