using System.Globalization;
using System.Text;
using SpikeBench.Core.Engine;
using SpikeBench.Core.Recording;
using SpikeBench.Core.Schedule;

namespace SpikeBench.Reporting;

/// <summary>
/// A run as a table with a row per second, for spreadsheets and notebooks: what was asked, sent and answered, how it ended, how long it
/// took. Column names carry their units; calls that did not end OK are not in the times.
/// </summary>
public static class SecondsCsv
{
    private const long NsPerSecond = 1_000_000_000;

    private static readonly (string Name, CellField Field)[] Counters =
    [
        ("asked", CellField.Planned), ("sent", CellField.SentHere), ("answered", CellField.EndedHere), ("answered_ok", CellField.OkHere), ("due_error", CellField.Error),
        ("due_timed_out", CellField.TimedOut), ("due_outstanding", CellField.Outstanding), ("due_not_sent_guard", CellField.NotSentGuard), ("due_not_sent_stopped", CellField.NotSentStopped),
    ];

    public static string Render(RunRecord run)
    {
        CellGrid grid = run.Cells.Grid;
        IReadOnlyList<int> statuses = run.ErrorSeconds?.Statuses ?? [];
        var text = new StringBuilder("second,phase,");
        text.AppendJoin(',', Counters.Select(c => c.Name));
        text.Append(string.Concat(statuses.Select(s => $",due_error_{GrpcStatus.Name(s).ToLowerInvariant()}")));
        text.Append(",response_p50_ms,response_p90_ms,response_p99_ms,response_p999_ms,response_max_ms,lateness_p99_ms,lateness_max_ms\n");
        int cell = 0;
        for (long second = 0; cell < grid.Count; second++)
        {
            int from = cell;
            while (cell < grid.Count && grid.Span(cell).StartNs < (second + 1) * NsPerSecond)
            {
                cell++;
            }

            if (second * NsPerSecond >= run.Summary.Plan.DurationNs && run.Cells.Sum(from, cell, -1, CellField.EndedHere) == 0)
            {
                continue;
            }

            Phase? phase = run.Plan.Phases.FirstOrDefault(p => second * NsPerSecond < p.EndNs);
            text.Append(CultureInfo.InvariantCulture, $"{second},{phase?.Name ?? "drain"}");
            foreach ((_, CellField field) in Counters)
            {
                text.Append(CultureInfo.InvariantCulture, $",{run.Cells.Sum(from, cell, -1, field)}");
            }

            foreach (int status in statuses)
            {
                text.Append(CultureInfo.InvariantCulture, $",{(second < run.ErrorSeconds!.Count ? run.ErrorSeconds[(int)second, status] : 0)}");
            }

            long middle = second * NsPerSecond + NsPerSecond / 2;
            AppendTimes(text, run.Seconds.FirstOrDefault(s => middle >= s.StartNs && middle < s.EndNs));
        }

        return text.ToString();
    }

    private static void AppendTimes(StringBuilder text, SecondSummary? second)
    {
        TimeSummary response = second?.Response ?? default, lateness = second?.Lateness ?? default;
        foreach (long ns in (long[])[response.P50, response.P90, response.P99, response.P999, response.Max])
        {
            Append(response.Count, ns);
        }

        Append(lateness.Count, lateness.P99);
        Append(lateness.Count, lateness.Max);
        text.Append('\n');

        void Append(long count, long ns) => text.Append(CultureInfo.InvariantCulture, $",{(count == 0 ? "" : (ns / 1e6).ToString("0.######", CultureInfo.InvariantCulture))}");
    }
}
