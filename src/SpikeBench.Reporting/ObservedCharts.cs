using System.Globalization;
using SpikeBench.Core.Recording;

namespace SpikeBench.Reporting;

/// <summary>What other instruments saw while the run went on, on the run's own time axis: what was saturated while calls were slow?</summary>
internal static class ObservedCharts
{
    private const string MoreStyle = "asked";
    private static readonly string[] Styles = ["s3", "s1", "s2", "s0"];

    /// <summary>A chart per query; nothing where nothing was observed.</summary>
    public static string Render(RunRecord run, Timeline timeline, TimeCharts time)
    {
        IGrouping<string, ObservedSeries>[] queries = [.. run.Observed.Where(s => s.Points.Count > 0).GroupBy(s => s.Name)];
        return string.Concat(queries.Select((query, i) => Chart($"observed{i}", query.Key, [.. query], run, timeline, time)));
    }

    private static string Chart(string id, string name, ObservedSeries[] all, RunRecord run, Timeline timeline, TimeCharts time)
    {
        // The highest by colour, the others in grey behind them: a chart of twenty colours tells nothing.
        ObservedSeries[] series = [.. all.OrderByDescending(s => s.Points.Max(p => p.Value))];
        ObservedSeries top = series[0];
        ObservedPoint peak = top.Points.MaxBy(p => p.Value);
        string? unit = top.Unit;
        double[][] values = [.. series.Select(s => timeline.OfPoints(s.Points))];
        double highest = values.SelectMany(v => v).Where(double.IsFinite).DefaultIfEmpty(0).Max();
        double lowest = values.SelectMany(v => v).Where(double.IsFinite).DefaultIfEmpty(0).Min();
        string says = $"Highest at {TimeAxis.Moment(peak.AtNs)}: {Text(peak.Value)}{(series.Length > 1 ? $" ({Label(top)})" : "")}. "
            + $"Recorded from {Where(run, name)}, not by the generator.{(lowest < 0 ? " Values below 0 are drawn at 0." : "")}";
        SvgChart chart = time.Chart(id, $"Beside the run: {name}", says, new LinearAxis(highest, Text, least: highest > 0 ? highest / 1000 : 1));
        for (int i = series.Length - 1; i >= 0; i--)
        {
            chart.Series(Label(series[i]), i < Styles.Length ? Styles[i] : MoreStyle, values[i], timeline.MiddleNs);
        }

        int read = Math.Min(series.Length, Styles.Length);
        return chart.Readout(["", .. series.Take(read).Select(Label)], time.Rows(Text, values[..read])).Render();

        string Text(double value) => Short(value) + (unit is null ? "" : $" {unit}");
    }

    /// <summary>Up to four digits, with k, M and G for thousands: room is short beside an axis.</summary>
    internal static string Short(double value)
    {
        (double scaled, string suffix) = Math.Abs(value) switch
        {
            >= 1e9 => (value / 1e9, "G"),
            >= 1e6 => (value / 1e6, "M"),
            >= 1e4 => (value / 1e3, "k"),
            _ => (value, ""),
        };
        double magnitude = Math.Abs(scaled);
        string format = magnitude >= 100 || magnitude == 0 ? "0" : magnitude >= 1 ? "0.##" : magnitude >= 0.001 ? "0.####" : "0.##E0";
        return scaled.ToString(format, CultureInfo.InvariantCulture) + suffix;
    }

    private static string Label(ObservedSeries series) => series.Labels.Length == 0 ? series.Name : series.Labels;

    private static string Where(RunRecord run, string name) => run.Summary.Profile.Observe.FirstOrDefault(o => o.Name == name) is { } observation
        ? $"{observation.Address} by {observation.Query}"
        : RunFolder.ObservedFile;
}
