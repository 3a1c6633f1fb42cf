using SpikeBench.Core.Engine;
using SpikeBench.Core.Schedule;
using SpikeBench.Histograms;

namespace SpikeBench.Core.Recording;

/// <summary>What a response-time histogram is of.</summary>
public enum TimeKind
{
    /// <summary>Ended − intended, of calls that ended OK. What the user felt, and what verdicts rest on.</summary>
    Response,

    /// <summary>Ended − on wire, of calls that ended OK; ended − dispatched where the driver cannot know when bytes left.</summary>
    Service,

    /// <summary>Dispatched − intended, of every call sent: the generator's own lateness.</summary>
    Lateness,
}

/// <summary>
/// One worker's books: exact counters, errors by status, and histograms for people. One writer; the histograms' intervals may be taken
/// by another thread meanwhile, everything else is read after the worker has ended.
/// </summary>
/// <remarks>
/// Only OK calls are in the response and service histograms: a quick refusal must not improve a percentile. Whoever prints a percentile
/// counts the others as infinitely slow.
/// </remarks>
public sealed class OutcomeRecorder
{
    private const long SecondNs = 1_000_000_000;

    private readonly RecorderHandle[] _handles;
    private readonly Histogram?[] _batches;
    private readonly RecordingPlan _plan;
    private readonly long[] _thresholdsNs;
    private PlanFingerprint _offered;

    internal OutcomeRecorder(RecordingPlan plan, Func<int, RecorderHandle> handleOf)
    {
        _plan = plan;
        _thresholdsNs = [.. plan.ThresholdsNs];
        _handles = [.. Enumerable.Range(0, plan.HistogramCount).Select(handleOf)];
        _batches = [.. Enumerable.Range(0, plan.BatchCount).Select(_ => RecordingPlan.NewBatchHistogram())];
        Cells = plan.NewCells();
        Errors = new long[plan.Phases.Count * plan.Operations * GrpcStatus.BookedCount];
        ErrorSeconds = plan.NewErrorSeconds();
    }

    public CellTable Cells { get; }

    /// <summary>Error counts by [phase, operation, status].</summary>
    public long[] Errors { get; }

    /// <summary>The same errors by the second that their calls were due in.</summary>
    public StatusSeconds ErrorSeconds { get; }

    /// <summary>The fingerprint of every call that the generator came to, sent or not.</summary>
    public PlanFingerprint Offered => _offered;

    /// <summary>Response times of OK calls by [phase, operation, batch], for phases long enough to be judged by batches.</summary>
    internal IReadOnlyList<Histogram?> Batches => _batches;

    /// <summary>The generator came to a call of the plan.</summary>
    public void Took(in Arrival arrival)
    {
        _offered.Add(arrival);
        Cells[Cells.Grid.CellIn(arrival.Phase, arrival.IntendedNs), arrival.Operation, CellField.Planned]++;
    }

    /// <summary>The call was not sent, by our own doing.</summary>
    public void NotSent(in Arrival arrival, CellField reason)
    {
        int cell = Cells.Grid.CellIn(arrival.Phase, arrival.IntendedNs);
        Cells[cell, arrival.Operation, reason]++;
        CountBad(cell, arrival.Operation, long.MaxValue, long.MaxValue, waited: false);
    }

    /// <summary>The call was handed to the driver, or waits for a stream with the driver's word.</summary>
    public void Dispatched(in Arrival arrival, long dispatchedNs)
    {
        int cell = Cells.Grid.CellIn(arrival.Phase, arrival.IntendedNs);
        int operation = arrival.Operation;
        long latenessNs = Math.Max(0, dispatchedNs - arrival.IntendedNs);
        Cells[cell, operation, CellField.Sent]++;
        Cells[Cells.Grid.CellAt(dispatchedNs), operation, CellField.SentHere]++;
        if (dispatchedNs / CellGrid.CellNs > arrival.IntendedNs / CellGrid.CellNs)
        {
            Cells[cell, operation, CellField.SentAfterCell]++;
            if (dispatchedNs / SecondNs > arrival.IntendedNs / SecondNs)
            {
                Cells[cell, operation, CellField.SentAfterSecond]++;
            }
        }

        for (int k = 0; k < _thresholdsNs.Length; k++)
        {
            if (latenessNs > _thresholdsNs[k] / 10)
            {
                Cells[cell, operation, k, ThresholdField.Late]++;
            }
        }

        _handles[_plan.HistogramIndex(arrival.Phase, operation, TimeKind.Lateness)].Record(latenessNs);
    }

    /// <summary>The call's operation is over.</summary>
    /// <param name="op">The operation.</param>
    /// <param name="e">How its last attempt ended, with times from T0.</param>
    public void Ended(in UserOp op, in CallEvent e)
    {
        Arrival arrival = op.Arrival;
        int cell = Cells.Grid.CellIn(arrival.Phase, arrival.IntendedNs);
        int endCell = Cells.Grid.CellAt(e.AtNs);
        int operation = arrival.Operation;
        Cells[endCell, operation, CellField.EndedHere]++;
        CountTail(cell, operation, e.AtNs - arrival.IntendedNs, op.DispatchedNs - arrival.IntendedNs);
        if (op.WaitedForStream)
        {
            Cells[cell, operation, CellField.StreamWaited]++;
        }

        switch (e.Failure)
        {
            case Failure.None:
                long responseNs = Math.Max(0, e.AtNs - arrival.IntendedNs);
                long sinceDispatchNs = Math.Max(0, e.AtNs - op.DispatchedNs);
                Cells[cell, operation, CellField.Ok]++;
                Cells[endCell, operation, CellField.OkHere]++;
                CountBad(cell, operation, responseNs, sinceDispatchNs, op.WaitedForStream);
                _handles[_plan.HistogramIndex(arrival.Phase, operation, TimeKind.Response)].Record(responseNs);
                _handles[_plan.HistogramIndex(arrival.Phase, operation, TimeKind.Service)]
                    .Record(e.OnWireNs >= 0 ? Math.Max(0, e.AtNs - e.OnWireNs) : sinceDispatchNs);
                int batch = _plan.BatchIndex(arrival.Phase, operation, arrival.IntendedNs);
                if (batch >= 0)
                {
                    _batches[batch]!.TryRecord(responseNs);
                }

                return;
            case Failure.Timeout:
                Cells[cell, operation, CellField.TimedOut]++;
                CountTimedOut(cell, operation, Math.Max(0, e.AtNs - op.DispatchedNs), op.WaitedForStream);
                return;
            default:
                Cells[cell, operation, CellField.Error]++;
                Errors[(arrival.Phase * _plan.Operations + operation) * GrpcStatus.BookedCount + e.Status]++;
                ErrorSeconds.Book(arrival.IntendedNs, e.Status);
                break;
        }

        CountBad(cell, operation, long.MaxValue, long.MaxValue, op.WaitedForStream);
    }

    /// <summary>The drain is over and the call has not ended.</summary>
    public void Outstanding(in UserOp op)
    {
        int cell = Cells.Grid.CellIn(op.Arrival.Phase, op.Arrival.IntendedNs);
        Cells[cell, op.Arrival.Operation, CellField.Outstanding]++;
        CountBad(cell, op.Arrival.Operation, long.MaxValue, long.MaxValue, op.WaitedForStream);
    }

    /// <summary>The response time and lateness of calls near or over a threshold: what share of the tail is the generator's own.</summary>
    private void CountTail(int cell, int operation, long responseNs, long latenessNs)
    {
        const long nsPerUs = 1_000;
        for (int k = 0; k < _thresholdsNs.Length; k++)
        {
            if (responseNs > _thresholdsNs[k] / 10 * 8)
            {
                Cells[cell, operation, k, ThresholdField.TailResponseUs] += responseNs / nsPerUs;
                Cells[cell, operation, k, ThresholdField.TailLatenessUs] += Math.Max(0, latenessNs) / nsPerUs;
            }
        }
    }

    /// <summary>
    /// A call that timed out is bad by every threshold. It is so from dispatch as well if the target had it for longer than the
    /// threshold, or for half of the deadline; a generator that used up more than that cannot say what the target would have done.
    /// </summary>
    private void CountTimedOut(int cell, int operation, long sinceDispatchNs, bool waited)
    {
        for (int k = 0; k < _thresholdsNs.Length; k++)
        {
            Cells[cell, operation, k, ThresholdField.Bad]++;
            Cells[cell, operation, k, ThresholdField.BadAfterStreamWait] += waited ? 1 : 0;
            Cells[cell, operation, k, ThresholdField.BadFromDispatch] += sinceDispatchNs > Math.Min(_thresholdsNs[k], _plan.DeadlineNs / 2) ? 1 : 0;
        }
    }

    private void CountBad(int cell, int operation, long responseNs, long sinceDispatchNs, bool waited)
    {
        for (int k = 0; k < _thresholdsNs.Length; k++)
        {
            if (responseNs > _thresholdsNs[k])
            {
                Cells[cell, operation, k, ThresholdField.Bad]++;
                Cells[cell, operation, k, ThresholdField.BadAfterStreamWait] += waited ? 1 : 0;
                if (sinceDispatchNs > _thresholdsNs[k])
                {
                    Cells[cell, operation, k, ThresholdField.BadFromDispatch]++;
                }
            }
        }
    }
}
