using SpikeBench.Core.Recording;

namespace SpikeBench.Core.Verdict;

/// <summary>A run as series per 100 ms cell, for one operation and one SLO.</summary>
internal sealed class SpikeSeries
{
    private readonly CellGrid _grid;
    private readonly double _budget;
    private readonly double[] _endedBefore;
    private readonly long[] _badBefore;
    private readonly long[] _plannedBefore;

    /// <param name="run">The run.</param>
    /// <param name="c">Operation, threshold and budget; the phase plays no part.</param>
    /// <param name="healthy">Forgive the generator its lateness and what is bad outside of these; null: nothing.</param>
    public SpikeSeries(RunRecord run, SloCase c, HealthyWindows? healthy = null)
    {
        CellTable cells = run.Cells;
        _grid = cells.Grid;
        _budget = c.Rule.Budget;
        Count = _grid.Count;
        PlanCells = _grid.PlanCells;
        (Planned, Bad, InFlight, Ok, Offered) = (new long[Count], new long[Count], new long[Count], new long[Count], new long[Count]);
        (_endedBefore, _badBefore, _plannedBefore) = (new double[Count + 1], new long[Count + 1], new long[Count + 1]);
        long inFlight = 0;
        for (int i = 0; i < Count; i++)
        {
            long Sum(CellField field) => cells.Sum(i, i + 1, c.Operation, field);
            Planned[i] = Sum(CellField.Planned);
            Ok[i] = Sum(CellField.OkHere);
            Offered[i] = Planned[i] - Sum(CellField.NotSentGuard) - Sum(CellField.NotSentStopped);
            Bad[i] = healthy is not null && i < PlanCells && !healthy[i] ? 0 : c.BadIn(cells, i, i + 1, fromDispatch: healthy is not null);
            InFlight[i] = inFlight += Sum(CellField.SentHere) - Sum(CellField.EndedHere);
            (_badBefore[i + 1], _plannedBefore[i + 1]) = (_badBefore[i] + Bad[i], _plannedBefore[i] + Planned[i]);
            _endedBefore[i + 1] = _endedBefore[i] + Sum(CellField.EndedHere);
        }
    }

    public int Count { get; }

    /// <summary>Cells before the drain.</summary>
    public int PlanCells { get; }

    /// <summary>Calls by intended time.</summary>
    public long[] Planned { get; }

    /// <summary>Bad calls by intended time.</summary>
    public long[] Bad { get; }

    /// <summary>Calls in flight at the cell's end.</summary>
    public long[] InFlight { get; }

    /// <summary>Calls that ended OK in the cell.</summary>
    public long[] Ok { get; }

    /// <summary>Planned calls that our own doing did not leave unsent.</summary>
    public long[] Offered { get; }

    public double Start(int cell) => _grid.Span(cell).StartNs / 1e9;

    public double End(int cell) => _grid.Span(cell).EndNs / 1e9;

    public double Width(int cell) => End(cell) - Start(cell);

    /// <summary>The first cell that ends later than <paramref name="seconds"/> after <paramref name="from"/> starts.</summary>
    public int After(int from, double seconds)
    {
        int to = from;
        while (to < Count && End(to) <= Start(from) + seconds + 1e-9)
        {
            to++;
        }

        return to;
    }

    /// <summary>More than the budget of [from, to) is bad, a single bad call apart.</summary>
    public bool IsAbove(int from, int to)
    {
        (long bad, long planned) = (_badBefore[to] - _badBefore[from], _plannedBefore[to] - _plannedBefore[from]);
        return bad > 1 && bad > _budget * planned;
    }

    /// <summary>True where the cell's own share is over the budget, and not by a single bad call in its second.</summary>
    public bool IsAbove(int cell)
    {
        if (Bad[cell] <= _budget * Planned[cell])
        {
            return false;
        }

        int from = cell;
        while (from > 0 && Math.Floor(Start(from - 1)) == Math.Floor(Start(cell)))
        {
            from--;
        }

        return IsAbove(from, Math.Min(PlanCells, After(from, 1)));
    }

    /// <summary>When the target had ended as many calls as were intended before the end of each cell, less that end: how long they took, in order.</summary>
    public double[] Waits()
    {
        var waits = new double[PlanCells];
        double came = 0;
        int at = 0;
        for (int i = 0; i < PlanCells; i++)
        {
            came += Offered[i];
            while (at < Count && _endedBefore[at + 1] < came - 1e-9)
            {
                at++;
            }

            // Calls that never ended waited at least to the end of what was observed.
            double left = at == Count
                ? End(Count - 1)
                : Start(at) + Width(at) * Math.Max(0, came - _endedBefore[at]) / Math.Max(1, _endedBefore[at + 1] - _endedBefore[at]);
            waits[i] = Math.Max(0, left - End(i));
        }

        return waits;
    }

    public static long Sum(long[] values, int from, int to)
    {
        long sum = 0;
        for (int i = from; i < to; i++)
        {
            sum += values[i];
        }

        return sum;
    }

    public double MedianInFlight(int from, int to)
    {
        if (to <= from)
        {
            return 0;
        }

        long[] sorted = InFlight[from..to];
        Array.Sort(sorted);
        return sorted[sorted.Length / 2];
    }
}
