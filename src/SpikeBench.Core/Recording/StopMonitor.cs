using SpikeBench.Core.Profiles;

namespace SpikeBench.Core.Recording;

/// <summary>
/// Looks at a run's exact counters while it goes on and says when a <see cref="StopRule"/> is met. Workers do not notice: it only reads.
/// </summary>
/// <remarks>
/// A call counts by its intended time, once it is decided. One that is not decided although its threshold has passed is bad already, so
/// that a target that answers nothing is seen before its calls time out. What the generator itself did not send does not count.
/// </remarks>
public sealed class StopMonitor(IReadOnlyList<StopRule> rules, RecordingPlan plan, IReadOnlyList<string> operations, RunRecorder recorder)
{
    private readonly CellGrid _grid = plan.NewGrid();

    /// <summary>The first rule that is met, in words with what was seen; null where none is.</summary>
    /// <param name="nowNs">Now, from T0.</param>
    public string? Check(long nowNs)
    {
        foreach (StopRule rule in rules)
        {
            (long bad, long calls) = Count(rule, nowNs);
            if (calls >= rule.MinCalls && bad > rule.Share * calls)
            {
                return $"stop_if {rule.Text}{Where(rule)}: {Units.Count(bad)} of {Units.Count(calls)} calls of the {Units.Duration(rule.WindowNs)} before {Units.Duration(nowNs)} were bad";
            }
        }

        return null;
    }

    private static string Where(StopRule rule) => (rule.Phase, rule.Operation) switch
    {
        ("*", "*") => "",
        ("*", var operation) => $" of {operation}",
        (var phase, "*") => $" in {phase}",
        (var phase, var operation) => $" of {operation} in {phase}",
    };

    private (long Bad, long Calls) Count(StopRule rule, long nowNs)
    {
        int phase = rule.Phase == "*" ? -1 : PhaseNamed(rule.Phase);
        int operation = rule.Operation == "*" ? -1 : operations.ToList().IndexOf(rule.Operation);
        (int first, int end) = phase < 0 ? (0, _grid.PlanCells) : _grid.OfPhase(phase);
        if (nowNs < _grid.Span(first).StartNs + rule.DelayNs)
        {
            return default;
        }

        int threshold = rule.ThresholdNs is { } ns ? plan.ThresholdsNs.ToList().IndexOf(ns) : -1;
        long bad = 0, calls = 0;
        for (int cell = Math.Max(first, _grid.CellAt(nowNs - rule.WindowNs)); cell < end && _grid.Span(cell).EndNs <= nowNs; cell++)
        {
            // Planned last, so that no call is decided that is not planned; whatever is decided between two readings was overdue anyway.
            long notSent = Sum(cell, CellField.NotSentGuard) + Sum(cell, CellField.NotSentStopped);
            long failed = Sum(cell, CellField.Error) + Sum(cell, CellField.TimedOut) + Sum(cell, CellField.Outstanding);
            long over = threshold < 0 ? failed : recorder.Sum(cell, operation, threshold, ThresholdField.Bad) - notSent;
            long decided = failed + Sum(cell, CellField.Ok);
            long overdue = rule.ThresholdNs is { } limit && _grid.Span(cell).EndNs + limit <= nowNs
                ? Math.Max(0, Sum(cell, CellField.Planned) - notSent - decided)
                : 0;
            bad += Math.Max(0, over) + overdue;
            calls += decided + overdue;

            long Sum(int at, CellField field) => recorder.Sum(at, operation, field);
        }

        return (Math.Min(bad, calls), calls);
    }

    private int PhaseNamed(string name)
    {
        for (int p = 0; p < plan.Phases.Count; p++)
        {
            if (plan.Phases[p].Name == name)
            {
                return p;
            }
        }

        throw new InvariantException($"there is no phase '{name}' to stop in");
    }
}
