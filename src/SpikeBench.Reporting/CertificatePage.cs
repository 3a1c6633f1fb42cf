using System.Globalization;
using System.Text;
using SpikeBench.Core.Evidence;
using SpikeBench.Core.Profiles;
using SpikeBench.Core.Verdict;

namespace SpikeBench.Reporting;

/// <summary>A certificate on one page: one light, one sentence, the headroom, what it rests on and what it does not claim.</summary>
public static class CertificatePage
{
    // A page: the tightest SLOs stand on it, all of them in the JSON.
    private const int MostSlos = 8;
    private const int MostAttempts = 24;

    private const string Css = """
        main{max-width:860px}
        .light{display:inline-block;width:1.5em;height:1.5em;border-radius:50%;vertical-align:-.35em;margin-right:.5em}
        .green{background:var(--pass)}.amber{background:var(--unsure)}
        .headroom{font-size:2.2rem;font-weight:600;margin:.2rem 0}
        ul.not{margin:.2rem 0;padding-left:1.1em}
        """;

    public static string Render(Certificate certificate)
    {
        CertifiedClaim claim = certificate.Claim;
        string light = certificate.Light == CertificateLight.Green ? "green" : "amber";
        var page = new StringBuilder();
        page.Append(CultureInfo.InvariantCulture, $"""
            <!DOCTYPE html>
            <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark"><title>Capacity certificate: {Markup.Escape(claim.Text)}</title>
            <style>{ReportStyle.Css}{Css}</style></head><body><main>
            <p class="run">Capacity certificate, {certificate.Basis.FirstT0Utc.UtcDateTime:yyyy-MM-dd HH:mm} UTC, valid until {certificate.ExpiresUtc.UtcDateTime:yyyy-MM-dd}</p>
            <h1><span class="light {light}" role="img" aria-label="{light}"></span>{Markup.Escape(certificate.LightReason)}</h1>
            <p>{Markup.Prose(certificate.Sentence)}</p>
            <p class="headroom">{Units.Multiple(claim.Scale)} of {Units.Rate(claim.Reference.RatePerSecond)} ({Markup.Escape(claim.Reference.What)})</p>
            <p class="run">{Units.Rate(claim.PeakRatePerSecond)} offered and held at the load's peak; at 1x that peak is {Units.Rate(claim.OneXPeakRatePerSecond)}</p>

            """);
        AddSlos(page, certificate);
        page.Append("<h2>What is not claimed</h2>\n<ul class=\"not\">\n");
        foreach (string item in certificate.NotClaimed)
        {
            page.Append(CultureInfo.InvariantCulture, $"<li>{Markup.Prose(item)}</li>\n");
        }

        page.Append("</ul>\n<h2>What it rests on</h2>\n<dl class=\"facts\">\n");
        foreach ((string name, string value) in Facts(certificate))
        {
            page.Append(CultureInfo.InvariantCulture, $"<dt>{Markup.Escape(name)}</dt><dd>{Markup.Prose(value)}</dd>\n");
        }

        page.Append("</dl>\n");
        AddAttempts(page, certificate);
        return page.Append("<p>Verify it: <code>spikebench judge --verify certificate.json</code></p>\n</main></body></html>\n").ToString();
    }

    private static void AddSlos(StringBuilder page, Certificate certificate)
    {
        IReadOnlyList<SloResult> rows = TightestSlos(certificate);
        page.Append(Markup.Table(
            "Each SLO in the midnight in which it was tightest; long phases over all midnights" + (rows.Count > MostSlos ? $"; {rows.Count - MostSlos} more stand in the JSON" : ""),
            "ttnnnn",
            ["phase", "SLO", "bad of N", "n effective", "bound", "budget"],
            rows.Take(MostSlos).Select(r => new[]
            {
                Markup.Escape(r.Phase),
                Markup.Escape($"{(r.Rule.Operation == "*" ? "all" : r.Rule.Operation)} {r.Rule.Text}"),
                $"{Units.Count(r.Bad)} of {Units.Count(r.Calls)}",
                r.EffectiveCalls is { } effective ? Units.Count(Math.Floor(effective)) : "exact",
                r.Upper is { } upper ? Units.Percent(upper) : Units.Percent(TextSummary.Share(r)),
                Units.Percent(r.Rule.Budget),
            })));
    }

    /// <summary>Each SLO where it was tightest, the tightest first; a long phase once, over all midnights.</summary>
    internal static IReadOnlyList<SloResult> TightestSlos(Certificate certificate)
    {
        return [.. certificate.Pooled
            .Concat(certificate.Midnights.SelectMany(m => m.Slos).Where(s => !certificate.Pooled.Any(p => p.Rule == s.Rule && p.Phase == s.Phase)))
            .GroupBy(s => (s.Phase, s.Rule.Operation, s.Rule.Text))
            .Select(g => g.MaxBy(Tightness)!)
            .OrderByDescending(Tightness)];

        static double Tightness(SloResult slo) => (slo.Upper ?? TextSummary.Share(slo)) / slo.Rule.Budget;
    }

    internal static IEnumerable<(string Name, string Value)> Facts(Certificate certificate)
    {
        CertificateBasis basis = certificate.Basis;
        AttemptHistory history = certificate.History;
        var held = certificate.Midnights.SelectMany(m => m.Checks).GroupBy(c => c.Id).Select(g => $"{g.Key} {(g.All(c => c.Holds) ? "holds" : $"broken in {g.Count(c => !c.Holds)}")}");
        yield return ("target", certificate.Target.Name);
        yield return ("stand-ins", certificate.Target.Stubs.Count == 0 ? "none declared" : string.Join("; ", certificate.Target.Stubs));
        yield return ("registered", string.Create(CultureInfo.InvariantCulture, $"{basis.RegisteredUtc.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC, before the first T0 at {basis.FirstT0Utc.UtcDateTime:HH:mm:ss}"));
        yield return ("profile", basis.ProfileHash);
        yield return ("SLOs", basis.SloHash);
        yield return ("tool", $"{basis.Tool}, {basis.ToolBuild}");
        yield return ("generator", $"{certificate.Environment.Host}: {certificate.Environment.Cores} cores, {certificate.Environment.Os}, {certificate.Environment.Runtime}");
        yield return ("validity", string.Join(", ", held));
        yield return ("attempts", $"{history.Known}; {history.Looks} look{(history.Looks == 1 ? "" : "s")} at {Units.Percent(history.AlphaPerLook)} each, {Units.Percent(history.AlphaSpent)} spent");
        yield return ("ledger", history.LedgerHead);
    }

    private static void AddAttempts(StringBuilder page, Certificate certificate)
    {
        IReadOnlyList<AttemptLine> attempts = certificate.History.Attempts;
        page.Append(Markup.Table(
            "All attempts" + (attempts.Count > MostAttempts ? $"; the last {MostAttempts} of {attempts.Count}, the rest in the JSON" : ""),
            "nttt",
            ["no.", "run", "end", "of"],
            attempts.Skip(Math.Max(0, attempts.Count - MostAttempts)).Select(a => new[]
            {
                a.Number.ToString(CultureInfo.InvariantCulture),
                Markup.Escape(a.RunId),
                Markup.Escape(a.State),
                a.ThisSet ? "this certificate" : a.ThisClaim ? "the same claim" : "another claim",
            })));
    }
}
