using System.CommandLine;
using SpikeBench.Cli.Running;
using SpikeBench.Core;
using SpikeBench.Core.Profiles;
using SpikeBench.Core.Recording;
using SpikeBench.Core.Verdict;
using SpikeBench.Reporting;

namespace SpikeBench.Cli.Commands;

/// <summary><c>spikebench report RUN</c>: renders a stored run again, as a page, as text or as a table, alone or against another run.</summary>
internal static class ReportCommand
{
    private const string Html = "html";

    private static readonly string[] Formats = [Html, "md", "json", "csv", "junit"];

    public static Command Create(Terminal terminal)
    {
        var folder = new Argument<string>("RUN") { Description = "the folder of a run" };
        var baseline = new Option<string?>("--baseline") { Description = "the folder of a run to compare with, in the same charts and a table of differences (html)", HelpName = "RUN" };
        var format = new Option<string>("--format") { Description = "html, the page; md, for a pull request; json, the verdict for scripts; csv, a row per second; junit, a case per SLO and phase", DefaultValueFactory = _ => Html, HelpName = string.Join('|', Formats) };
        var output = new Option<string?>("--out", "-o") { Description = "the file to write; - is standard output (default: report.html in the run's folder; standard output for the other formats)", HelpName = "FILE" };
        var command = new Command("report", "Render the report of a stored run again, or turn the run into text, JSON or a table.") { folder, baseline, format, output };
        command.SetAction(parsed =>
        {
            string path = parsed.GetValue(folder)!, kind = parsed.GetValue(format)!;
            string text = Render(path, kind, parsed.GetValue(baseline));
            string? file = parsed.GetValue(output) ?? (kind == Html ? Path.Combine(path, "report.html") : "-");
            if (file == "-")
            {
                terminal.Out.Write(text);
                return ExitCodes.Pass;
            }

            try
            {
                File.WriteAllText(file, text);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw new UsageException($"--out {file}: {e.Message}");
            }

            terminal.Out.WriteLine(file);
            return ExitCodes.Pass;
        });
        return command;
    }

    private static string Render(string path, string format, string? baseline)
    {
        if (!Formats.Contains(format))
        {
            throw new UsageException($"--format {format}: there are {string.Join(", ", Formats)}{Suggestion.DidYouMean(format, Formats)}");
        }

        if (baseline is not null && format != Html)
        {
            throw new UsageException($"--baseline {baseline}: only the html report compares two runs");
        }

        RunRecord record = RunFolder.Read(path);
        RunVerdict verdict = Judge.Decide(record);
        RunRecord? before = baseline is null ? null : RunFolder.Read(baseline);
        return format switch
        {
            "md" => MarkdownSummary.Render(record, verdict),
            "json" => VerdictJson.Render(verdict, [new FinishedRun(record, verdict, path)], ExitCodes.Of(verdict.Outcome)),
            "csv" => SecondsCsv.Render(record),
            "junit" => JUnitReport.Render([new JudgedRun(record, verdict)], verdict),
            _ => HtmlReport.Render(record, verdict, before is null ? null : new Baseline(before, Judge.Decide(before))),
        };
    }
}
