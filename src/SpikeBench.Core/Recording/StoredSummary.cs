using System.Text.Json;
using SpikeBench.Core.Schedule;
using SpikeBench.Core.Verdict;

namespace SpikeBench.Core.Recording;

/// <summary>Reads <c>run.json</c> back and refuses what no run wrote: what follows from it sizes tables and decides verdicts.</summary>
internal static class StoredSummary
{
    private const long LongestNs = 31L * 24 * 3600 * 1_000_000_000;
    private const int MostThresholds = 1000;
    private const long MostCalls = 1_000_000_000_000;

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
        RequireProfile(document.RootElement.GetProperty("profile"), summary.ProfileHash);
        return summary.Files.TryGetValue(RunFolder.SummaryFile, out string? seal) && seal != DigestOf(text, seal)
            ? throw new UsageException($"{path}: was changed after the run: it is not what its own SHA-256 in it says. A run is judged only as it was written.")
            : summary;
    }

    /// <summary>
    /// A summary's text with its own digest among those of the files: SHA-256 of the text with zeros in the digest's place. It keeps nobody
    /// from making another; the ledger does. But whoever changes a result has to mean it.
    /// </summary>
    /// <param name="text">The text; zeros stand where its digest goes.</param>
    public static string Seal(string text) => text.Replace(Entry(Evidence.Sha256.Nothing), Entry(Evidence.Sha256.OfText(text)), StringComparison.Ordinal);

    private static string DigestOf(string text, string seal) =>
        Evidence.Sha256.OfText(text.Replace(Entry(seal), Entry(Evidence.Sha256.Nothing), StringComparison.Ordinal));

    private static string Entry(string digest) => $"\"{RunFolder.SummaryFile}\": \"{digest}\"";

    /// <summary>
    /// What was registered before the run is what it is judged by. The hash is taken of the profile as it is written here, so that it
    /// holds in versions too that know more of a profile.
    /// </summary>
    private static void RequireProfile(JsonElement profile, string registered)
    {
        string hash = Evidence.Sha256.OfText(JsonSerializer.Serialize(profile, RunFolder.Json));
        Require(!registered.StartsWith("sha256:", StringComparison.Ordinal) || hash == registered, $"the profile's hash is {hash}, registered was {registered}");
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

        Require(plan.Phases.DistinctBy(p => p.Name).Count() == plan.Phases.Count, "two of its phases have one name");
        Require(fromNs == plan.DurationNs && fromNs is > 0 and <= LongestNs, "its phases do not add up to its length");
        Require(summary.DrainNs is >= 0 and <= LongestNs && summary.DeadlineNs is > 0 and <= LongestNs, "its deadline or drain is impossible");
        Require(plan.Operations.Count > 0 && plan.Operations.Count <= 1000, "it has no operations");
        Require(plan.Planned.Count == plan.Phases.Count && plan.Planned.All(p => p.Count == plan.Operations.Count && p.All(c => c is >= 0 and <= MostCalls)), "its planned calls do not fit its phases and operations");
        Require(summary.ThresholdsNs.Count <= MostThresholds && summary.ThresholdsNs.All(t => t > 0), "its thresholds are impossible");
        Require(
            summary.Profile.Slo.All(s => (s.ThresholdNs is not { } ns || summary.ThresholdsNs.Contains(ns)) && (s.Operation == "*" || plan.Operations.Contains(s.Operation))),
            "an SLO of its profile was not counted");
        Require(
            summary.Profile.Slo.All(s => s.Budget is > 0 and < 1 && s.ThresholdNs is null or > 0 && !(s.ThresholdNs > summary.DeadlineNs)),
            "an SLO of its profile has an impossible budget or threshold");
        Require(
            summary.Profile.Recoveries.All(r => plan.Phases.Any(p => p.Name == r.Of) && r is { WithinNs: >= 0 and <= LongestNs, ClearForNs: >= 0 and <= LongestNs }),
            "a recovery of its profile is of no phase of the plan, or takes no time that there is");
        Require(summary.Profile.Compress is >= 1 and <= 1000, "its profile's compression is impossible");
        Require(summary.Profile.Claim is null or { Confidence: > 0 and < 1, Repeats: >= 1, Scale: > 0 }, "its claim's confidence, repeats or scale are impossible");
        Require(summary.Set is null || (summary.Set.Midnight >= 1 && summary.Set.Midnight <= summary.Set.Of), "its place in its set is impossible");
        Require(
            summary.Profile.Claim is not { } claim || claim.Looks == 1 || (claim.Looks is > 1 and <= ClaimLooks.Most && Math.Abs(1 - claim.Confidence - ClaimLooks.Alpha) < 1e-9),
            "its claim has looks that there is no rule for");
        Require(double.IsFinite(summary.Scale) && summary.Scale > 0, "its scale is impossible");
        Require(double.IsFinite(plan.PeakRatePerSecond) && plan.PeakRatePerSecond >= 0, "its peak rate is impossible");
    }

    private static void Require(bool holds, string what)
    {
        if (!holds)
        {
            throw new FormatException($"{RunFolder.SummaryFile} contradicts itself: {what}");
        }
    }
}
