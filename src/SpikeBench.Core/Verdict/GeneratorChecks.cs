using SpikeBench.Core.Profiles;
using SpikeBench.Core.Recording;

namespace SpikeBench.Core.Verdict;

/// <summary>
/// The checks of the generator. Its errors have a sign: lateness and stolen time make the target look worse, missing or smoothed load
/// makes it look better. So each check voids only the verdict that its breach could have caused.
/// </summary>
internal static class GeneratorChecks
{
    private const double SentShare = 0.999;
    private const double SecondShare = 0.98;
    private const double CellShare = 0.90;

    /// <summary>V2: how many 100 ms cells off the edges may be under the bound: a stray pause is in one, smoothing is in many.</summary>
    private const double SlippedCellShare = 0.01;

    /// <summary>V3: how late a call may be, as a share of the threshold, and how many may be later, as a share of the budget.</summary>
    public const double LateShare = 0.1;

    public static IReadOnlyList<ValidityCheck> All(RunRecord run, IReadOnlyList<SloCase> cases) =>
        [Books(run), PlanHash(run), .. HostChecks.Fatal(run), InFlightCap(run), Fidelity(run), Lateness(run, cases), .. HostChecks.All(run, cases)];

    /// <summary>V1: every planned call is in exactly one outcome.</summary>
    private static ValidityCheck Books(RunRecord run)
    {
        CellTable cells = run.Cells;
        PlanSummary plan = run.Summary.Plan;
        string? broken = null;
        for (int p = 0; p < plan.Phases.Count && broken is null; p++)
        {
            (int first, int end) = cells.Grid.OfPhase(p);
            for (int o = 0; o < plan.Operations.Count && broken is null; o++)
            {
                long Sum(CellField field) => cells.Sum(first, end, o, field);
                long planned = plan.Planned[p][o];
                long ended = Sum(CellField.Ok) + Sum(CellField.Error) + Sum(CellField.TimedOut) + Sum(CellField.Outstanding)
                    + Sum(CellField.NotSentGuard) + Sum(CellField.NotSentStopped);
                long inHistogram = run.Totals[run.Plan.HistogramIndex(p, o, TimeKind.Response)].TotalCount;
                string where = $"{plan.Operations[o]} in {plan.Phases[p].Name}";
                if (Sum(CellField.Planned) != planned || ended != planned)
                {
                    broken = $"{where}: {Units.Count(planned)} planned, {Units.Count(Sum(CellField.Planned))} taken, {Units.Count(ended)} booked";
                }
                else if (inHistogram != Sum(CellField.Ok))
                {
                    broken = $"{where}: {Units.Count(Sum(CellField.Ok))} OK, {Units.Count(inHistogram)} of them in the histogram";
                }
                else if (!run.Plan.IsSingleEvent(plan.Phases[p]) && InBatches(run, p, o) is var inBatches && inBatches != inHistogram)
                {
                    // The batches say how bad calls clump; without them a clump looks like chance.
                    broken = $"{where}: {Units.Count(inHistogram)} OK, {Units.Count(inBatches)} of them in the batches";
                }
            }
        }

        return new ValidityCheck(
            "V1", "every planned call is in exactly one outcome", broken ?? "the books balance", "exact", broken is null, CheckConsequence.VoidsAll);
    }

    private static long InBatches(RunRecord run, int phase, int operation) => Enumerable.Range(0, RecordingPlan.BatchesPerPhase)
        .Sum(batch => run.Batches[(phase * run.Plan.Operations + operation) * RecordingPlan.BatchesPerPhase + batch].TotalCount);

    private static ValidityCheck PlanHash(RunRecord run)
    {
        bool holds = run.Summary.OfferedFingerprint == run.Summary.Plan.Fingerprint;
        return new ValidityCheck(
            "plan", "the calls offered are the calls planned", holds ? run.Summary.OfferedFingerprint : $"offered {run.Summary.OfferedFingerprint}",
            run.Summary.Plan.Fingerprint, holds, CheckConsequence.VoidsAll);
    }

    /// <summary>V13: our own ceiling of calls in flight left no call unsent.</summary>
    private static ValidityCheck InFlightCap(RunRecord run)
    {
        long unsent = run.Cells.Sum(0, run.Cells.Grid.PlanCells, -1, CellField.NotSentGuard);
        return new ValidityCheck(
            "V13", "the in-flight ceiling was not reached", $"{Units.Count(unsent)} calls not sent, ceiling {Units.Count(run.Summary.Driver.Slots)}",
            "0 calls", unsent == 0, CheckConsequence.VoidsAll);
    }

    /// <summary>
    /// V2: the load was really offered, in every second, in every 100 ms of a steep edge, and in 99 % of the others. What somebody's end
    /// of the load left unsent is not the generator's fault; that such a load passes nothing is the judge's to say.
    /// </summary>
    private static ValidityCheck Fidelity(RunRecord run)
    {
        CellTable cells = run.Cells;
        int plan = cells.Grid.PlanCells;
        bool cutShort = run.Summary.Interrupted is not null || run.Summary.StoppedBy is not null;
        long planned = Due(0, plan);
        long sent = cells.Sum(0, plan, -1, CellField.Sent);
        double sentShare = planned == 0 ? 1 : sent / (double)planned;
        var worstSecond = new Worst();
        var worstEdge = new Worst();
        var worstSteady = new Worst();
        int steadyCells = 0;
        long second = -1, secondPlanned = 0, secondOnTime = 0;
        for (int cell = 0; cell < plan; cell++)
        {
            long startNs = cells.Grid.Span(cell).StartNs;
            if (startNs / 1_000_000_000 != second)
            {
                worstSecond.Add(secondPlanned, secondOnTime, SecondShare, second);
                (second, secondPlanned, secondOnTime) = (startNs / 1_000_000_000, 0, 0);
            }

            long cellPlanned = Due(cell, cell + 1);
            long cellSent = cells.Sum(cell, cell + 1, -1, CellField.Sent);
            secondPlanned += cellPlanned;
            secondOnTime += cellSent - cells.Sum(cell, cell + 1, -1, CellField.SentAfterSecond);
            long cellOnTime = cellSent - cells.Sum(cell, cell + 1, -1, CellField.SentAfterCell);
            bool steep = run.Summary.Plan.Edges.Any(e => startNs >= e.StartNs && startNs < e.EndNs);
            steadyCells += steep ? 0 : 1;
            (steep ? worstEdge : worstSteady).Add(cellPlanned, cellOnTime, CellShare, startNs / 1e9);
        }

        worstSecond.Add(secondPlanned, secondOnTime, SecondShare, second);
        double slipped = steadyCells == 0 ? 0 : worstSteady.Broken / (double)steadyCells;
        bool holds = sentShare >= SentShare && worstSecond.Broken == 0 && worstEdge.Broken == 0 && slipped <= SlippedCellShare;
        return new ValidityCheck(
            "V2",
            "the load was really offered",
            $"{Units.Percent(sentShare)} sent{(cutShort ? " until the load was ended" : "")}; in time: worst second {worstSecond}, worst 100 ms of an edge {worstEdge}, of the rest {worstSteady}",
            $"{Units.Percent(SentShare)} sent; {Units.Percent(SecondShare)} of every second's calls within it, {Units.Percent(CellShare)} within their 100 ms: always on an edge, elsewhere {Units.Percent(1 - SlippedCellShare)} of the time",
            holds,
            CheckConsequence.VoidsPass);

        long Due(int first, int end) =>
            cells.Sum(first, end, -1, CellField.Planned) - (cutShort ? cells.Sum(first, end, -1, CellField.NotSentStopped) : 0);
    }

    /// <summary>V3: P(lateness > 0.1τ) ≤ 0.1ε for every SLO and phase; τ of an SLO on errors is the deadline.</summary>
    private static ValidityCheck Lateness(RunRecord run, IReadOnlyList<SloCase> cases)
    {
        double worst = 0;
        string measured = "no call later than a tenth of its threshold or deadline";
        string bound = "at most a tenth of each budget later than a tenth of its threshold or deadline";
        bool holds = true;
        foreach (SloCase c in cases.Where(c => c.Threshold >= 0))
        {
            (long late, long calls) = LateIn(run, c);
            double ratio = calls == 0 ? 0 : late / (LateShare * c.Rule.Budget * calls);
            if (ratio > worst)
            {
                worst = ratio;
                measured = $"{Units.Count(late)} of {Units.Count(calls)} calls later than {Units.Duration(c.LimitNs * LateShare)} in {run.Plan.Phases[c.Phase].Name}";
                bound = $"at most {Units.Count(Math.Floor(LateShare * c.Rule.Budget * calls))} calls";
            }

            holds &= !IsLate(run, c);
        }

        return new ValidityCheck("V3", "calls were sent when they were due", measured, bound, holds, CheckConsequence.VoidsFailThatFlips);
    }

    /// <summary>True where V3 is broken for a case.</summary>
    public static bool IsLate(RunRecord run, SloCase c)
    {
        (long late, long calls) = LateIn(run, c);
        return c.Threshold >= 0 && late > LateShare * c.Rule.Budget * calls;
    }

    private static (long Late, long Calls) LateIn(RunRecord run, SloCase c)
    {
        if (c.Threshold < 0)
        {
            return (0, 0);
        }

        (int first, int end) = run.Cells.Grid.OfPhase(c.Phase);
        return (run.Cells.Sum(first, end, c.Operation, c.Threshold, ThresholdField.Late), run.Cells.Sum(first, end, c.Operation, CellField.Planned));
    }

    /// <summary>The window with the smallest share on time, and how many windows are under the bound.</summary>
    private sealed class Worst
    {
        private double _share = 1;
        private double _atSeconds;

        public int Broken { get; private set; }

        public void Add(long planned, long onTime, double bound, double atSeconds)
        {
            if (planned == 0)
            {
                return;
            }

            double share = onTime / (double)planned;
            if (share < _share)
            {
                (_share, _atSeconds) = (share, atSeconds);
            }

            // In a window of few calls a single late one breaks any share: one is always allowed. Held against the share on time, for
            // 1 − 0.9 is a hair less than a tenth.
            if (planned - onTime > 1 && onTime < bound * planned)
            {
                Broken++;
            }
        }

        public override string ToString() => _share >= 1
            ? "100 %"
            : string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{_share * 100:0.#} % at {_atSeconds:0.0} s{(Broken > 0 ? $" ({Broken} under the bound)" : "")}");
    }
}
