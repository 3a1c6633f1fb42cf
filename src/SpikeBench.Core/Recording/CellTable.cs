namespace SpikeBench.Core.Recording;

/// <summary>The exact counters of one operation in one 100 ms cell.</summary>
/// <remarks>
/// The first block is keyed by the call's <i>intended</i> time, so that a call counts where the plan put it however late it was; the
/// last three are keyed by when things really happened and describe the load as the target saw it.
/// </remarks>
public enum CellField
{
    /// <summary>Calls of the plan that the generator came to.</summary>
    Planned,

    /// <summary>Calls handed to the driver.</summary>
    Sent,
    Ok,
    Error,
    TimedOut,
    Outstanding,
    NotSentGuard,
    NotSentStopped,

    /// <summary>Sent, but only after its 100 ms were over.</summary>
    SentAfterCell,

    /// <summary>Sent, but only after its second was over.</summary>
    SentAfterSecond,

    /// <summary>Waited for a free HTTP/2 stream.</summary>
    StreamWaited,

    /// <summary>Sent in this cell, whenever intended.</summary>
    SentHere,

    /// <summary>Ended in this cell, however.</summary>
    EndedHere,

    /// <summary>Ended OK in this cell.</summary>
    OkHere,
}

/// <summary>The exact counters of one threshold τ, an SLO's or the deadline, keyed by intended cell.</summary>
public enum ThresholdField
{
    /// <summary>Not OK, or response time above τ. What the verdict counts.</summary>
    Bad,

    /// <summary>
    /// Bad even when the generator's lateness is forgiven: not OK, or time from dispatch above τ; timed out only if the target had the
    /// call for longer than τ or for half of the deadline.
    /// </summary>
    BadFromDispatch,

    /// <summary>Sent later than a tenth of τ after the intended time.</summary>
    Late,

    /// <summary>Bad, and had waited for a free HTTP/2 stream: bad perhaps for want of connections.</summary>
    BadAfterStreamWait,

    /// <summary>Microseconds of response time of the calls that took more than 0.8 τ, however they ended.</summary>
    TailResponseUs,

    /// <summary>Microseconds of lateness of the same calls: the generator's share of the tail.</summary>
    TailLatenessUs,
}

/// <summary>
/// Exact counters per 100 ms cell, operation and SLO threshold. One writer per table; tables of several workers are added up.
/// </summary>
public sealed class CellTable
{
    public static readonly int Fields = Enum.GetValues<CellField>().Length;
    public static readonly int ThresholdFields = Enum.GetValues<ThresholdField>().Length;

    private readonly long[] _counts;
    private readonly int _stride;

    /// <param name="grid">The cells.</param>
    /// <param name="operations">How many operations the mix has.</param>
    /// <param name="thresholdsNs">The different SLO thresholds, in nanoseconds.</param>
    public CellTable(CellGrid grid, int operations, IReadOnlyList<long> thresholdsNs)
    {
        Grid = grid;
        Operations = operations;
        ThresholdsNs = thresholdsNs;
        _stride = Fields + thresholdsNs.Count * ThresholdFields;
        _counts = new long[(long)grid.Count * operations * _stride];
    }

    public CellGrid Grid { get; }

    public int Operations { get; }

    /// <summary>The different SLO thresholds, in nanoseconds.</summary>
    public IReadOnlyList<long> ThresholdsNs { get; }

    public long this[int cell, int operation, CellField field]
    {
        get => _counts[Row(cell, operation) + (int)field];
        set => _counts[Row(cell, operation) + (int)field] = value;
    }

    public long this[int cell, int operation, int threshold, ThresholdField field]
    {
        get => _counts[Row(cell, operation) + Fields + threshold * ThresholdFields + (int)field];
        set => _counts[Row(cell, operation) + Fields + threshold * ThresholdFields + (int)field] = value;
    }

    /// <summary>How many counters a cell has for an operation: the fields, then each threshold's.</summary>
    internal int Columns => _stride;

    /// <summary>One counter by its column; another thread may read it while its writer goes on.</summary>
    internal ref long Column(int cell, int operation, int column) => ref _counts[Row(cell, operation) + column];

    /// <summary>The sum of a field over cells [from, to) and one operation, or all where <paramref name="operation"/> is −1.</summary>
    public long Sum(int fromCell, int toCell, int operation, CellField field) =>
        SumColumn(fromCell, toCell, operation, (int)field);

    /// <summary>The sum of a threshold's field over cells [from, to) and one operation, or all where <paramref name="operation"/> is −1.</summary>
    public long Sum(int fromCell, int toCell, int operation, int threshold, ThresholdField field) =>
        SumColumn(fromCell, toCell, operation, Fields + threshold * ThresholdFields + (int)field);

    /// <summary>Adds every counter of a table of the same shape.</summary>
    public void Add(CellTable other)
    {
        if (other._counts.Length != _counts.Length || other._stride != _stride)
        {
            throw new ArgumentException("The tables have different shapes.", nameof(other));
        }

        for (int i = 0; i < _counts.Length; i++)
        {
            _counts[i] += other._counts[i];
        }
    }

    private long SumColumn(int fromCell, int toCell, int operation, int column)
    {
        long sum = 0;
        int first = operation < 0 ? 0 : operation;
        int last = operation < 0 ? Operations - 1 : operation;
        for (int cell = fromCell; cell < toCell; cell++)
        {
            for (int o = first; o <= last; o++)
            {
                sum += _counts[Row(cell, o) + column];
            }
        }

        return sum;
    }

    private int Row(int cell, int operation) => (cell * Operations + operation) * _stride;
}
