using SpikeBench.Core.Profiles;
using SpikeBench.Core.Recording;

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
