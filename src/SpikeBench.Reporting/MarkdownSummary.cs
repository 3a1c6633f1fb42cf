using System.Globalization;
using System.Text;
using SpikeBench.Core.Profiles;
using SpikeBench.Core.Recording;
using SpikeBench.Core.Verdict;

namespace SpikeBench.Reporting;

/// <summary>A run as a page of Markdown, for a pull request or a CI job's summary: verdict, SLOs, times, books.</summary>
public static class MarkdownSummary
{
    public static string Render(RunRecord run, RunVerdict verdict)
    {
        RunSummary summary = run.Summary;
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"## {Escape(verdict.Headline)}\n\n");
        foreach (string reason in verdict.Reasons)
        {
            text.Append(CultureInfo.InvariantCulture, $"* {Escape(reason)}\n");
        }

        text.Append("\n| verdict | SLO | phase | operation | bad | calls | share against budget |\n|---|---|---|---|---:|---:|---|\n");
        foreach (SloResult slo in verdict.Pooled.Concat(verdict.Slos))
        {
            text.Append(CultureInfo.InvariantCulture, $"| {VerdictSection.Word(slo.Outcome)} | {Escape(slo.Rule.Text)} | {Escape(slo.Phase)} | {Escape(slo.Rule.Operation)} | {Units.Count(slo.Bad)} | {Units.Count(slo.Calls)} | {TextSummary.BudgetText(slo)} |\n");
        }

        text.Append("\n| response time | p50 | p90 | p99 | p99.9 | max |\n|---|---:|---:|---:|---:|---:|\n");
        AddTimes(text, "whole run", LatencyView.Of(run, -1, -1, TimeKind.Response));
        for (int p = 0; p < run.Plan.Phases.Count; p++)
        {
            AddTimes(text, run.Plan.Phases[p].Name, LatencyView.Of(run, p, -1, TimeKind.Response));
        }

        text.Append(CultureInfo.InvariantCulture, $"\n{Accounting.Of(run, -1, -1)}\n\n");
        text.Append("| check of the generator | measured | must be | holds |\n|---|---|---|---|\n");
        foreach (ValidityCheck check in verdict.Checks)
        {
            text.Append(CultureInfo.InvariantCulture, $"| {Escape(check.Id)}: {Escape(check.What)} | {Escape(check.Measured)} | {Escape(check.Bound)} | {(check.Holds ? "yes" : "**no**")} |\n");
        }

        text.Append('\n');
        foreach (string limit in verdict.Limits)
        {
            text.Append(CultureInfo.InvariantCulture, $"> {Escape(limit)}\n");
        }

        text.Append(CultureInfo.InvariantCulture, $"\nrun `{Code(summary.RunId)}`, plan `{Code(summary.Plan.Fingerprint)}`, profile `{Code(summary.ProfileHash)}`, `{Code(summary.Command)}`\n");
        return text.ToString();
    }

    private static void AddTimes(StringBuilder text, string name, LatencyView view) =>
        text.Append(CultureInfo.InvariantCulture, $"| {Escape(name)} | {string.Join(" | ", LatencyView.Percentiles.Select(view.TextAt).Append(view.MaxText))} |\n");

    /// <summary>Text that others wrote, without a meaning in Markdown, tables or HTML.</summary>
    internal static string Escape(string text)
    {
        var escaped = new StringBuilder(text.Length + 8);
        foreach (char c in text)
        {
            if (c is '|' or '*' or '_' or '`' or '[' or ']' or '#' or '\\')
            {
                escaped.Append('\\');
            }

            escaped.Append(c switch { '<' => "&lt;", '>' => "&gt;", '&' => "&amp;", _ when char.IsControl(c) => " ", _ => c.ToString() });
        }

        return escaped.ToString();
    }

    private static string Code(string text) => new([.. text.Select(c => c == '`' || char.IsControl(c) ? '\'' : c)]);
}
