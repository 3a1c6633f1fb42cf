using System.CommandLine;
using SpikeBench.Cli.Running;
using SpikeBench.Core;
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

    /// <summary>Whether every file could be written now: to be asked before a load, which is too long to lose its verdict's place.</summary>
    /// <exception cref="UsageException">One could not.</exception>
    public void RequireWritable()
    {
        foreach ((string what, string? path) in new[] { ("--json", JsonOnly ? null : json), ("--junit", junit), (SummaryVariable, SummaryPath) })
        {
            if (path is not null && ObjectionTo(path) is { } objection)
            {
                throw new UsageException($"{what} {path}: {objection}");
            }
        }
    }

    /// <summary>Writes the summary or the JSON to standard output, and the files. A file that cannot be written does not lose the verdict.</summary>
    /// <param name="runs">The midnights of the verdict, at least one.</param>
    /// <param name="verdict">On the run or the set.</param>
    /// <param name="code">The exit code that goes with it.</param>
    /// <returns>The exit code to end with: a PASS without a file that was asked for is none, as the file there may be an older one.</returns>
    public async Task<int> WriteAsync(IReadOnlyList<FinishedRun> runs, RunVerdict verdict, int code)
    {
        JudgedRun[] judged = [.. runs.Select(r => r.Judged)];
        string document = VerdictJson.Render(verdict, runs, code);
        bool whole = true;
        if (JsonOnly)
        {
            await terminal.Out.WriteAsync(document).ConfigureAwait(false);
        }
        else
        {
            whole &= await WriteFileAsync("--json", json, document, append: false).ConfigureAwait(false);
            await terminal.Out.WriteLineAsync(TextSummary.Render(judged, verdict, terminal.OutIsTerminal ? TextSummary.TerminalWidth : TextSummary.Uncut)).ConfigureAwait(false);
        }

        whole &= await WriteFileAsync("--junit", junit, JUnitReport.Render(judged, verdict), append: false).ConfigureAwait(false);
        if (github)
        {
            // GitHub reads commands on both streams; a script reads the JSON on one.
            await (JsonOnly ? terminal.Error : terminal.Out).WriteAsync(GitHubOutput.Annotations(judged, verdict)).ConfigureAwait(false);
            whole &= await WriteFileAsync(SummaryVariable, SummaryPath, GitHubOutput.Summary(judged, verdict), append: true).ConfigureAwait(false);
        }

        return whole || code != ExitCodes.Pass ? code : ExitCodes.Usage;
    }

    private string? SummaryPath => github && terminal.Variable(SummaryVariable) is { Length: > 0 } path ? path : null;

    /// <summary>Why a file cannot be written; null where it can. What stands there is left as it is.</summary>
    private static string? ObjectionTo(string path)
    {
        string? folder = Path.GetDirectoryName(Path.GetFullPath(path));
        if (Directory.Exists(path))
        {
            return "is a folder; give a file";
        }

        if (folder is not null && !Directory.Exists(folder))
        {
            return $"there is no folder {folder}; make it first";
        }

        try
        {
            // Not opened: a pipe or a device, whose reader would take the closing for the end.
            if (!File.Exists(path) || new FileInfo(path) is { Length: > 0 } or { IsReadOnly: true })
            {
                bool isNew = !File.Exists(path);
                using var probe = new FileStream(path, new FileStreamOptions
                {
                    Mode = isNew ? FileMode.CreateNew : FileMode.Open,
                    Access = FileAccess.Write,
                    Options = isNew ? FileOptions.DeleteOnClose : FileOptions.None,
                });
            }

            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return $"cannot be written: {e.Message}";
        }
    }

    /// <summary>Whether the file stands as it was asked for.</summary>
    private async Task<bool> WriteFileAsync(string what, string? path, string text, bool append)
    {
        if (path is null)
        {
            return true;
        }

        try
        {
            await (append ? File.AppendAllTextAsync(path, text, CancellationToken.None) : File.WriteAllTextAsync(path, text, CancellationToken.None)).ConfigureAwait(false);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            await terminal.Error.WriteLineAsync($"spikebench: {what} {path}: {e.Message} The verdict is kept in the run's folder.").ConfigureAwait(false);
            return false;
        }
    }
}
