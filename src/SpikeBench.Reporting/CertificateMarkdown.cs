using System.Globalization;
using System.Text;
using SpikeBench.Core.Evidence;
using SpikeBench.Core.Profiles;
using SpikeBench.Core.Verdict;

namespace SpikeBench.Reporting;

/// <summary>A certificate as a page of Markdown, for a pull request or a wiki: what <see cref="CertificatePage"/> says, and no more.</summary>
public static class CertificateMarkdown
{
    public static string Render(Certificate certificate)
    {
        CertifiedClaim claim = certificate.Claim;
        string light = certificate.Light == CertificateLight.Green ? "🟢" : "🟠";
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"""
            # {light} {Plain(certificate.LightReason)}

            Capacity certificate, {certificate.Basis.FirstT0Utc.UtcDateTime:yyyy-MM-dd HH:mm} UTC, valid until {certificate.ExpiresUtc.UtcDateTime:yyyy-MM-dd}

            {Plain(certificate.Sentence)}

            ## {Units.Multiple(claim.Scale)} of {Units.Rate(claim.Reference.RatePerSecond)} ({Plain(claim.Reference.What)})

            {Units.Rate(claim.PeakRatePerSecond)} offered and held at the load's peak; at 1x that peak is {Units.Rate(claim.OneXPeakRatePerSecond)}

            | phase | SLO | bad of N | n effective | bound | budget |
            |---|---|---:|---:|---:|---:|

            """);
        foreach (SloResult slo in CertificatePage.TightestSlos(certificate))
        {
            string operation = slo.Rule.Operation == "*" ? "all" : slo.Rule.Operation;
            string effective = slo.EffectiveCalls is { } calls ? Units.Count(Math.Floor(calls)) : "exact";
            text.Append(CultureInfo.InvariantCulture, $"| {Plain(slo.Phase)} | {Plain(operation)} {Plain(slo.Rule.Text)} | {Units.Count(slo.Bad)} of {Units.Count(slo.Calls)} | {effective} | {Units.Percent(slo.Upper ?? TextSummary.Share(slo))} | {Units.Percent(slo.Rule.Budget)} |\n");
        }

        text.Append("\n## What is not claimed\n\n");
        foreach (string item in certificate.NotClaimed)
        {
            text.Append(CultureInfo.InvariantCulture, $"* {Plain(item)}\n");
        }

        text.Append("\n## What it rests on\n\n| | |\n|---|---|\n");
        foreach ((string name, string value) in CertificatePage.Facts(certificate))
        {
            text.Append(CultureInfo.InvariantCulture, $"| {name} | {Plain(value)} |\n");
        }

        text.Append("\n| no. | run | end | of |\n|---:|---|---|---|\n");
        foreach (AttemptLine attempt in certificate.History.Attempts)
        {
            string of = attempt.ThisSet ? "this certificate" : attempt.ThisClaim ? "the same claim" : "another claim";
            text.Append(CultureInfo.InvariantCulture, $"| {attempt.Number} | {Plain(attempt.RunId)} | {Plain(attempt.State)} | {of} |\n");
        }

        return text.Append(CultureInfo.InvariantCulture, $"\nVerify it: `spikebench judge --verify {Certificate.FileName}`\n").ToString();
    }

    private static string Plain(string text) => MarkdownSummary.Escape(text);
}
