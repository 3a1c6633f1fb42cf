using System.Text.Json;
using SpikeBench.Core.Schedule;
using SpikeBench.Core.Verdict;

namespace SpikeBench.Core.Recording;

/// <summary>Reads <c>run.json</c> back and refuses what no run wrote: what follows from it sizes tables and decides verdicts.</summary>
internal static class StoredSummary
{
    private const long LongestNs = 31L * 24 * 3600 * 1_000_000_000;
    private const int MostThresholds = 1000;

    /// <summary>Reads a summary.</summary>
    /// <exception cref="UsageException">It is of another schema, or was changed after the run.</exception>
    /// <exception cref="JsonException">It is not JSON, or lacks something.</exception>
    /// <exception cref="FormatException">It contradicts itself.</exception>
    public static RunSummary Read(string path)
    {
        string text = File.ReadAllText(path);
        using JsonDocument document = JsonDocument.Parse(text);
        if (document.RootElement.ValueKind != JsonValueKind.Object)
        {
            throw new FormatException($"{RunFolder.SummaryFile} is not an object");
        }

        bool known = document.RootElement.TryGetProperty("schemaVersion", out JsonElement version);
        if (!known || version.ValueKind != JsonValueKind.Number || !version.TryGetInt32(out int number) || number != RunSummary.CurrentSchema)
        {
            string which = known && version.ValueKind == JsonValueKind.Number ? version.GetRawText() : "unknown";
            throw new UsageException($"{path}: is of schema {which}; this version reads schema {RunSummary.CurrentSchema}");
        }

        RunSummary summary = JsonSerializer.Deserialize<RunSummary>(text, RunFolder.Json) ?? throw new FormatException($"{RunFolder.SummaryFile} is empty");
        RequireSense(summary);
        return summary;
    }

    private static void RequireSense(RunSummary summary)
    {
        PlanSummary plan = summary.Plan;
        long fromNs = 0;
        foreach (Phase phase in plan.Phases)
        {
            Require(phase.StartNs == fromNs && phase.EndNs >= phase.StartNs, $"phase {phase.Name} does not follow the one before it");
            fromNs = phase.EndNs;
        }

        Require(fromNs == plan.DurationNs && fromNs is > 0 and <= LongestNs, "its phases do not add up to its length");
        Require(summary.DrainNs is >= 0 and <= LongestNs && summary.DeadlineNs is > 0 and <= LongestNs, "its deadline or drain is impossible");
        Require(plan.Operations.Count > 0 && plan.Operations.Count <= 1000, "it has no operations");
        Require(plan.Planned.Count == plan.Phases.Count && plan.Planned.All(p => p.Count == plan.Operations.Count && p.All(c => c >= 0)), "its planned calls do not fit its phases and operations");
        Require(summary.ThresholdsNs.Count <= MostThresholds && summary.ThresholdsNs.All(t => t > 0), "its thresholds are impossible");
        Require(
            summary.Profile.Slo.All(s => (s.ThresholdNs is not { } ns || summary.ThresholdsNs.Contains(ns)) && (s.Operation == "*" || plan.Operations.Contains(s.Operation))),
            "an SLO of its profile was not counted");
        Require(
            summary.Profile.Claim is not { } claim || claim.Looks == 1 || (claim.Looks is > 1 and <= ClaimLooks.Most && Math.Abs(1 - claim.Confidence - ClaimLooks.Alpha) < 1e-9),
            "its claim has looks that there is no rule for");
        Require(double.IsFinite(summary.Scale) && summary.Scale > 0, "its scale is impossible");
    }

    private static void Require(bool holds, string what)
    {
        if (!holds)
        {
            throw new FormatException($"{RunFolder.SummaryFile} contradicts itself: {what}");
        }
    }
}
