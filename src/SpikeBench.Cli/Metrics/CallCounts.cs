using SpikeBench.Core.Recording;

namespace SpikeBench.Cli.Metrics;

/// <summary>
/// The exact counters of all workers by phase and operation, while they go on. Cells whose calls are all decided are added up once; only
/// the last few seconds are read each time.
/// </summary>
internal sealed class CallCounts(RunRecorder recorder, RecordingPlan plan)
{
    // Beyond the deadline nothing changes but by the drain's end, after which everything is counted anew.
    private const long SettledNs = 2_000_000_000;

    private static readonly int Fields = CellTable.Fields;

    private readonly CellGrid _grid = plan.NewGrid();
    private readonly long[] _settled = new long[plan.Phases.Count * plan.Operations * Fields];
    private long[] _now = new long[plan.Phases.Count * plan.Operations * Fields];
    private int _settledCells;

    public long this[int phase, int operation, CellField field] => _now[(phase * plan.Operations + operation) * Fields + (int)field];

    /// <summary>Reads up to a moment; counters of the future are 0 anyway.</summary>
    /// <param name="nowNs">Now, from T0.</param>
    public void Read(long nowNs)
    {
        int settled = _settledCells;
        while (settled < _grid.PlanCells && _grid.Span(settled).EndNs + plan.DeadlineNs + SettledNs < nowNs)
        {
            settled++;
        }

        Add(_settled, _settledCells, settled);
        _settledCells = settled;
        _now = [.. _settled];
        Add(_now, settled, Math.Min(_grid.PlanCells, _grid.CellAt(nowNs) + 1));
    }

    /// <summary>Reads everything again; to be called when the workers have ended.</summary>
    public void ReadAll()
    {
        Array.Clear(_settled);
        _settledCells = 0;
        _now = [.. _settled];
        Add(_now, 0, _grid.PlanCells);
    }

    private void Add(long[] sums, int from, int to)
    {
        for (int cell = from; cell < to; cell++)
        {
            int phase = _grid.PhaseOf(cell);
            for (int operation = 0; operation < plan.Operations; operation++)
            {
                for (int field = 0; field < Fields; field++)
                {
                    sums[(phase * plan.Operations + operation) * Fields + field] += recorder.Sum(cell, operation, (CellField)field);
                }
            }
        }
    }
}
