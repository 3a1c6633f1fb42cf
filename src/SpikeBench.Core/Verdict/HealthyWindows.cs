using SpikeBench.Core.Recording;

namespace SpikeBench.Core.Verdict;

/// <summary>
/// Which cells of a run are free of the generator's own delays, for one SLO.
/// </summary>
/// <remarks>
/// A second is unhealthy where calls were late for the SLO (more than 0.1ε of them by more than 0.1τ), or where a thread that only
/// wanted to wake was kept from it, or a collection stopped all threads, for more than 0.1τ: then ends are stamped late too. So are the
/// cells up to τ before it: a good call of theirs may have been answered just then. What follows is unhealthy until as few calls are in flight as before, for catching up loads the target for real; but no longer than ten
/// times the hold-up, in which a target that is nine tenths busy has worked it off. What is still in flight then is the target's.
/// </remarks>
internal sealed class HealthyWindows
{
    private const long SecondNs = 1_000_000_000;
    private const int CatchUp = 10;

    private readonly bool[] _healthy;

    public HealthyWindows(RunRecord run, SloCase c)
    {
        CellTable cells = run.Cells;
        int plan = cells.Grid.PlanCells;
        _healthy = new bool[plan];
        long toleratedNs = Math.Min(SecondNs - 1, (long)(GeneratorChecks.LateShare * c.LimitNs));
        long inFlight = 0, before = 0, caughtUpNs = 0;
        bool recovering = false;
        for (int cell = 0; cell < plan;)
        {
            long startNs = cells.Grid.Span(cell).StartNs;
            int end = cell;
            while (end < plan && cells.Grid.Span(end).StartNs / SecondNs == startNs / SecondNs)
            {
                end++;
            }

            long endNs = cells.Grid.Span(end - 1).EndNs;
            long heldUpNs = IsLate(cells, c, cell, end) ? SecondNs : HoldUp(run, startNs, endNs);
            bool unhealthy = heldUpNs > toleratedNs;
            long after = inFlight + cells.Sum(cell, end, -1, CellField.SentHere) - cells.Sum(cell, end, -1, CellField.EndedHere);
            if (unhealthy && !recovering)
            {
                before = inFlight;
            }

            caughtUpNs = unhealthy ? Math.Max(caughtUpNs, endNs + CatchUp * heldUpNs) : caughtUpNs;
            recovering = unhealthy || (recovering && inFlight > before && startNs < caughtUpNs);
            Array.Fill(_healthy, !recovering, cell, end - cell);
            for (int earlier = cell - 1; unhealthy && earlier >= 0 && cells.Grid.Span(earlier).EndNs > startNs - c.LimitNs; earlier--)
            {
                _healthy[earlier] = false;
            }

            cell = end;
            inFlight = after;
        }
    }

    public bool this[int cell] => _healthy[cell];

    private static bool IsLate(CellTable cells, SloCase c, int from, int to)
    {
        if (c.Threshold < 0)
        {
            return false;
        }

        long late = cells.Sum(from, to, -1, c.Threshold, ThresholdField.Late);
        return late > GeneratorChecks.LateShare * c.Rule.Budget * cells.Sum(from, to, -1, CellField.Planned);
    }

    /// <summary>The longest that anything is known to have kept the generator's threads in a stretch.</summary>
    private static long HoldUp(RunRecord run, long startNs, long endNs)
    {
        long longest = 0;
        foreach (HostSecond second in run.Host)
        {
            if (second.StartNs < endNs && second.EndNs > startNs)
            {
                longest = Math.Max(longest, Math.Max(second.HiccupMaxNs, second.GcPauseNs));
            }
        }

        return longest;
    }
}
