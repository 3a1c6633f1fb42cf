using System.Text;
using SpikeBench.Core.Profiles;
using SpikeBench.Core.Recording;
using SpikeBench.Core.Verdict;

namespace SpikeBench.Grpc;

/// <summary>How a load test went.</summary>
/// <param name="Record">All that is known of the run: exact counters, histograms, the generator's condition.</param>
/// <param name="Verdict">What it says.</param>
public sealed record LoadTestResult(RunRecord Record, RunVerdict Verdict)
{
    /// <summary>What the folder lacks and why; null when it is whole, or none was asked for.</summary>
    public string? NotKept { get; init; }

    /// <summary>The verdict in a few lines: what decided, each SLO, and what it does not say.</summary>
    public override string ToString()
    {
        var text = new StringBuilder(Verdict.Headline).AppendLine();
        foreach (string reason in Verdict.Reasons)
        {
            text.AppendLine(reason);
        }

        foreach (SloResult slo in Verdict.Slos)
        {
            text.Append(slo.Outcome).Append(": ").Append(slo.Phase).Append(' ').Append(slo.Rule.Operation).Append(' ').Append(slo.Rule.Text).Append(": ").AppendLine(slo.Reason);
        }

        foreach (string limit in Verdict.Limits)
        {
            text.Append("! ").AppendLine(limit);
        }

        if (NotKept is not null)
        {
            text.Append("! ").AppendLine(NotKept);
        }

        long planned = Record.Summary.Plan.Planned.Sum(phase => phase.Sum());
        long ok = Record.Cells.Sum(0, Record.Cells.Grid.Count, -1, CellField.Ok);
        return text.Append(Units.Count(ok)).Append(" of ").Append(Units.Count(planned)).Append(" calls ended OK").ToString();
    }
}
