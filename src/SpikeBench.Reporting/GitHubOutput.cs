using System.Globalization;
using System.Text;
using SpikeBench.Core.Verdict;

namespace SpikeBench.Reporting;

/// <summary>A verdict in GitHub Actions' own terms: annotations on the run, and a step summary.</summary>
public static class GitHubOutput
{
    // A step keeps ten annotations of each kind; what decided must be among them.
    private const int MostAnnotations = 10;

    private const int MostRows = 60;

    /// <summary>Workflow commands, one a line: the verdict, then each case that did not pass.</summary>
    public static string Annotations(IReadOnlyList<JudgedRun> runs, RunVerdict verdict)
    {
        var text = new StringBuilder();
        Add(text, verdict.Outcome, $"SpikeBench {VerdictSection.Word(verdict.Outcome)}", verdict.Headline);
        foreach (CaseOutcome c in CaseOutcome.Of(runs, verdict).Where(c => c.Outcome != Outcome.Pass).OrderBy(Severity).Take(MostAnnotations - 1))
        {
            Add(text, c.Outcome, $"{VerdictSection.Word(c.Outcome)} {c.Name}", c.Reason);
        }

        return text.ToString();
    }

    /// <summary>Markdown: the verdict, why, a row per case, and what it does not say.</summary>
    public static string Summary(IReadOnlyList<JudgedRun> runs, RunVerdict verdict)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"### {Mark(verdict.Outcome)} {Plain(verdict.Headline)}\n\n");
        foreach (string reason in verdict.Reasons.Take(4))
        {
            text.Append(CultureInfo.InvariantCulture, $"- {Plain(reason)}\n");
        }

        CaseOutcome[] cases = [.. CaseOutcome.Of(runs, verdict).OrderBy(Severity)];
        text.Append("\n| | phase | SLO | measured | allowed | bound |\n|---|---|---|--:|--:|--:|\n");
        foreach (CaseOutcome c in cases.Take(MostRows))
        {
            text.Append(CultureInfo.InvariantCulture, $"| {Mark(c.Outcome)} {VerdictSection.Word(c.Outcome)} | {Plain(c.Phase)} | {Plain(c.What)} | {c.Measured} | {c.Allowed} | {c.Bound} |\n");
        }

        if (cases.Length > MostRows)
        {
            text.Append(CultureInfo.InvariantCulture, $"\n… and {cases.Length - MostRows} more rows in the JUnit file.\n");
        }

        text.Append('\n');
        foreach (string limit in verdict.Limits)
        {
            text.Append(CultureInfo.InvariantCulture, $"> {Plain(limit)}\n");
        }

        return text.Append('\n').ToString();
    }

    private static int Severity(CaseOutcome c) => c.Outcome switch { Outcome.Fail => 0, Outcome.Invalid => 1, Outcome.Inconclusive => 2, _ => 3 };

    private static string Mark(Outcome outcome) => outcome switch { Outcome.Pass => "✅", Outcome.Fail => "❌", Outcome.Invalid => "🚫", _ => "❔" };

    private static void Add(StringBuilder text, Outcome outcome, string title, string message)
    {
        // An INVALID run is an error of the check, not of the target; both must stop the reader.
        string command = outcome switch { Outcome.Pass => "notice", Outcome.Inconclusive => "warning", _ => "error" };
        text.Append(CultureInfo.InvariantCulture, $"::{command} title={Property(title)}::{Data(message)}\n");
    }

    // The escapes of actions/toolkit's command.ts: data, and properties, which also end at colons and commas.
    private static string Data(string text) => text
        .Replace("%", "%25", StringComparison.Ordinal).Replace("\r", "%0D", StringComparison.Ordinal).Replace("\n", "%0A", StringComparison.Ordinal);

    private static string Property(string text) => Data(text)
        .Replace(":", "%3A", StringComparison.Ordinal).Replace(",", "%2C", StringComparison.Ordinal);

    /// <summary>Text of others in Markdown: no markup, no table cells, no line breaks.</summary>
    private static string Plain(string text)
    {
        var plain = new StringBuilder(text.Length);
        foreach (char c in text)
        {
            plain.Append(c switch
            {
                '<' => "&lt;",
                '>' => "&gt;",
                '&' => "&amp;",
                '|' or '`' or '*' or '_' or '[' or ']' or '\\' or '#' or '~' => $"\\{c}",
                _ when char.IsControl(c) => " ",
                _ => c.ToString(),
            });
        }

        return plain.ToString();
    }
}
