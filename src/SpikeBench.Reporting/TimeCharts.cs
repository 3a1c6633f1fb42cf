using SpikeBench.Core.Profiles;
using SpikeBench.Core.Recording;

namespace SpikeBench.Reporting;

/// <summary>The charts over time that are drawn from counters: rates, errors, calls waiting.</summary>
internal sealed class TimeCharts
{
    private readonly RunRecord _run;
    private readonly Timeline _timeline;
    private readonly Timeline? _baseline;
    private readonly TimeAxis _x;
    private readonly IReadOnlyList<EventMark> _marks;

    public TimeCharts(RunRecord run, Timeline timeline, RunRecord? baseline = null)
    {
        _run = run;
        _baseline = baseline is null ? null : new Timeline(baseline);
        _timeline = timeline;
        _x = new TimeAxis(timeline.EndNs);
        _marks = Marks.Of(run, timeline);
    }

    /// <summary>Asked, sent and answered on one chart.</summary>
    public string Rates()
    {
        double[] asked = _timeline.Rate(CellField.Planned);
        double[] sent = _timeline.Rate(CellField.SentHere);
        double[] answered = _timeline.Rate(CellField.OkHere);
        int peak = Array.IndexOf(asked, asked.Max());
        string says = $"In the busiest {BinName}, at {TimeAxis.Moment(_timeline.MiddleNs(peak))}, {Units.Rate(asked[peak])} were asked for, "
            + $"{Units.Rate(sent[peak])} sent and {Units.Rate(answered[peak])} answered OK. Where the lines part, calls waited or failed.";
        double[]? before = _baseline?.Rate(CellField.OkHere);
        SvgChart chart = Chart("rates", "Calls per second: asked, sent, answered", says, new LinearAxis(Max(asked, sent, answered, before ?? [0]), Short))
            .Series("asked by the plan", "asked", asked, _timeline.MiddleNs, area: true)
            .Series("sent", "sent", sent, _timeline.MiddleNs)
            .Series("answered OK", "answered", answered, _timeline.MiddleNs);
        AddBaseline(chart, "answered OK, baseline", before);
        return chart
            .Readout(["", "asked", "sent", "answered OK"], Rows(Units.Rate, asked, sent, answered))
            .Render();
    }

    /// <summary>What did not end OK, by the time it was due.</summary>
    public string Errors(Accounting books)
    {
        IReadOnlyList<ErrorSeries> kinds = ErrorSeries.Of(_run, _timeline);
        if (kinds.Count == 0)
        {
            // Calls that were never sent have no status, nor have those that were under way when a run was killed.
            return $"<p id=\"errors\">{Units.Count(books.NotOk)} calls did not end OK and have no status: they were never sent, or the record ends before they did.</p>\n";
        }

        double[] all = [.. Enumerable.Range(0, _timeline.Count).Select(i => kinds.Sum(k => k.Values[i]))];
        int peak = Array.IndexOf(all, all.Max());
        string says = $"{Units.Count(books.NotOk)} of {Units.Count(books.Planned)} calls ({Units.Percent(books.NotOk / (double)Math.Max(1, books.Planned))}) did not end OK; "
            + $"most were due at {TimeAxis.Moment(_timeline.MiddleNs(peak))}: {Units.Rate(all[peak])}. A call counts where it was due, however late it failed.";
        SvgChart chart = Chart("errors", "Calls that did not end OK, per second, by status", says, new LinearAxis(Max([.. kinds.Select(k => k.Values)]), Short));
        foreach (ErrorSeries kind in kinds)
        {
            chart.Series(kind.Name, kind.Style, kind.Values, _timeline.MiddleNs, area: true);
        }

        return chart.Readout(["", .. kinds.Select(k => k.Name)], Rows(Units.Rate, [.. kinds.Select(k => k.Values)])).Render();
    }

    /// <summary>Calls that wait: due but not sent, and sent but not answered.</summary>
    public string Waiting()
    {
        CellTable cells = _run.Cells;
        double[] inFlight = _timeline.Level(c => Sum(c, CellField.SentHere) - Sum(c, CellField.EndedHere));
        double[] backlog = _timeline.Level(c =>
            Sum(c, CellField.Planned) - Sum(c, CellField.NotSentGuard) - Sum(c, CellField.NotSentStopped) - Sum(c, CellField.SentHere));
        int peak = Array.IndexOf(inFlight, inFlight.Max());
        string says = $"At the end of a tenth of a second at most {Calls(inFlight[peak])} were in flight, at {TimeAxis.Moment(_timeline.MiddleNs(peak))}, of {Units.Count(_run.Summary.Driver.Slots)} that the generator can hold, "
            + $"and at most {Calls(backlog.Max())} were due and not yet sent; in between there can have been more. A hill in flight is the target's queue; a backlog is the generator's.";
        return Chart("waiting", "Calls waiting: in flight, and due but not sent", says, new LinearAxis(Max(inFlight, backlog), v => Units.Count(v)))
            .Series("in flight", "answered", inFlight, _timeline.MiddleNs, area: true)
            .Series("due, not sent (backlog)", "error", backlog, _timeline.MiddleNs)
            .Readout(["", "in flight", "due, not sent"], Rows(Calls, inFlight, backlog))
            .Render();

        long Sum(int cell, CellField field) => cells.Sum(cell, cell + 1, -1, field);
    }

    /// <summary>Response-time percentiles with the SLO's thresholds.</summary>
    public string Response()
    {
        double[] p50 = Percentile(50), p90 = Percentile(90), p99 = Percentile(99), p999 = Percentile(99.9);
        double[]? before = _baseline?.OfSeconds((s, bad) => LatencyView.InSecond(s.Response, bad, 99));
        bool failed = p999.Concat(before ?? []).Any(double.IsPositiveInfinity);
        double highest = Finite(p999).Concat(Finite(before ?? [])).Concat(_run.Summary.Profile.Slo.Select(s => s.ThresholdNs).OfType<long>().Select(t => (double)t)).DefaultIfEmpty(1e6).Max();
        double lowest = Finite(p50).DefaultIfEmpty(1e5).Min();
        var y = new LogTimeAxis(lowest, highest, failed);
        SvgChart chart = Chart("response", "Response time, from when a call was due to its answer", ResponseSays(p999), y);
        if (failed)
        {
            chart.FailedBand(LogTimeAxis.BandStart, "failed");
        }

        foreach (IGrouping<long?, SloRule> rules in _run.Summary.Profile.Slo.Where(r => r.ThresholdNs is not null).GroupBy(r => r.ThresholdNs))
        {
            chart.Bound(rules.Key!.Value, "SLO " + string.Join(", ", rules.Select(r => r.Text).Distinct(StringComparer.Ordinal)));
        }

        AddBaseline(chart, "p99, baseline", before);
        return chart
            .Series("p50", "p50", p50, _timeline.MiddleNs)
            .Series("p90", "p90", p90, _timeline.MiddleNs)
            .Series("p99", "p99", p99, _timeline.MiddleNs)
            .Series("p99.9", "p999", p999, _timeline.MiddleNs)
            .Readout(["", "p50", "p90", "p99", "p99.9"], Rows(LatencyView.Text, p50, p90, p99, p999))
            .Render();

        double[] Percentile(double p) => _timeline.OfSeconds((s, bad) => LatencyView.InSecond(s.Response, bad, p));
    }

    /// <summary>A chart over time: phases and events are on all of them.</summary>
    public SvgChart Chart(string id, string title, string says, IAxis y)
    {
        SvgChart chart = new SvgChart(id, title, says, _x, y).Bands(_timeline.Phases);
        foreach (EventMark mark in _marks)
        {
            chart.Event(mark.AtNs, mark.Label);
        }

        return chart;
    }

    /// <summary>The read-out of each stretch: when, and each series' value, from its lowest to its highest where bins were joined.</summary>
    public IEnumerable<IEnumerable<string>> Rows(Func<double, string> text, params double[][] series)
    {
        for (int bucket = 0; bucket < Downsample.Buckets(_timeline.Count); bucket++)
        {
            (int from, int to) = Downsample.Bucket(bucket, _timeline.Count);
            double at = (_timeline.MiddleNs(from) + _timeline.MiddleNs(to - 1)) / 2;
            yield return [$"{TimeAxis.Moment(at)}, {_timeline.PhaseAt(at)}", .. series.Select(s => Stretch(s, from, to, text))];
        }
    }

    /// <summary>A series of the baseline, as far as this run's axis goes.</summary>
    private void AddBaseline(SvgChart chart, string name, double[]? values)
    {
        if (_baseline is { } baseline && values is not null)
        {
            int shown = Math.Min(values.Length, (int)(_timeline.EndNs / baseline.BinNs) + 1);
            chart.Series(name, "base", values[..shown], baseline.MiddleNs);
        }
    }

    private static string Stretch(double[] series, int from, int to, Func<double, string> text)
    {
        (int low, int high) = Downsample.Extremes(series, from, to);
        string bottom = double.IsNaN(series[low]) ? "–" : text(series[low]);
        string top = double.IsNaN(series[high]) ? "–" : text(series[high]);
        return bottom == top ? top : $"{bottom} to {top}";
    }

    private string ResponseSays(double[] p999)
    {
        const string rule = " Calls that did not end OK count as infinitely slow.";
        double worst = p999.Where(v => !double.IsNaN(v)).DefaultIfEmpty(0).Max();
        int first = Array.IndexOf(p999, worst), last = Array.LastIndexOf(p999, worst);
        if (first < 0)
        {
            return "No call ended." + rule;
        }

        if (double.IsFinite(worst))
        {
            return $"In the worst {BinName}, at {TimeAxis.Moment(_timeline.MiddleNs(first))}, 99.9 % of calls had their answer within {LatencyView.Text(worst)}.{rule}";
        }

        string when = first == last
            ? $"At {TimeAxis.Moment(_timeline.MiddleNs(first))}"
            : $"Between {TimeAxis.Moment(_timeline.MiddleNs(first))} and {TimeAxis.Moment(_timeline.MiddleNs(last))}, in {p999.Count(double.IsPositiveInfinity)} of the {BinName}s,";
        return $"{when} more than 1 call in 1000 did not end OK: p99.9 lies in the red band at the top.{rule}";
    }

    private string BinName => _timeline.BinNs == 1_000_000_000 ? "second" : $"{Units.Duration(_timeline.BinNs)} stretch";

    internal static IEnumerable<double> Finite(double[] values) => values.Where(v => double.IsFinite(v) && v > 0);

    private static double Max(params double[][] series) => series.SelectMany(s => s).Max();

    private static string Calls(double count) => count == 1 ? "1 call" : $"{Units.Count(count)} calls";

    /// <summary>A rate for an axis, where room is short: <c>12k/s</c>.</summary>
    private static string Short(double rate) => rate >= 10_000
        ? $"{(rate / 1000).ToString("#,0.#", System.Globalization.CultureInfo.InvariantCulture)}k/s"
        : $"{rate.ToString("#,0.##", System.Globalization.CultureInfo.InvariantCulture)}/s";
}
