using System.Globalization;

namespace SpikeBench.Histograms;

/// <summary>The reports of Java's HistogramLogProcessor: a line per interval with running totals, the overall distribution, a moving
/// window.</summary>
public sealed class LogReport
{
    private static readonly double[] IntervalPercentiles = [50, 90];
    private static readonly double[] TotalPercentiles = [50, 90, 99, 99.9, 99.99];

    /// <summary>The intervals to report (default: those without a tag).</summary>
    public LogSelection Selection { get; init; } = new();

    /// <summary>What values are divided by (default: 1e6, nanoseconds to milliseconds).</summary>
    public double UnitRatio { get; init; } = 1e6;

    /// <summary>Rows of the distribution per halving of the distance to 100 % (default: 5).</summary>
    public int TicksPerHalfDistance { get; init; } = 5;

    /// <summary>Layout of all outputs (default: aligned columns).</summary>
    public PercentileFormat Format { get; init; }

    /// <summary>The percentile of the moving window (default: 99).</summary>
    public double WindowPercentile { get; init; } = 99;

    /// <summary>Length of the moving window (default: 60 s).</summary>
    public TimeSpan WindowLength { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Reports a log.</summary>
    /// <param name="log">The log, at its beginning.</param>
    /// <param name="intervals">Receives a line per interval, or null.</param>
    /// <param name="distribution">Receives the distribution of all selected intervals, or null.</param>
    /// <param name="window">Receives a line per interval about the moving window that ends with it, or null.</param>
    /// <returns>All selected intervals together; empty at 3 digits where there is none.</returns>
    /// <exception cref="HistogramFormatException">A line of the log is no interval.</exception>
    public Histogram Write(HistogramLogReader log, TextWriter? intervals, TextWriter? distribution, TextWriter? window)
    {
        ArgumentNullException.ThrowIfNull(log);
        Histogram? total = null;
        var moving = new MovingWindow((long)WindowLength.TotalMilliseconds);
        foreach (LoggedInterval interval in Selection.Of(log))
        {
            if (total is null)
            {
                WriteIntervalHead(intervals, log);
                WriteWindowHead(window);
                total = interval.Histogram.EmptyLikeThis();
            }

            total.Add(interval.Histogram);
            double endSeconds = (interval.EndMs / 1000.0) - log.StartTimeSeconds;
            intervals?.Write(IntervalLine(endSeconds, interval.Histogram, total));
            if (window is not null)
            {
                Histogram within = moving.Add(interval);
                string value = Scaled(within.ValueAtPercentile(WindowPercentile));
                window.Write(Line($"{Fixed(endSeconds)},{within.TotalCount},{value},{Scaled(within.Max)}\n"));
            }
        }

        total ??= new Histogram(3);
        if (distribution is not null)
        {
            distribution.Write($"#[Overall percentile distribution {Range()}]\n{StartTime(log)}");
            PercentileDistribution.Write(distribution, total, UnitRatio, TicksPerHalfDistance, Format);
        }

        return total;
    }

    /// <summary>Lists the tags of a log in order of their first use, as Java's <c>-listtags</c> does.</summary>
    /// <param name="log">The log, at its beginning.</param>
    /// <param name="output">Receives the list.</param>
    /// <exception cref="HistogramFormatException">A line of the log is no interval.</exception>
    public static void WriteTags(HistogramLogReader log, TextWriter output)
    {
        ArgumentNullException.ThrowIfNull(log);
        ArgumentNullException.ThrowIfNull(output);
        output.Write("Tags found in input file:\n");
        foreach (string? tag in log.ReadAll().Select(interval => interval.Tag).Distinct())
        {
            output.Write((tag ?? "[NO TAG (default)]") + "\n");
        }
    }

    private void WriteIntervalHead(TextWriter? output, HistogramLogReader log)
    {
        output?.Write($"#[Interval percentile log {Range()}]\n{StartTime(log)}");
        output?.Write(Format == PercentileFormat.Csv
            ? "\"Timestamp\",\"Int_Count\",\"Int_50%\",\"Int_90%\",\"Int_Max\","
                + "\"Total_Count\",\"Total_50%\",\"Total_90%\",\"Total_99%\",\"Total_99.9%\",\"Total_99.99%\",\"Total_Max\"\n"
            : "Time: IntervalPercentiles:count ( 50% 90% Max ) TotalPercentiles:count ( 50% 90% 99% 99.9% 99.99% Max )\n");
    }

    private void WriteWindowHead(TextWriter? output)
    {
        string percentile = JavaNumber.Format(WindowPercentile, 1);
        output?.Write($"#[Moving window log for {percentile} percentile {Range()}]\n");
        output?.Write($"\"Timestamp\",\"Window_Count\",\"{percentile}%'ile\",\"Max\"\n");
    }

    private string IntervalLine(double endSeconds, Histogram interval, Histogram total)
    {
        string[] ofInterval = Values(interval, IntervalPercentiles);
        string[] ofTotal = Values(total, TotalPercentiles);
        return Format == PercentileFormat.Csv
            ? Line($"{Fixed(endSeconds)},{interval.TotalCount},{string.Join(',', ofInterval)},{total.TotalCount},{string.Join(',', ofTotal)}\n")
            : Line($"{Fixed(endSeconds)}: I:{interval.TotalCount} ( {Columns(ofInterval)} ) T:{total.TotalCount} ( {Columns(ofTotal)} )\n");
    }

    private string[] Values(Histogram histogram, double[] percentiles)
    {
        long[] values = new long[percentiles.Length];
        histogram.ValuesAtPercentiles(percentiles, values);
        return [.. values.Select(Scaled), Scaled(histogram.Max)];
    }

    private static string Columns(string[] values) => string.Join(' ', values.Select(value => value.PadLeft(7)));

    private string Scaled(long value) => Fixed(value / UnitRatio);

    private string Range()
    {
        string from = double.IsNegativeInfinity(Selection.FromSeconds) ? "<Beginning>" : Fixed(Selection.FromSeconds);
        string to = double.IsPositiveInfinity(Selection.ToSeconds) ? "<Infinite>" : Fixed(Selection.ToSeconds);
        return $"between {from} and {to} seconds (relative to StartTime)";
    }

    private static string StartTime(HistogramLogReader log)
    {
        string date = DateTimeOffset.FromUnixTimeMilliseconds((long)(log.StartTimeSeconds * 1000.0))
            .ToString("ddd MMM dd HH:mm:ss 'UTC' yyyy", CultureInfo.InvariantCulture);
        return $"#[StartTime: {Fixed(log.StartTimeSeconds)} (seconds since epoch), {date}]\n";
    }

    private static string Fixed(double value) => JavaNumber.Format(value, 3);

    private static string Line(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    /// <summary>The sum of the intervals that end inside the last so many milliseconds.</summary>
    private sealed class MovingWindow(long lengthMs)
    {
        private readonly Queue<LoggedInterval> _inside = new();
        private Histogram? _sum;

        public Histogram Add(LoggedInterval interval)
        {
            Histogram added = interval.Histogram;
            _sum ??= added.EmptyLikeThis();
            _sum.Add(added);
            while (_inside.TryPeek(out LoggedInterval? oldest) && oldest.EndMs <= interval.EndMs - lengthMs)
            {
                _sum.Subtract(_inside.Dequeue().Histogram);
            }

            _inside.Enqueue(interval);
            return _sum;
        }
    }
}
