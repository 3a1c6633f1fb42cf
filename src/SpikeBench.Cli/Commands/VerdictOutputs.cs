using System.CommandLine;
using SpikeBench.Cli.Running;
using SpikeBench.Core.Verdict;
using SpikeBench.Reporting;

namespace SpikeBench.Cli.Commands;

/// <summary>The options that say where a verdict goes, alike in every command that makes one.</summary>
internal sealed class VerdictOutputOptions
{
    private readonly Option<string?> _json = new("--json") { Description = "write the verdict as JSON; - is standard output, instead of the summary", HelpName = "FILE" };
    private readonly Option<string?> _junit = new("--junit") { Description = "write the verdict as JUnit XML, a case per SLO and phase", HelpName = "FILE" };
    private readonly Option<bool> _github = new("--github") { Description = "print GitHub annotations and append to the step summary (default where GITHUB_ACTIONS is true)" };

    public void AddTo(Command command)
    {
        command.Options.Add(_json);
        command.Options.Add(_junit);
        command.Options.Add(_github);
    }

    public VerdictOutputs Of(ParseResult parsed, Terminal terminal) => new(
        parsed.GetValue(_json),
        parsed.GetValue(_junit),
        parsed.GetValue(_github) || terminal.Variable("GITHUB_ACTIONS") == "true",
        terminal);
}

/// <summary>Writes a verdict wherever it was asked for.</summary>
internal sealed class VerdictOutputs(string? json, string? junit, bool github, Terminal terminal)
{
    private const string SummaryVariable = "GITHUB_STEP_SUMMARY";

    /// <summary>Standard output is one JSON document and nothing else.</summary>
    public bool JsonOnly => json == "-";

    /// <summary>Writes the summary or the JSON to standard output, and the files. A file that cannot be written does not lose the verdict.</summary>
    /// <param name="runs">The midnights of the verdict, at least one.</param>
    /// <param name="verdict">On the run or the set.</param>
    /// <param name="code">The exit code that goes with it.</param>
    public async Task WriteAsync(IReadOnlyList<FinishedRun> runs, RunVerdict verdict, int code)
    {
        JudgedRun[] judged = [.. runs.Select(r => r.Judged)];
        string document = VerdictJson.Render(verdict, runs, code);
        if (JsonOnly)
        {
            await terminal.Out.WriteAsync(document).ConfigureAwait(false);
        }
        else
        {
            await WriteFileAsync("--json", json, document, append: false).ConfigureAwait(false);
            await terminal.Out.WriteLineAsync(TextSummary.Render(runs[^1].Record, verdict)).ConfigureAwait(false);
        }

        await WriteFileAsync("--junit", junit, JUnitReport.Render(judged, verdict), append: false).ConfigureAwait(false);
        if (github)
        {
            // GitHub reads commands on both streams; a script reads the JSON on one.
            await (JsonOnly ? terminal.Error : terminal.Out).WriteAsync(GitHubOutput.Annotations(judged, verdict)).ConfigureAwait(false);
            string? summary = terminal.Variable(SummaryVariable) is { Length: > 0 } path ? path : null;
            await WriteFileAsync(SummaryVariable, summary, GitHubOutput.Summary(judged, verdict), append: true).ConfigureAwait(false);
        }
    }

    private async Task WriteFileAsync(string what, string? path, string text, bool append)
    {
        if (path is null)
        {
            return;
        }

        try
        {
            await (append ? File.AppendAllTextAsync(path, text, CancellationToken.None) : File.WriteAllTextAsync(path, text, CancellationToken.None)).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            await terminal.Error.WriteLineAsync($"spikebench: {what} {path}: {e.Message} The verdict is kept in the run's folder.").ConfigureAwait(false);
        }
    }
}
