namespace SpikeBench.Histograms;

/// <summary>What one tag of a log adds up to.</summary>
/// <param name="Tag">The tag; null for the intervals without one.</param>
/// <param name="Intervals">How many intervals.</param>
/// <param name="StartMs">Earliest start, milliseconds since the Unix epoch.</param>
/// <param name="EndMs">Latest end, milliseconds since the Unix epoch.</param>
/// <param name="Total">Their counts together.</param>
public sealed record LogSummary(string? Tag, int Intervals, long StartMs, long EndMs, Histogram Total);

/// <summary>Logs in, logs out: summaries per tag, cuts by time and tag, merges of logs written side by side.</summary>
public static class LogTools
{
    /// <summary>Adds a log up by tag, in order of the tags' first use.</summary>
    /// <param name="log">The log, at its beginning.</param>
    /// <param name="selection">The intervals to use.</param>
    /// <exception cref="HistogramFormatException">A line of the log is no interval.</exception>
    public static IReadOnlyList<LogSummary> Summarize(HistogramLogReader log, LogSelection selection)
    {
        ArgumentNullException.ThrowIfNull(selection);
        List<LogSummary> summaries = [];
        foreach (LoggedInterval interval in selection.Of(log))
        {
            int at = summaries.FindIndex(s => s.Tag == interval.Tag);
            if (at < 0)
            {
                summaries.Add(new LogSummary(interval.Tag, 1, interval.StartMs, interval.EndMs, Growing(interval.Histogram)));
                continue;
            }

            LogSummary summary = summaries[at];
            summary.Total.Add(interval.Histogram);
            summaries[at] = summary with
            {
                Intervals = summary.Intervals + 1,
                StartMs = Math.Min(summary.StartMs, interval.StartMs),
                EndMs = Math.Max(summary.EndMs, interval.EndMs),
            };
        }

        return summaries;
    }

    /// <summary>Writes the selected intervals of a log as a log of their own, with absolute stamps and the original's
    /// StartTime.</summary>
    /// <param name="log">The log, at its beginning.</param>
    /// <param name="selection">The intervals to keep.</param>
    /// <param name="output">Receives the log, head and all.</param>
    /// <returns>How many intervals were written.</returns>
    /// <exception cref="HistogramFormatException">A line of the log is no interval.</exception>
    public static int Cut(HistogramLogReader log, LogSelection selection, HistogramLogWriter output)
    {
        ArgumentNullException.ThrowIfNull(log);
        ArgumentNullException.ThrowIfNull(selection);
        LoggedInterval[] kept = [.. selection.Of(log)];
        WriteLog(kept, log.StartTimeSeconds, output);
        return kept.Length;
    }

    /// <summary>
    /// Merges logs of one run, written side by side, into one: intervals of the same tag, start and end are added, all are sorted by
    /// start. Percentiles of the merged log are those of all values together, never averages.
    /// </summary>
    /// <param name="logs">The logs, each at its beginning.</param>
    /// <param name="selection">The intervals to use.</param>
    /// <param name="output">Receives the log, head and all, with the earliest StartTime.</param>
    /// <returns>How many intervals were written.</returns>
    /// <exception cref="HistogramFormatException">A line of a log is no interval.</exception>
    public static int Merge(IEnumerable<HistogramLogReader> logs, LogSelection selection, HistogramLogWriter output)
    {
        ArgumentNullException.ThrowIfNull(logs);
        ArgumentNullException.ThrowIfNull(selection);
        Dictionary<(string? Tag, long StartMs, long EndMs), LoggedInterval> merged = [];
        double start = double.PositiveInfinity;
        foreach (HistogramLogReader log in logs)
        {
            foreach (LoggedInterval interval in selection.Of(log))
            {
                (string?, long, long) key = (interval.Tag, interval.StartMs, interval.EndMs);
                if (merged.TryGetValue(key, out LoggedInterval? same))
                {
                    same.Histogram.Add(interval.Histogram);
                }
                else
                {
                    merged.Add(key, interval with { Histogram = Growing(interval.Histogram) });
                }
            }

            start = Math.Min(start, log.StartTimeSeconds);
        }

        // A stable sort: intervals that begin together keep the order of their logs.
        LoggedInterval[] sorted = [.. merged.Values.OrderBy(interval => interval.StartMs)];
        WriteLog(sorted, double.IsFinite(start) ? start : 0, output);
        return sorted.Length;
    }

    private static void WriteLog(LoggedInterval[] intervals, double startSeconds, HistogramLogWriter output)
    {
        output.WriteFormatVersion();
        output.WriteStartTime((long)Math.Round(startSeconds * 1000.0));
        output.WriteLegend();
        foreach (LoggedInterval interval in intervals)
        {
            output.WriteInterval(interval.StartMs, interval.EndMs, interval.Histogram, interval.Tag);
        }
    }

    private static Histogram Growing(Histogram like)
    {
        Histogram total = like.EmptyLikeThis();
        total.Add(like);
        return total;
    }
}
