using System.Globalization;
using System.Text;
using SpikeBench.Core.Engine;
using SpikeBench.Core.Profiles;
using SpikeBench.Core.Recording;
using SpikeBench.Core.Schedule;

namespace SpikeBench.Reporting;

/// <summary>What it takes to run the same again: the command, the plan's hash, the environment, and where the profile's numbers are from.</summary>
internal static class EnvironmentSection
{
    public static string Render(RunRecord run)
    {
        RunSummary summary = run.Summary;
        Profile profile = summary.Profile;
        var rows = new List<(string Name, string Html)>
        {
            ("Command", Code(summary.Command)),
            ("Tool", Markup.Escape(summary.Tool)),
            ("Run", Code(summary.RunId)),
            ("Started", summary.T0Utc.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss.fff 'UTC'", CultureInfo.InvariantCulture)),
            ("Profile", Markup.Escape(profile.About is null ? profile.Name : $"{profile.Name}: {profile.About}")),
            ("Profile hash", Code(summary.ProfileHash)),
            ("Plan hash", Code(summary.Plan.Fingerprint) + (summary.OfferedFingerprint == summary.Plan.Fingerprint
                ? " (what was offered is the plan, call by call)"
                : $" <span class=\"fail\">differs from what was offered</span>: {Code(summary.OfferedFingerprint)}")),
            ("Load", Markup.Escape($"{Units.Multiple(summary.Scale)} of the profile, where its x is {Units.Rate(profile.Reference.RatePerSecond)} over {Units.Duration(profile.Reference.WindowNs)} ({profile.Reference.What}); "
                + $"{Units.Count(summary.Plan.Planned.Sum(p => p.Sum()))} calls in {Units.Duration(summary.Plan.DurationNs)}, arrivals {Lower(profile.Arrivals)}, seed {summary.Seed}")),
            ("Compression", profile.Compress == 1 ? "none: real time" : Markup.Escape($"{Units.Multiple(profile.Compress)} faster than life")),
            ("Deadline", $"{Units.Duration(summary.DeadlineNs)} per attempt; calls could end for {Units.Duration(summary.DrainNs)} after the plan"),
            ("Target", Markup.Escape(summary.Target.Address + (summary.Target.Model is { } model ? $", the reference messenger ({model})" : "")
                + (summary.Target.SameHost ? ", on the generator's host" : ""))),
            ("Driver", Markup.Escape(summary.Driver.Name) + (summary.Driver.KnowsOnWire ? "; service time counts from the wire" : "; service time counts from dispatch")),
            ("Generator", Markup.Escape($"{summary.Environment.Host}, {summary.Environment.Os}, {summary.Environment.Cores} cores, {summary.Environment.Runtime}, {summary.Environment.Gc}")),
        };
        if (summary.Calls is { } calls && Describe(calls) is { Length: > 0 } how)
        {
            rows.Add(("Calls", Markup.Escape(how)));
        }

        if (summary.Interrupted is { } interrupted)
        {
            rows.Add(("Ended early", Markup.Escape(interrupted)));
        }

        var html = new StringBuilder("<section id=\"environment\"><h2>How to run the same again</h2>\n<dl class=\"facts\">");
        foreach ((string name, string value) in rows)
        {
            html.Append(CultureInfo.InvariantCulture, $"<dt>{name}</dt><dd>{value}</dd>\n");
        }

        html.Append("</dl>\n");
        if (profile.Sources.Count > 0)
        {
            html.Append(Markup.Table(
                "Where the profile's numbers are from.", "tt", ["Fact", "From"],
                profile.Sources.Select(s => (string[])[Markup.Escape(s.Fact), Markup.Escape(s.From)])));
        }

        return html.Append("</section>\n").ToString();
    }

    private static string Describe(CallsSummary calls) => string.Join("; ", new[]
    {
        calls.Tls ? $"over TLS{(calls.CertificateUnchecked ? ", the target's certificate not checked" : "")}{(calls.ClientCertificate ? ", with a client certificate" : "")}" : "",
        calls.Authority is { } authority ? $"authority {authority}" : "",
        calls.Compression switch { MessageCompression.Gzip => "requests compressed by gzip, replies as the target chose", MessageCompression.Replies => "replies compressed by gzip where the target chose so", _ => "" },
        calls.Metadata.Count > 0 ? $"metadata {string.Join(", ", calls.Metadata)} (values are not kept)" : "",
        calls.TokenRefreshes is { } refreshes ? $"an access token, refreshed {refreshes} times" + (calls.TokenFailures.Count > 0 ? $", not refreshed {calls.TokenFailures.Count} times: {string.Join("; ", calls.TokenFailures)}" : "") : "",
        calls.DriverReason ?? "",
    }.Where(p => p.Length > 0));

    private static string Code(string text) => $"<code>{Markup.Escape(text)}</code>";

    private static string Lower(ArrivalKind kind) => $"{kind}".ToLowerInvariant();
}
