using SpikeBench.Histograms;

namespace SpikeBench.Core.Recording;

/// <summary>
/// What is kept of a run while it goes on, second by second: the interval log, and the changes of the exact counters. Whatever ends the
/// process, the folder reads back as the part of the run that was. When the disk fails, the run goes on without its journal.
/// </summary>
/// <remarks>
/// Counters are read while their workers write them. A row may hold a call's end without its beginning; the next second's row makes up
/// for it, and the table that is written when the books are closed replaces them all.
/// </remarks>
public sealed class RunJournal : IDisposable
{
    private const long SecondNs = 1_000_000_000;

    private readonly RunRecorder _recorder;
    private readonly PlanSummary _plan;
    private readonly IntervalLog? _log;
    private readonly StreamWriter? _timeline;
    private readonly CellTable _written;
    private readonly CellTable _changes;

    // How far back a cell's counters can still change: a call ends at its deadline at the latest, and the drain is longer than that.
    private readonly long _openNs;

    /// <param name="folder">The run's folder.</param>
    /// <param name="summary">The run's summary as it is known before the load.</param>
    /// <param name="recorder">The books.</param>
    /// <param name="create">Makes a file by its path; null makes real ones.</param>
    /// <exception cref="IOException">The files cannot be made.</exception>
    public RunJournal(string folder, RunSummary summary, RunRecorder recorder, Func<string, Stream>? create = null)
    {
        create ??= static path => new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.Read);
        _recorder = recorder;
        _plan = summary.Plan;
        _written = summary.RecordingPlan.NewCells();
        _changes = summary.RecordingPlan.NewCells();
        _openNs = summary.DrainNs + SecondNs;
        try
        {
            _log = new IntervalLog(create(Path.Combine(folder, RunFolder.IntervalsFile)), summary.T0Utc, summary.Plan.Phases, summary.Plan.Operations);
            _timeline = new StreamWriter(create(Path.Combine(folder, RunFolder.TimelineFile))) { NewLine = "\n" };
            _timeline.WriteLine(TimelineCsv.Header(summary.ThresholdsNs));
            _log.Flush();
            _timeline.Flush();
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Why writing ended before the run did; null while all is well.</summary>
    public string? Failure { get; private set; }

    /// <summary>Until when the journal is whole, from T0 in nanoseconds.</summary>
    public long KeptNs { get; private set; }

    /// <summary>Writes one histogram of the second that ends now.</summary>
    public void Write(int phase, int operation, TimeKind kind, long startNs, long endNs, Histogram histogram)
    {
        if (Failure is null)
        {
            Try(() => _log!.Write(phase, operation, kind, startNs, endNs, histogram));
        }
    }

    /// <summary>Closes a second: what has changed in the counters is appended, and all is handed to the operating system.</summary>
    /// <param name="nowNs">Now, from T0.</param>
    public void Commit(long nowNs)
    {
        if (Failure is not null)
        {
            return;
        }

        Try(() =>
        {
            CellGrid grid = _written.Grid;
            int from = grid.CellAt(nowNs - _openNs), to = grid.CellAt(nowNs) + 1;
            Collect(from, to);
            TimelineCsv.WriteRows(_changes, _plan, _timeline!, from, to);
            _log!.Flush();
            _timeline!.Flush();
            KeptNs = nowNs;
        });
    }

    public void Dispose()
    {
        // What a full disk did not take cannot be flushed either; that was reported when it happened.
        Try(() => _timeline?.Dispose());
        Try(() => _log?.Dispose());
    }

    private void Collect(int from, int to)
    {
        for (int cell = from; cell < to; cell++)
        {
            for (int operation = 0; operation < _written.Operations; operation++)
            {
                for (int column = 0; column < _written.Columns; column++)
                {
                    long now = 0;
                    for (int worker = 0; worker < _recorder.Workers; worker++)
                    {
                        now += Volatile.Read(ref _recorder.ForWorker(worker).Cells.Column(cell, operation, column));
                    }

                    ref long written = ref _written.Column(cell, operation, column);
                    _changes.Column(cell, operation, column) = now - written;
                    written = now;
                }
            }
        }
    }

    private void Try(Action write)
    {
        try
        {
            write();
        }
        catch (ObjectDisposedException)
        {
            // A stream whose last flush failed is closed; the failure is known.
        }
        catch (Exception e) when (RunFolder.IsDiskFailure(e))
        {
            Failure ??= e.Message;
        }
    }
}
