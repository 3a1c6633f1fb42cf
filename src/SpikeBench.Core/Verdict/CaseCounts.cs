using SpikeBench.Core.Recording;
using SpikeBench.Core.Schedule;
using SpikeBench.Histograms;

namespace SpikeBench.Core.Verdict;

/// <summary>
/// The counts of a case: calls, bad calls and the looser counter, in whole and per batch, under one view of one run or of several.
/// </summary>
internal sealed class CaseCounts
{
    private const double LooserFactor = 10;

    private CaseCounts(int batches)
    {
        CallsPerBatch = new long[batches];
        BadPerBatch = new long[batches];
        OpenPerBatch = new long[batches];
        StoppedPerBatch = new long[batches];
    }

    public long Calls => CallsPerBatch.Sum();

    /// <summary>Bad calls, those included that were open when the drain was cut.</summary>
    public long Bad => BadPerBatch.Sum();

    /// <summary>
    /// Calls that were open when the drain was cut. A lane ends every call at its deadline, which is within the drain: an open one says
    /// that the generator did not look, and not what the target did. They are bad for a PASS and good for a FAIL.
    /// </summary>
    public long Open => OpenPerBatch.Sum();

    /// <summary>Calls that a stop left unsent: the phase was cut.</summary>
    public long Stopped { get; private set; }

    public long[] CallsPerBatch { get; }

    public long[] BadPerBatch { get; }

    public long[] OpenPerBatch { get; }

    /// <summary>Of the bad calls, those that a stop left unsent.</summary>
    public long[] StoppedPerBatch { get; }

    /// <summary>The slowest 10ε of the calls per batch; empty where the phase has no batches or the rule no response time.</summary>
    public long[] SlowPerBatch { get; private set; } = [];

    /// <summary>Counts a case as the user saw it.</summary>
    /// <param name="runs">One run, or all midnights of a set, which share phases and rules.</param>
    /// <param name="c">The case.</param>
    public static CaseCounts AsSeen(IReadOnlyList<RunRecord> runs, SloCase c) => Count(runs, c, fromDispatch: false, (_, _) => true);

    /// <summary>
    /// Counts a case without the generator's share: times from dispatch, only in healthy windows, and without the bad calls of its own
    /// making. A verdict against the target must stand on these counts too.
    /// </summary>
    public static CaseCounts WithoutGenerator(IReadOnlyList<RunRecord> runs, SloCase c, IReadOnlyList<HealthyWindows> healthy, long ownFailures)
    {
        CaseCounts counts = Count(runs, c, fromDispatch: true, (run, cell) => healthy[run][cell]);
        // Nobody knows which batches they were in: each gives its share.
        double kept = counts.Bad == 0 ? 1 : Math.Max(0, 1 - ownFailures / (double)counts.Bad);
        for (int b = 0; b < counts.BadPerBatch.Length; b++)
        {
            counts.BadPerBatch[b] = (long)Math.Ceiling(counts.BadPerBatch[b] * kept);
            counts.StoppedPerBatch[b] = Math.Min(counts.StoppedPerBatch[b], counts.BadPerBatch[b]);
            counts.OpenPerBatch[b] = Math.Min(counts.OpenPerBatch[b], counts.BadPerBatch[b] - counts.StoppedPerBatch[b]);
        }

        return counts;
    }

    private static CaseCounts Count(IReadOnlyList<RunRecord> runs, SloCase c, bool fromDispatch, Func<int, int, bool> include)
    {
        RecordingPlan plan = runs[0].Plan;
        Phase phase = plan.Phases[c.Phase];
        bool batched = !plan.IsSingleEvent(phase);
        int batchesPerRun = batched ? RecordingPlan.BatchesPerPhase : 1;
        var counts = new CaseCounts(batchesPerRun * runs.Count);
        var notOk = new long[counts.CallsPerBatch.Length];
        bool whole = true;
        for (int run = 0; run < runs.Count; run++)
        {
            CellTable cells = runs[run].Cells;
            (int first, int end) = cells.Grid.OfPhase(c.Phase);
            for (int cell = first; cell < end; cell++)
            {
                counts.Stopped += cells.Sum(cell, cell + 1, c.Operation, CellField.NotSentStopped);
                if (!include(run, cell))
                {
                    whole = false;
                    continue;
                }

                int batch = run * batchesPerRun + (batched ? RecordingPlan.BatchOf(phase, cells.Grid.Span(cell).StartNs) : 0);
                long calls = cells.Sum(cell, cell + 1, c.Operation, CellField.Planned);
                counts.CallsPerBatch[batch] += calls;
                notOk[batch] += calls - cells.Sum(cell, cell + 1, c.Operation, CellField.Ok);
                counts.BadPerBatch[batch] += c.BadIn(cells, cell, cell + 1, fromDispatch);
                counts.OpenPerBatch[batch] += cells.Sum(cell, cell + 1, c.Operation, CellField.Outstanding);
                counts.StoppedPerBatch[batch] += cells.Sum(cell, cell + 1, c.Operation, CellField.NotSentStopped);
            }
        }

        if (batched && whole && c.IsTimed)
        {
            counts.CountSlow(runs, c, notOk);
        }

        return counts;
    }

    private void CountSlow(IReadOnlyList<RunRecord> runs, SloCase c, long[] notOk)
    {
        Histogram[] batches = [.. runs.SelectMany(run => Enumerable.Range(0, RecordingPlan.BatchesPerPhase).Select(b => BatchOf(run, c, b)))];
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

    private static Histogram BatchOf(RunRecord run, SloCase c, int batch)
    {
        RecordingPlan plan = run.Plan;
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
