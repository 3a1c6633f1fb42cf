using SpikeBench.Core.Profiles;
using SpikeBench.Core.Recording;
using SpikeBench.Core.Schedule;

namespace SpikeBench.Reporting;

/// <summary>The charts of how response times are distributed: over time as a heatmap, and over all calls by percentile.</summary>
internal sealed class LatencyCharts(RunRecord run, Timeline timeline, TimeCharts time, RunRecord? baseline = null)
{
    private const int CurvePoints = Downsample.MostPoints;
    private const int ReadoutRows = 120;

    /// <summary>Every second's response times, not only its percentiles: two humps do not hide behind one line.</summary>
    public string Heatmap()
    {
        if (Reporting.Heatmap.Of(timeline) is not { } heat)
        {
            return "";
        }

        var y = new LogTimeAxis(heat.LowNs, heat.HighNs, heat.HasFailed);
        string failed = heat.HasFailed ? " The row at the top is of calls that did not end OK." : "";
        string says = $"Each column is {Units.Duration(heat.ColumnNs)} of the run; the warmer a spot, the more calls took that long. "
            + $"The slowest OK call took {Units.Duration(heat.SlowestNs)}. A second band above the first is a queue or a pause.{failed}";
        SvgChart chart = time.Chart("heatmap", "Where the response times were, over time", says, y)
            .Picture(heat.TimesDataUri(), y.At(heat.LowNs), y.At(heat.HighNs));
        if (heat.HasFailed)
        {
            chart.FailedBand(LogTimeAxis.BandStart, "failed").Picture(heat.FailedDataUri(), LogTimeAxis.BandStart, 1);
        }

        return chart.Render();
    }

    /// <summary>Response against service time by percentile, on an axis of nines.</summary>
    public string Percentiles()
    {
        LatencyView response = LatencyView.Of(run, -1, -1, TimeKind.Response);
        LatencyView service = LatencyView.Of(run, -1, -1, TimeKind.Service);
        (Phase phase, LatencyView worst) = LatencyView.WorstPhase(run);
        bool phases = run.Plan.Phases.Count > 1;
        var x = new NinesAxis(response.Calls);
        double highest = run.Summary.Profile.Slo.Select(s => s.ThresholdNs).OfType<long>().Select(t => (double)t).Append(response.SlowestOkNs).Append(1e5).Max();
        double lowest = new[] { response.At(1), service.At(1) }.Where(v => double.IsFinite(v) && v > 0).DefaultIfEmpty(1e5).Min();
        var y = new LogTimeAxis(lowest, highest, response.NotOk > 0);
        string says = $"{Within(response, 50)}; {Within(response, 99.9)}. "
            + "Service time counts from the wire: where response time lies above it, calls waited before they were sent. A line is to pass below the SLO's point.";
        SvgChart chart = new SvgChart("percentiles", "Response and service time by percentile: each nine has the same width", says, x, y);
        if (response.NotOk > 0)
        {
            chart.FailedBand(LogTimeAxis.BandStart, "failed");
        }

        chart.Line("service time", "sent", Curve(service, x, y)).Line("response time", "answered", Curve(response, x, y));
        if (phases)
        {
            chart.Line($"response time in the worst phase, {phase.Name}", "p999", Curve(worst, x, y));
        }

        if (baseline is not null)
        {
            chart.Line("response time, baseline", "base", Curve(LatencyView.Of(baseline, -1, -1, TimeKind.Response), x, y));
        }

        foreach (SloRule rule in run.Summary.Profile.Slo.Where(r => r.ThresholdNs is not null).DistinctBy(r => r.Text))
        {
            chart.Point(100 * (1 - rule.Budget), rule.ThresholdNs!.Value, "SLO " + rule.Text);
        }

        string[] names = phases ? ["", "service", "response", phase.Name] : ["", "service", "response"];
        return chart.Readout(names, Enumerable.Range(0, ReadoutRows).Select(i => Row(x.PercentileAt((i + 0.5) / ReadoutRows)))).Render();

        IEnumerable<string> Row(double p)
        {
            string[] row = [PercentileText(p), service.TextAt(p), response.TextAt(p)];
            return phases ? [.. row, worst.TextAt(p)] : row;
        }
    }

    private static string Within(LatencyView view, double percentile) => double.IsPositiveInfinity(view.At(percentile))
        ? $"{PercentileText(percentile)} failed: more than {Units.Percent(1 - percentile / 100)} of all calls did not end OK"
        : $"{PercentileText(percentile)} was {LatencyView.Text(view.At(percentile))}";

    private static IEnumerable<(double X, double Y)> Curve(LatencyView view, NinesAxis x, LogTimeAxis y)
    {
        // Beyond one in as many as there are, there is no call left to show.
        double end = x.At(100 * (1 - 1.0 / Math.Max(2, view.Calls)));
        for (int i = 0; i < CurvePoints; i++)
        {
            double place = end * i / (CurvePoints - 1);
            yield return (place, y.At(view.At(x.PercentileAt(place))));
        }
    }

    // As many digits as there are nines: 99.95 %, not 100 %.
    private static string PercentileText(double percentile)
    {
        int decimals = Math.Clamp((int)Math.Ceiling(-Math.Log10(1 - percentile / 100)) - 1, 1, 8);
        return "p" + percentile.ToString("0." + new string('#', decimals), System.Globalization.CultureInfo.InvariantCulture);
    }
}
