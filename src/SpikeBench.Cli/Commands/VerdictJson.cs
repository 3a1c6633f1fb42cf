using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using SpikeBench.Cli.Running;
using SpikeBench.Core.Profiles;
using SpikeBench.Core.Recording;
using SpikeBench.Core.Verdict;

namespace SpikeBench.Cli.Commands;

/// <summary>The verdict as one JSON document, for scripts; docs/verdict.schema.json describes it.</summary>
internal sealed record VerdictJson
{
    public const string FileName = "verdict.json";

    private const int CurrentSchema = 1;

    public required int SchemaVersion { get; init; }

    public required Outcome Outcome { get; init; }

    public required int ExitCode { get; init; }

    public required string Headline { get; init; }

    /// <summary>The claim that the profile registered was tested: at its scale, with its SLOs, as many midnights as it asks for.</summary>
    public required bool ClaimTested { get; init; }

    public required IReadOnlyList<string> Reasons { get; init; }

    public required IReadOnlyList<string> Limits { get; init; }

    public required IReadOnlyList<SloResult> Slos { get; init; }

    /// <summary>For a set: its long phases over all midnights.</summary>
    public required IReadOnlyList<SloResult> Pooled { get; init; }

    public required IReadOnlyList<RecoveryResult> Recoveries { get; init; }

    public required IReadOnlyList<SpikeMetrics> Spikes { get; init; }

    public required IReadOnlyList<ValidityCheck> Checks { get; init; }

    public required IReadOnlyList<RunReference> Runs { get; init; }

    /// <summary>One midnight of the verdict.</summary>
    /// <param name="RunId">Its name.</param>
    /// <param name="Seed">Of its draws.</param>
    /// <param name="Outcome">Its own verdict.</param>
    /// <param name="Folder">Where it is kept, as the command was given it.</param>
    /// <param name="PlanHash">Of every planned call.</param>
    /// <param name="ProfileHash">Of the resolved profile.</param>
    /// <param name="Attempt">Its number in the ledger of attempts; null without one.</param>
    internal sealed record RunReference(string RunId, ulong Seed, Outcome Outcome, string Folder, string PlanHash, string ProfileHash, int? Attempt);

    public static string Render(RunVerdict verdict, IReadOnlyList<FinishedRun> runs, int exitCode) => JsonSerializer.Serialize(
        new VerdictJson
        {
            SchemaVersion = CurrentSchema,
            Outcome = verdict.Outcome,
            ExitCode = exitCode,
            Headline = verdict.Headline,
            ClaimTested = ClaimTest.IsTested(runs[^1].Record.Summary, runs.Count),
            Reasons = verdict.Reasons,
            Limits = verdict.Limits,
            Slos = verdict.Slos,
            Pooled = verdict.Pooled,
            Recoveries = verdict.Recoveries,
            Spikes = verdict.Spikes,
            Checks = verdict.Checks,
            Runs = [.. runs.Select(r => new RunReference(
                r.Record.Summary.RunId, r.Record.Summary.Seed, r.Verdict.Outcome, r.Folder, r.Record.Summary.Plan.Fingerprint, r.Record.Summary.ProfileHash, r.Record.Summary.Attempt))],
        },
        RunFolder.Json) + "\n";

    /// <summary>The document's JSON schema, from the very types that are written.</summary>
    public static string Schema()
    {
        var options = new JsonSchemaExporterOptions
        {
            TreatNullObliviousAsNonNullable = true,
            TransformSchemaNode = (context, node) =>
            {
                // Every property is always written, and no other.
                if (node is JsonObject schema && schema["properties"] is JsonObject properties)
                {
                    schema["required"] = new JsonArray([.. properties.Select(p => (JsonNode)p.Key)]);
                    schema["additionalProperties"] = false;
                }

                return node;
            },
        };
        RunFolder.Json.MakeReadOnly(populateMissingResolver: true);
        var document = (JsonObject)RunFolder.Json.GetJsonSchemaAsNode(typeof(VerdictJson), options);
        var published = new JsonObject
        {
            ["$schema"] = "https://json-schema.org/draft/2020-12/schema",
            ["title"] = "SpikeBench verdict",
            ["description"] = "What 'spikebench run --json' and 'spikebench judge --json' write, and what stands in a run's verdict.json.",
        };
        foreach ((string key, JsonNode? value) in document.ToList())
        {
            document.Remove(key);
            published[key] = value;
        }

        return published.ToJsonString(RunFolder.Json) + "\n";
    }
}
