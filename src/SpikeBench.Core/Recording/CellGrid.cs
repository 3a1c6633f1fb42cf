using SpikeBench.Core.Schedule;

namespace SpikeBench.Core.Recording;

/// <summary>
/// Time from T0 cut into cells of 100 ms. A cell never straddles two phases: where a phase ends inside one, the cell is cut in two.
/// </summary>
/// <remarks>
/// <code>
/// phases   |---- before ----|------ spike ------|
/// 100 ms   |    |    |    | :  |    |    |    | :  |    |    |   drain: whole cells after the plan
/// cells    0    1    2    3 4  5    6    7    8 9  10   11   12
/// </code>
/// </remarks>
public sealed class CellGrid
{
    /// <summary>The width of a whole cell: 100 ms.</summary>
    public const long CellNs = 100_000_000;

    private readonly Phase[] _phases;
    private readonly int[] _firstCell;
    private readonly long[] _startsNs;

    /// <param name="phases">Adjacent, from 0.</param>
    /// <param name="drainNs">How long calls may end after the last phase.</param>
    public CellGrid(IReadOnlyList<Phase> phases, long drainNs)
    {
        // The drain is a stretch like a phase, behind the others; nothing is intended in it.
        _phases = [.. phases, new Phase("drain", phases[^1].EndNs, phases[^1].EndNs + drainNs + CellNs)];
        _firstCell = new int[_phases.Length + 1];
        var starts = new List<long>();
        for (int p = 0; p < _phases.Length; p++)
        {
            _firstCell[p] = starts.Count;
            starts.Add(_phases[p].StartNs);
            for (long next = (_phases[p].StartNs / CellNs + 1) * CellNs; next < _phases[p].EndNs; next += CellNs)
            {
                starts.Add(next);
            }
        }

        _firstCell[^1] = starts.Count;
        starts.Add(_phases[^1].EndNs);
        _startsNs = [.. starts];
    }

    /// <summary>How many cells there are, those of the drain included.</summary>
    public int Count => _startsNs.Length - 1;

    /// <summary>The first cell of the drain: all before it are the plan's.</summary>
    public int PlanCells => _firstCell[_phases.Length - 1];

    /// <summary>The cells [first, end) of a phase.</summary>
    public (int First, int End) OfPhase(int phase) => (_firstCell[phase], _firstCell[phase + 1]);

    /// <summary>A cell's stretch, [start, end) in nanoseconds from T0.</summary>
    public (long StartNs, long EndNs) Span(int cell) => (_startsNs[cell], _startsNs[cell + 1]);

    /// <summary>The phase that a cell belongs to; the number of phases for the drain.</summary>
    public int PhaseOf(int cell)
    {
        int phase = 0;
        while (cell >= _firstCell[phase + 1])
        {
            phase++;
        }

        return phase;
    }

    /// <summary>The cell of a call of <paramref name="phase"/> intended at <paramref name="intendedNs"/>.</summary>
    public int CellIn(int phase, long intendedNs) =>
        _firstCell[phase] + (int)(intendedNs / CellNs - _phases[phase].StartNs / CellNs);

    /// <summary>The cell of a moment; what comes before the first or after the last counts there.</summary>
    public int CellAt(long tNs)
    {
        int phase = 0;
        while (phase < _phases.Length - 1 && tNs >= _phases[phase].EndNs)
        {
            phase++;
        }

        return Math.Clamp(CellIn(phase, Math.Max(0, tNs)), 0, Count - 1);
    }
}
