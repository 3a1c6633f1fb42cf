using SpikeBench.Core.Profiles;
using SpikeBench.Core.Recording;

namespace SpikeBench.Reporting;

/// <summary>Where every planned call of some stretch ended up. The books balance when <see cref="Balances"/>.</summary>
internal sealed record Accounting(
    long Planned, long Ok, long Error, long TimedOut, long Outstanding, long NotSentGuard, long NotSentStopped, IReadOnlyList<StatusCount> Errors)
{
    public long NotSent => NotSentGuard + NotSentStopped;

    public long NotOk => Planned - Ok;

    public bool Balances => Planned == Ok + Error + TimedOut + Outstanding + NotSent && Error == Errors.Sum(e => e.Count);

    /// <summary>The books of one phase and operation; −1 means all.</summary>
    public static Accounting Of(RunRecord run, int phase, int operation)
    {
        PlanSummary plan = run.Summary.Plan;
        (int first, int end) = phase < 0 ? (0, run.Cells.Grid.PlanCells) : run.Cells.Grid.OfPhase(phase);
        List<StatusCount> errors = [.. run.Summary.Errors
            .Where(e => (phase < 0 || e.Phase == plan.Phases[phase].Name) && (operation < 0 || e.Operation == plan.Operations[operation]))
            .GroupBy(e => e.Status, StringComparer.Ordinal)
            .Select(g => new StatusCount(g.Key, g.Sum(e => e.Count)))
            .Where(s => s.Count > 0)
            .OrderByDescending(s => s.Count)
            .ThenBy(s => s.Status, StringComparer.Ordinal)];
        return new Accounting(
            Sum(CellField.Planned), Sum(CellField.Ok), Sum(CellField.Error), Sum(CellField.TimedOut), Sum(CellField.Outstanding),
            Sum(CellField.NotSentGuard), Sum(CellField.NotSentStopped), errors);

        long Sum(CellField field) => run.Cells.Sum(first, end, operation, field);
    }

    /// <summary>The books of all of several runs.</summary>
    public static Accounting OfAll(IEnumerable<RunRecord> runs) => runs.Select(r => Of(r, -1, -1)).Aggregate((a, b) => new Accounting(
        a.Planned + b.Planned, a.Ok + b.Ok, a.Error + b.Error, a.TimedOut + b.TimedOut, a.Outstanding + b.Outstanding,
        a.NotSentGuard + b.NotSentGuard, a.NotSentStopped + b.NotSentStopped,
        [.. a.Errors.Concat(b.Errors).GroupBy(e => e.Status, StringComparer.Ordinal).Select(g => new StatusCount(g.Key, g.Sum(e => e.Count)))
            .OrderByDescending(s => s.Count).ThenBy(s => s.Status, StringComparer.Ordinal)]));

    /// <summary>The whole equation on one line, each term with its name.</summary>
    public override string ToString()
    {
        string statuses = Errors.Count == 0 ? "" : $" ({string.Join(", ", Errors.Select(e => $"{e.Status} {Units.Count(e.Count)}"))})";
        string sign = Balances ? "=" : "≠";
        return $"planned {Units.Count(Planned)} {sign} ok {Units.Count(Ok)} + error {Units.Count(Error)}{statuses}"
            + $" + timed out {Units.Count(TimedOut)} + outstanding {Units.Count(Outstanding)} + not sent {Units.Count(NotSent)}";
    }
}

/// <summary>Errors of one gRPC status.</summary>
internal sealed record StatusCount(string Status, long Count);
