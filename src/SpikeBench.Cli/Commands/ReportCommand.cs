using System.CommandLine;
using SpikeBench.Core;
using SpikeBench.Core.Recording;
using SpikeBench.Core.Verdict;
using SpikeBench.Reporting;

namespace SpikeBench.Cli.Commands;

/// <summary><c>spikebench report RUN</c>: renders a stored run's report again.</summary>
internal static class ReportCommand
{
    public static Command Create(Terminal terminal)
    {
        var folder = new Argument<string>("RUN") { Description = "the folder of a run" };
        var output = new Option<string?>("--out", "-o") { Description = "the HTML file (default: report.html in the run's folder)", HelpName = "FILE" };
        var command = new Command("report", "Render the report of a stored run again.") { folder, output };
        command.SetAction(parsed =>
        {
            string path = parsed.GetValue(folder)!;
            RunRecord record = RunFolder.Read(path);
            string file = parsed.GetValue(output) ?? Path.Combine(path, "report.html");
            try
            {
                File.WriteAllText(file, HtmlReport.Render(record, Judge.Decide(record)));
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
}
