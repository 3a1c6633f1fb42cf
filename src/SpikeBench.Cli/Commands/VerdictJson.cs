using System.Text.Json;
using SpikeBench.Cli.Running;
using SpikeBench.Core.Recording;
using SpikeBench.Core.Verdict;

namespace SpikeBench.Cli.Commands;

/// <summary>The verdict as one JSON document, for scripts.</summary>
internal static class VerdictJson
{
    public const string FileName = "verdict.json";

    private const int SchemaVersion = 1;

    public static string Render(RunVerdict verdict, IReadOnlyList<FinishedRun> runs, int exitCode) => JsonSerializer.Serialize(
        new
        {
            SchemaVersion,
            verdict.Outcome,
            ExitCode = exitCode,
            verdict.Headline,
            ClaimTested = runs[^1].Record.Summary.ClaimNotTested is null,
            verdict.Reasons,
            verdict.Limits,
            verdict.Slos,
            verdict.Recoveries,
            verdict.Spikes,
            verdict.Checks,
            Runs = runs.Select(r => new { r.Record.Summary.RunId, r.Record.Summary.Seed, r.Verdict.Outcome, r.Folder, PlanHash = r.Record.Summary.Plan.Fingerprint, r.Record.Summary.ProfileHash }),
        },
        RunFolder.Json) + "\n";
}
