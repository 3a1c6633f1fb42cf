using SpikeBench.Core.Recording;
using SpikeBench.Histograms;

namespace SpikeBench.Core.Verdict.Trials;

/// <summary>
/// One synthetic run in virtual time: Poisson arrivals under a curve, k servers in order of arrival, freezes, and a healthy generator;
/// kept in the books of a real run, so that the real judge decides it.
/// </summary>
/// <remarks>
/// A freeze stops all servers, so the queue is played in <i>work time</i>, real time without freezes, and ends are mapped back. The
/// generator is a good one on a shared machine: 50 µs late as a rule, and every 10 s or so held up for a millisecond.
/// </remarks>
internal sealed class TrialRun
{
    /// <summary>How late the healthy generator sends as a rule.</summary>
    public const long UsualLatenessNs = 50_000;

    private const double HeldUpEverySeconds = 10;
    private const double HeldUpSeconds = 0.001;
    private const double NsPerSecond = 1e9;

    // Response times below this many mean services are only counted: no quantile that a judge asks for is there.
    private const double PlainServices = 2;

    // The queue starts empty and gets this long to forget it; M/M/8 at ρ = 0.9 forgets within about half a second.
    private const double WarmUpSeconds = 10;

    private readonly TrialShape _shape;
    private readonly RecordingPlan _plan;
    private readonly RunSummary _template;
    private readonly double[] _callsBefore;
    private readonly Histogram[] _totals;
    private readonly Histogram[] _batches;
    private readonly long _plainNs;
    private CellTable _cells;

    /// <param name="shape">What is offered to what.</param>
    /// <param name="thresholdNs">τ of the SLO on the judged phase.</param>
    /// <param name="repeats">The midnights that the claim asks for.</param>
    /// <param name="looks">The looks that it registers.</param>
    public TrialRun(TrialShape shape, long thresholdNs, int repeats = 1, int looks = 1)
    {
        _shape = shape;
        long drainNs = shape.DeadlineNs + 1_000_000_000;
        _plan = new RecordingPlan(shape.Phases, 1, [thresholdNs], drainNs, shape.DeadlineNs);
        int cells = (int)((shape.Curve.DurationNs + CellGrid.CellNs - 1) / CellGrid.CellNs);
        _callsBefore = [.. Enumerable.Range(0, cells + 1).Select(i => shape.Curve.Integral(i * CellGrid.CellNs))];
        _template = TrialSummary.Of(shape, thresholdNs, drainNs, repeats, looks);
        _totals = [.. Enumerable.Range(0, _plan.HistogramCount).Select(_ => RecordingPlan.NewHistogram())];
        _batches = [.. Enumerable.Range(0, _plan.BatchCount).Select(_ => RecordingPlan.NewBatchHistogram())];
        _cells = _plan.NewCells();
        _plainNs = Math.Min(thresholdNs, (long)(PlainServices * shape.MeanServiceSeconds * NsPerSecond));
    }

    /// <summary>Plays one run. Its histograms are good until the next.</summary>
    public RunRecord Play(ulong seed)
    {
        foreach (Histogram histogram in _totals.Concat(_batches))
        {
            histogram.Reset();
        }

        _cells = _plan.NewCells();
        var draws = new TrialDraws(seed);
        var freezes = new Interruptions(_shape.FreezeEverySeconds, () => _shape.FreezeSeconds, seed ^ 0x5EED_F8EE, _shape.Curve.DurationNs / NsPerSecond);
        var holdUps = new TrialDraws(seed ^ 0x5EED_1A7E);
        double heldUpAt = HeldUpEverySeconds * holdUps.Exponential(), heldUpTo = heldUpAt + HeldUpSeconds * holdUps.Exponential();
        double[] free = Warm(ref draws);
        var open = new OpenCell { Cell = -1, Batch = -1 };
        int phase = 0, at = 0;
        double level = 0;
        while (true)
        {
            level += draws.Exponential();
            while (at < _callsBefore.Length - 1 && level > _callsBefore[at + 1])
            {
                at++;
            }

            long intendedNs = at == _callsBefore.Length - 1
                ? long.MaxValue
                : (long)((at + (level - _callsBefore[at]) / (_callsBefore[at + 1] - _callsBefore[at])) * CellGrid.CellNs);
            if (intendedNs >= _shape.Curve.DurationNs)
            {
                break;
            }

            while (intendedNs >= _shape.Phases[phase].EndNs)
            {
                phase++;
            }

            if (intendedNs >= open.EndNs)
            {
                Flush(open);
                int cell = _cells.Grid.CellIn(phase, intendedNs);
                open = new OpenCell { Cell = cell, Phase = phase, EndNs = _cells.Grid.Span(cell).EndNs, Batch = _plan.BatchIndex(phase, 0, intendedNs) };
            }

            double sent = (intendedNs + UsualLatenessNs) / NsPerSecond;
            while (sent > heldUpTo)
            {
                heldUpAt = heldUpTo + HeldUpEverySeconds * holdUps.Exponential();
                heldUpTo = heldUpAt + HeldUpSeconds * holdUps.Exponential();
            }

            sent = sent > heldUpAt ? heldUpTo : sent;
            int server = FirstFree(free);
            free[server] = Math.Max(free[server], freezes.WorkTime(sent)) + _shape.MeanServiceSeconds * draws.Exponential();
            double end = freezes.RealTime(free[server]);
            Book(ref open, intendedNs, (long)(sent * NsPerSecond), (long)(end * NsPerSecond));
        }

        Flush(open);
        return Close(seed);
    }

    /// <summary>When each server is next free, after a while at the first rate.</summary>
    private double[] Warm(ref TrialDraws draws)
    {
        var free = new double[_shape.Servers];
        Array.Fill(free, -WarmUpSeconds);
        double rate = _shape.Curve.RateAt(0);
        for (double t = -WarmUpSeconds; t < 0; t += draws.Exponential() / rate)
        {
            int server = FirstFree(free);
            free[server] = Math.Max(free[server], t) + _shape.MeanServiceSeconds * draws.Exponential();
        }

        return free;
    }

    private static int FirstFree(double[] free)
    {
        int first = 0;
        for (int i = 1; i < free.Length; i++)
        {
            if (free[i] < free[first])
            {
                first = i;
            }
        }

        return first;
    }

    /// <summary>What is the same for most calls of a cell, written once per cell.</summary>
    private void Flush(in OpenCell open)
    {
        if (open.Cell < 0)
        {
            return;
        }

        _cells[open.Cell, 0, CellField.Planned] += open.Planned;
        _cells[open.Cell, 0, CellField.Sent] += open.Planned;
        _cells[open.Cell, 0, CellField.SentHere] += open.Planned;
        _cells[open.Cell, 0, CellField.Ok] += open.Planned - open.TimedOut;
        _cells[open.Cell, 0, CellField.TimedOut] += open.TimedOut;
        _cells[open.Cell, 0, CellField.EndedHere] += open.EndedHere;
        _cells[open.Cell, 0, CellField.OkHere] += open.EndedHere;
        if (open.Plain > 0)
        {
            RecordOk(open.Phase, open.Batch, (long)(_shape.MeanServiceSeconds * NsPerSecond), open.Plain);
        }
    }

    private void Book(ref OpenCell open, long intendedNs, long sentNs, long endNs)
    {
        open.Planned++;
        if (sentNs - intendedNs > UsualLatenessNs + 1)
        {
            BookLate(open.Cell, intendedNs, sentNs);
        }

        long responseNs = endNs - intendedNs;
        if (endNs < open.EndNs && responseNs <= _plainNs)
        {
            open.EndedHere++;
            open.Plain++;
            return;
        }

        bool ok = responseNs <= _shape.DeadlineNs;
        int endCell = _cells.Grid.CellAt(Math.Min(endNs, intendedNs + _shape.DeadlineNs));
        _cells[endCell, 0, CellField.EndedHere]++;
        if (responseNs > _plan.ThresholdsNs[0])
        {
            _cells[open.Cell, 0, 0, ThresholdField.Bad]++;
            _cells[open.Cell, 0, 0, ThresholdField.BadFromDispatch] += !ok || endNs - sentNs > _plan.ThresholdsNs[0] ? 1 : 0;
        }

        if (ok)
        {
            _cells[endCell, 0, CellField.OkHere]++;
            RecordOk(open.Phase, open.Batch, responseNs, 1);
        }
        else
        {
            open.TimedOut++;
        }
    }

    private void RecordOk(int phase, int batch, long responseNs, long count)
    {
        _totals[_plan.HistogramIndex(phase, 0, TimeKind.Response)].Record(responseNs, count);
        if (batch >= 0)
        {
            _batches[batch].TryRecord(responseNs, count);
        }
    }

    private void BookLate(int cell, long intendedNs, long sentNs)
    {
        int sentCell = _cells.Grid.CellAt(sentNs);
        _cells[cell, 0, CellField.SentHere]--;
        _cells[sentCell, 0, CellField.SentHere]++;
        _cells[cell, 0, CellField.SentAfterCell] += sentNs / CellGrid.CellNs > intendedNs / CellGrid.CellNs ? 1 : 0;
        _cells[cell, 0, CellField.SentAfterSecond] += sentNs / 1_000_000_000 > intendedNs / 1_000_000_000 ? 1 : 0;
        _cells[cell, 0, 0, ThresholdField.Late] += sentNs - intendedNs > _plan.ThresholdsNs[0] / 10 ? 1 : 0;
    }

    private RunRecord Close(ulong seed)
    {
        long[][] planned = [.. Enumerable.Range(0, _plan.Phases.Count).Select(p =>
        {
            (int first, int end) = _cells.Grid.OfPhase(p);
            return (long[])[_cells.Sum(first, end, 0, CellField.Planned)];
        })];
        return new RunRecord
        {
            Cells = _cells,
            Totals = _totals,
            Batches = _batches,
            Seconds = [],
            Summary = _template with { Seed = seed, Plan = _template.Plan with { Planned = planned } },
        };
    }

    /// <summary>The cell that calls are being planned in, and what to write when it is over.</summary>
    private struct OpenCell
    {
        public int Cell;
        public int Phase;
        public int Batch;
        public long EndNs;
        public long Planned;
        public long TimedOut;
        public long EndedHere;
        public long Plain;
    }
}
