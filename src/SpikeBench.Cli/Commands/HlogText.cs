using System.Globalization;
using System.Text;
using SpikeBench.Histograms;

namespace SpikeBench.Cli.Commands;

/// <summary>The table of <c>hlog summary</c>.</summary>
internal static class HlogText
{
    private static readonly double[] Percentiles = [50, 90, 99, 99.9, 99.99];

    private static readonly string[] Head = ["tag", "intervals", "from s", "to s", "count", "mean", "p50", "p90", "p99", "p99.9", "p99.99", "max"];

    public static string TagName(string? tag) => tag ?? "(no tag)";

    /// <summary>A row per tag, in columns as wide as their widest cell; times are seconds after StartTime, as --from and --to take them.</summary>
    public static string Summary(IReadOnlyList<LogSummary> summaries, double startSeconds, double unit)
    {
        List<string[]> rows = [Head, .. summaries.Select(s => Row(s, startSeconds, unit))];
        int[] widths = [.. Head.Select((_, column) => rows.Max(row => row[column].Length))];
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"StartTime {startSeconds:0.000} s since the epoch, {Utc(startSeconds)}; values are divided by {unit}\n\n");
        foreach (string[] row in rows)
        {
            IEnumerable<string> cells = row.Select((cell, column) => column == 0 ? cell.PadRight(widths[0]) : cell.PadLeft(widths[column]));
            text.Append(string.Join("  ", cells)).Append('\n');
        }

        return text.ToString();
    }

    private static string[] Row(LogSummary summary, double startSeconds, double unit)
    {
        long[] values = new long[Percentiles.Length];
        summary.Total.ValuesAtPercentiles(Percentiles, values);
        return
        [
            TagName(summary.Tag),
            summary.Intervals.ToString(CultureInfo.InvariantCulture),
            Fixed((summary.StartMs / 1000.0) - startSeconds),
            Fixed((summary.EndMs / 1000.0) - startSeconds),
            summary.Total.TotalCount.ToString(CultureInfo.InvariantCulture),
            Fixed(summary.Total.Mean / unit),
            .. values.Select(v => Fixed(v / unit)),
            Fixed(summary.Total.Max / unit),
        ];
    }

    private static string Utc(double seconds) =>
        DateTimeOffset.FromUnixTimeMilliseconds((long)(seconds * 1000.0)).ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);

    private static string Fixed(double value)
    {
        string text = value.ToString("0.000", CultureInfo.InvariantCulture);
        return text == "-0.000" ? "0.000" : text;
    }
}
