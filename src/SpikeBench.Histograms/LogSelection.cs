namespace SpikeBench.Histograms;

/// <summary>Which intervals of a log to use.</summary>
public sealed record LogSelection
{
    /// <summary>Everything, intervals before the StartTime included.</summary>
    public static LogSelection All { get; } = new() { AllTags = true, FromSeconds = double.NegativeInfinity };

    /// <summary>First start to include, in seconds since the log's StartTime (default: 0).</summary>
    public double FromSeconds { get; init; }

    /// <summary>Last start to include, in seconds since the log's StartTime (default: no end).</summary>
    public double ToSeconds { get; init; } = double.PositiveInfinity;

    /// <summary>The one tag to include; null for the intervals without a tag (default: null). Ignored when <see cref="AllTags"/> is
    /// set.</summary>
    public string? Tag { get; init; }

    /// <summary>True to include all intervals whatever their tags (default: false).</summary>
    public bool AllTags { get; init; }

    /// <summary>Expected time between the samples of a closed loop, in the values' unit; above 0 every interval is corrected for
    /// coordinated omission (default: 0). Never for response times measured from a schedule.</summary>
    public long CorrectByInterval { get; init; }

    /// <summary>Reads the selected intervals.</summary>
    /// <param name="log">The log, at its beginning.</param>
    /// <exception cref="HistogramFormatException">A line is no interval, while enumerating.</exception>
    public IEnumerable<LoggedInterval> Of(HistogramLogReader log)
    {
        ArgumentNullException.ThrowIfNull(log);
        foreach (LoggedInterval interval in log.ReadAll(FromSeconds, ToSeconds))
        {
            if (AllTags || interval.Tag == Tag)
            {
                yield return CorrectByInterval > 0
                    ? interval with { Histogram = interval.Histogram.CopyCorrected(CorrectByInterval) }
                    : interval;
            }
        }
    }
}
