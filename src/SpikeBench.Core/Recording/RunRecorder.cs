using SpikeBench.Core.Schedule;
using SpikeBench.Histograms;

namespace SpikeBench.Core.Recording;

/// <summary>
/// The books of a whole run: one <see cref="OutcomeRecorder"/> per worker over shared histogram recorders, whose intervals one
/// collecting thread takes while the run goes on.
/// </summary>
public sealed class RunRecorder
{
    private readonly RecordingPlan _plan;
    private readonly Recorder[] _recorders;
    private readonly OutcomeRecorder[] _workers;
    private readonly Histogram[] _totals;
    private readonly Histogram _interval = RecordingPlan.NewHistogram();

    public RunRecorder(RecordingPlan plan, int workers)
    {
        _plan = plan;
        _recorders = [.. Enumerable.Range(0, plan.HistogramCount).Select(_ => RecordingPlan.NewRecorder())];
        _totals = [.. Enumerable.Range(0, plan.HistogramCount).Select(_ => RecordingPlan.NewHistogram())];
        _workers = [.. Enumerable.Range(0, workers).Select(_ => new OutcomeRecorder(plan, i => _recorders[i].CreateHandle()))];
    }

    /// <summary>The books of one worker; its thread's alone until it has ended.</summary>
    public OutcomeRecorder ForWorker(int worker) => _workers[worker];

    /// <summary>How many workers have books here.</summary>
    public int Workers => _workers.Length;

    /// <summary>
    /// Takes what was recorded since the last time, histogram by histogram, and adds it to the totals. One caller at a time.
    /// </summary>
    /// <param name="visit">Gets each histogram that is not empty; it must not keep it.</param>
    public void TakeIntervals(Action<int, int, TimeKind, Histogram> visit)
    {
        for (int phase = 0; phase < _plan.Phases.Count; phase++)
        {
            for (int operation = 0; operation < _plan.Operations; operation++)
            {
                for (int kind = 0; kind < RecordingPlan.Kinds; kind++)
                {
                    int index = _plan.HistogramIndex(phase, operation, (TimeKind)kind);
                    _interval.Reset();
                    if (_recorders[index].TakeInterval(_interval) > 0)
                    {
                        _totals[index].Add(_interval);
                        visit(phase, operation, (TimeKind)kind, _interval);
                    }
                }
            }
        }
    }

    /// <summary>
    /// A counter of all workers together, while they go on: each part is whole and at most a moment old, and none ever decreases.
    /// </summary>
    public long Sum(int cell, int operation, CellField field)
    {
        long sum = 0;
        foreach (OutcomeRecorder worker in _workers)
        {
            sum += worker.Cells.Sum(cell, cell + 1, operation, field);
        }

        return sum;
    }

    /// <summary>The same of a threshold's counter.</summary>
    public long Sum(int cell, int operation, int threshold, ThresholdField field)
    {
        long sum = 0;
        foreach (OutcomeRecorder worker in _workers)
        {
            sum += worker.Cells.Sum(cell, cell + 1, operation, threshold, field);
        }

        return sum;
    }

    /// <summary>Adds the workers' books up; to be called when all have ended and the last interval has been taken.</summary>
    public RunBooks Close()
    {
        CellTable cells = _plan.NewCells();
        var errors = new long[_workers[0].Errors.Length];
        var batches = new Histogram?[_plan.BatchCount];
        StatusSeconds errorSeconds = _plan.NewErrorSeconds();
        var offered = default(PlanFingerprint);
        foreach (OutcomeRecorder worker in _workers)
        {
            cells.Add(worker.Cells);
            offered.Add(worker.Offered);
            errorSeconds.Add(worker.ErrorSeconds);
            for (int i = 0; i < errors.Length; i++)
            {
                errors[i] += worker.Errors[i];
            }

            for (int i = 0; i < batches.Length; i++)
            {
                (batches[i] ??= RecordingPlan.NewBatchHistogram()).Add(worker.Batches[i]!);
            }
        }

        return new RunBooks(cells, errors, errorSeconds, offered, _totals, [.. batches.Select(b => b!)]);
    }
}

/// <summary>What a run's books add up to.</summary>
/// <param name="Cells">Exact counters.</param>
/// <param name="Errors">Errors by [phase, operation, status], flat.</param>
/// <param name="ErrorSeconds">Errors by second and status.</param>
/// <param name="Offered">The fingerprint of every call that the workers came to.</param>
/// <param name="Totals">Histograms by <see cref="RecordingPlan.HistogramIndex"/>.</param>
/// <param name="Batches">Histograms by <see cref="RecordingPlan.BatchIndex"/>; empty where no phase is judged by batches.</param>
public sealed record RunBooks(
    CellTable Cells, IReadOnlyList<long> Errors, StatusSeconds ErrorSeconds, PlanFingerprint Offered, IReadOnlyList<Histogram> Totals, IReadOnlyList<Histogram> Batches)
{
    /// <summary>The calls that were taken, counted as a plan is: what a closed load, which has none, is accounted by.</summary>
    public PlanCounts Taken(LoadPlan plan)
    {
        var taken = new long[plan.Phases.Count, plan.Operations];
        long busiest = 0;
        for (int phase = 0; phase < plan.Phases.Count; phase++)
        {
            (int first, int end) = Cells.Grid.OfPhase(phase);
            for (int operation = 0; operation < plan.Operations; operation++)
            {
                taken[phase, operation] = Cells.Sum(first, end, operation, CellField.Planned);
            }

            for (int cell = first; cell < end; cell++)
            {
                busiest = Math.Max(busiest, Cells.Sum(cell, cell + 1, -1, CellField.Planned));
            }
        }

        return new PlanCounts(taken, Offered, busiest);
    }
}
