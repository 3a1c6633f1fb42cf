using SpikeBench.Core.Profiles;
using SpikeBench.Core.Recording;
using SpikeBench.Core.Schedule;
using SpikeBench.Histograms;

namespace SpikeBench.Core.Verdict;

/// <summary>One SLO rule in one phase.</summary>
/// <param name="Rule">The rule.</param>
/// <param name="Phase">Where it applies.</param>
/// <param name="Operation">Which calls; −1 for all.</param>
/// <param name="Threshold">Which of the run's counted times is the rule's threshold, or the deadline of a rule on errors; −1 where a stored run did not count its deadline.</param>
/// <param name="LimitNs">That time, in nanoseconds.</param>
internal sealed record SloCase(SloRule Rule, int Phase, int Operation, int Threshold, long LimitNs)
{
    /// <summary>The rule is about time; else only about how calls end.</summary>
    public bool IsTimed => Rule.ThresholdNs is not null;

    /// <summary>Bad calls of cells [from, to).</summary>
    /// <param name="cells">The run's counters.</param>
    /// <param name="from">The first cell.</param>
    /// <param name="to">The cell after the last.</param>
    /// <param name="fromDispatch">Forgive the generator its lateness.</param>
    public long BadIn(CellTable cells, int from, int to, bool fromDispatch)
    {
        if (IsTimed)
        {
            return cells.Sum(from, to, Operation, Threshold, fromDispatch ? ThresholdField.BadFromDispatch : ThresholdField.Bad);
        }

        // An answer that was read a moment after its deadline is OK, and over it: whoever asks for errors does not ask for that.
        long notOk = cells.Sum(from, to, Operation, CellField.Planned) - cells.Sum(from, to, Operation, CellField.Ok);
        return fromDispatch && Threshold >= 0 ? Math.Min(notOk, cells.Sum(from, to, Operation, Threshold, ThresholdField.BadFromDispatch)) : notOk;
    }
}

/// <summary>
/// The counts of a case: calls, bad calls and the looser counter, in whole and per batch, under one view of the run.
/// </summary>
internal sealed class CaseCounts
{
    private const double LooserFactor = 10;

    private CaseCounts(int batches)
    {
        CallsPerBatch = new long[batches];
        BadPerBatch = new long[batches];
    }

    public long Calls => CallsPerBatch.Sum();

    public long Bad => BadPerBatch.Sum();

    /// <summary>Calls that a stop left unsent: the phase was cut.</summary>
    public long Stopped { get; private set; }

    public long[] CallsPerBatch { get; }

    public long[] BadPerBatch { get; }

    /// <summary>The slowest 10ε of the calls per batch; empty where the phase has no batches or the rule no response time.</summary>
    public long[] SlowPerBatch { get; private set; } = [];

    /// <summary>Counts a case as the user saw it.</summary>
    public static CaseCounts AsSeen(RunRecord run, SloCase c) => Count(run, c, fromDispatch: false, _ => true);

    /// <summary>
    /// Counts a case without the generator's share: times from dispatch, only in healthy windows, and without the bad calls of its own
    /// making. A verdict against the target must stand on these counts too.
    /// </summary>
    public static CaseCounts WithoutGenerator(RunRecord run, SloCase c, Func<int, bool> healthy, long ownFailures)
    {
        CaseCounts counts = Count(run, c, fromDispatch: true, healthy);
        // Nobody knows which batches they were in: each gives its share.
        double kept = counts.Bad == 0 ? 1 : Math.Max(0, 1 - ownFailures / (double)counts.Bad);
        for (int b = 0; b < counts.BadPerBatch.Length; b++)
        {
            counts.BadPerBatch[b] = (long)Math.Ceiling(counts.BadPerBatch[b] * kept);
        }

        return counts;
    }

    private static CaseCounts Count(RunRecord run, SloCase c, bool fromDispatch, Func<int, bool> include)
    {
        RecordingPlan plan = run.Plan;
        Phase phase = plan.Phases[c.Phase];
        bool batched = !plan.IsSingleEvent(phase);
        var counts = new CaseCounts(batched ? RecordingPlan.BatchesPerPhase : 1);
        CellTable cells = run.Cells;
        var notOk = new long[counts.CallsPerBatch.Length];
        (int first, int end) = cells.Grid.OfPhase(c.Phase);
        bool whole = true;
        for (int cell = first; cell < end; cell++)
        {
            counts.Stopped += cells.Sum(cell, cell + 1, c.Operation, CellField.NotSentStopped);
            if (!include(cell))
            {
                whole = false;
                continue;
            }

            int batch = batched ? RecordingPlan.BatchOf(phase, cells.Grid.Span(cell).StartNs) : 0;
            long calls = cells.Sum(cell, cell + 1, c.Operation, CellField.Planned);
            long failed = calls - cells.Sum(cell, cell + 1, c.Operation, CellField.Ok);
            counts.CallsPerBatch[batch] += calls;
            notOk[batch] += failed;
            counts.BadPerBatch[batch] += c.BadIn(cells, cell, cell + 1, fromDispatch);
        }

        if (batched && whole && c.IsTimed)
        {
            counts.CountSlow(run, c, notOk);
        }

        return counts;
    }

    private void CountSlow(RunRecord run, SloCase c, long[] notOk)
    {
        RecordingPlan plan = run.Plan;
        Histogram[] batches = [.. Enumerable.Range(0, RecordingPlan.BatchesPerPhase).Select(b => BatchOf(run, plan, c, b))];
        Histogram all = RecordingPlan.NewBatchHistogram();
        foreach (Histogram batch in batches)
        {
            all.Add(batch);
        }

        // The value that all but 10ε of the calls stay below; calls that did not end OK rank above every value.
        double okShare = Math.Max(0, 1 - LooserFactor * c.Rule.Budget) * Calls;
        if (okShare <= 0 || okShare > all.TotalCount)
        {
            return;
        }

        long value = all.ValueAtPercentile(100 * okShare / all.TotalCount);
        SlowPerBatch = [.. batches.Select((batch, b) => batch.TotalCount - batch.CountAtOrBelow(value) + notOk[b])];
    }

    private static Histogram BatchOf(RunRecord run, RecordingPlan plan, SloCase c, int batch)
    {
        Histogram sum = RecordingPlan.NewBatchHistogram();
        for (int operation = 0; operation < plan.Operations; operation++)
        {
            if (c.Operation < 0 || c.Operation == operation)
            {
                sum.Add(run.Batches[(c.Phase * plan.Operations + operation) * RecordingPlan.BatchesPerPhase + batch]);
            }
        }

        return sum;
    }
}
