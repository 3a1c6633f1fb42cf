using SpikeBench.Core.Recording;
using SpikeBench.Core.Schedule;

namespace SpikeBench.Reporting;

/// <summary>A run cut into equal bins of time, from T0 to when the last call ended: the x axis that all charts over time share.</summary>
internal sealed class Timeline
{
    private const long NsPerSecond = 1_000_000_000;

    // A run of a few seconds would be a handful of points at one per second.
    private const long FinelyBelowNs = 20 * NsPerSecond;

    private readonly CellTable _cells;
    private readonly IReadOnlyList<SecondSummary> _seconds;
    private readonly long[] _failedInSecond;

    public Timeline(RunRecord run)
    {
        _cells = run.Cells;
        _seconds = run.Seconds;
        PlanEndNs = run.Summary.Plan.DurationNs;
        Phases = run.Plan.Phases;
        BinNs = PlanEndNs < FinelyBelowNs ? 2 * CellGrid.CellNs : NsPerSecond;
        int last = LastBusyCell();
        EndNs = Math.Max(PlanEndNs, _cells.Grid.Span(last).EndNs);
        Count = (int)Math.Max(1, (EndNs + BinNs - 1) / BinNs);
        _failedInSecond = [.. _seconds.Select(Failed)];
    }

    /// <summary>How many bins there are.</summary>
    public int Count { get; }

    public long BinNs { get; }

    /// <summary>When the plan ended; what comes after it is the drain.</summary>
    public long PlanEndNs { get; }

    /// <summary>When the last call ended, at least the plan's end.</summary>
    public long EndNs { get; }

    public IReadOnlyList<Phase> Phases { get; }

    /// <summary>A bin's middle, from T0.</summary>
    public double MiddleNs(int bin) => Math.Min((bin + 0.5) * BinNs, EndNs);

    /// <summary>The phase of a moment, or <c>drain</c>.</summary>
    public string PhaseAt(double ns) => Phases.FirstOrDefault(p => ns < p.EndNs)?.Name ?? "drain";

    /// <summary>A counter's rate per second in each bin, all operations together.</summary>
    public double[] Rate(CellField field)
    {
        double[] rates = Counts(field);
        for (int bin = 0; bin < rates.Length; bin++)
        {
            // The last bin ends with the run, not with the second.
            rates[bin] *= NsPerSecond / (double)(Math.Min(EndNs, (bin + 1) * BinNs) - bin * BinNs);
        }

        return rates;
    }

    /// <summary>A counter in each bin, all operations together.</summary>
    public double[] Counts(CellField field)
    {
        var counts = new double[Count];
        for (int cell = 0; cell < _cells.Grid.Count; cell++)
        {
            // A cell is 100 ms or part of one: it never straddles two bins.
            int bin = (int)Math.Min(Count - 1, _cells.Grid.Span(cell).StartNs / BinNs);
            counts[bin] += _cells.Sum(cell, cell + 1, -1, field);
        }

        return counts;
    }

    /// <summary>The rate of some statuses in each bin, by when their calls were due; known per second, so finer bins share it.</summary>
    public double[] RateOf(StatusSeconds seconds, IReadOnlyList<int> statuses)
    {
        var rates = new double[Count];
        for (int bin = 0; bin < Count; bin++)
        {
            int second = (int)(bin * BinNs / NsPerSecond);
            double length = Math.Min(1, (PlanEndNs - second * NsPerSecond) / (double)NsPerSecond);
            rates[bin] = second < seconds.Count && length > 0 ? statuses.Sum(s => seconds[second, s]) / length : 0;
        }

        return rates;
    }

    /// <summary>The largest value in each bin of a quantity that is known at the end of every cell.</summary>
    /// <param name="change">How a cell changes it.</param>
    public double[] Level(Func<int, long> change)
    {
        var levels = new double[Count];
        long level = 0;
        for (int cell = 0; cell < _cells.Grid.Count; cell++)
        {
            level += change(cell);
            int bin = (int)Math.Min(Count - 1, _cells.Grid.Span(cell).StartNs / BinNs);
            levels[bin] = Math.Max(levels[bin], level);
        }

        return levels;
    }

    /// <summary>
    /// A number of the second summaries in each bin; NaN where there is none. Intervals are taken about once a second, not exactly: where
    /// two fall into one bin the larger counts.
    /// </summary>
    /// <param name="value">Of a summary and the calls that ended in it other than OK.</param>
    public double[] OfSeconds(Func<SecondSummary, long, double> value)
    {
        var values = new double[Count];
        Array.Fill(values, double.NaN);
        for (int i = 0; i < _seconds.Count; i++)
        {
            SecondSummary second = _seconds[i];
            double v = value(second, _failedInSecond[i]);
            int middle = (int)((second.StartNs + second.EndNs) / 2 / BinNs);
            int first = (int)(second.StartNs / BinNs), last = (int)(second.EndNs / BinNs);
            for (int bin = first; bin <= Math.Min(last, Count - 1); bin++)
            {
                bool covered = MiddleNs(bin) >= second.StartNs && MiddleNs(bin) < second.EndNs;
                if (!double.IsNaN(v) && (bin == middle || covered) && !(values[bin] >= v))
                {
                    values[bin] = v;
                }
            }
        }

        return values;
    }

    /// <summary>A number of the generator's condition in each bin, the larger where two fall into one; NaN where there is none.</summary>
    public double[] OfHost(IReadOnlyList<HostSecond> host, Func<HostSecond, double?> value)
    {
        var values = new double[Count];
        Array.Fill(values, double.NaN);
        foreach (HostSecond second in host)
        {
            double v = value(second) ?? double.NaN;
            int first = (int)(second.StartNs / BinNs), last = (int)((second.EndNs - 1) / BinNs);
            for (int bin = Math.Max(0, first); bin <= Math.Min(last, Count - 1); bin++)
            {
                if (!double.IsNaN(v) && !(values[bin] >= v))
                {
                    values[bin] = v;
                }
            }
        }

        return values;
    }

    /// <summary>The largest of some values in each bin, held until the next but no longer than two seconds; NaN where there is none.</summary>
    public double[] OfPoints(IReadOnlyList<ObservedPoint> points)
    {
        var values = new double[Count];
        Array.Fill(values, double.NaN);
        for (int i = 0; i < points.Count; i++)
        {
            long distanceNs = i + 1 < points.Count ? points[i + 1].AtNs - points[i].AtNs : i > 0 ? points[i].AtNs - points[i - 1].AtNs : NsPerSecond;
            long endNs = points[i].AtNs + Math.Min(distanceNs, 2 * NsPerSecond);
            for (long bin = Math.Max(0, points[i].AtNs / BinNs); bin <= (endNs - 1) / BinNs && bin < Count; bin++)
            {
                if (!(values[bin] >= points[i].Value))
                {
                    values[bin] = points[i].Value;
                }
            }
        }

        return values;
    }

    /// <summary>The second summaries, each with the calls that ended in it other than OK.</summary>
    public IEnumerable<(SecondSummary Second, long Failed)> Seconds() => _seconds.Zip(_failedInSecond);

    private long Failed(SecondSummary second)
    {
        // Counters are by cell: a call may be booked to the interval next to its own, 100 ms away at most.
        int from = _cells.Grid.CellAt(second.StartNs), to = _cells.Grid.CellAt(second.EndNs);
        return _cells.Sum(from, to, -1, CellField.EndedHere) - _cells.Sum(from, to, -1, CellField.OkHere);
    }

    private int LastBusyCell()
    {
        int cell = _cells.Grid.Count - 1;
        while (cell > 0 && _cells.Sum(cell, cell + 1, -1, CellField.EndedHere) == 0)
        {
            cell--;
        }

        return cell;
    }
}
