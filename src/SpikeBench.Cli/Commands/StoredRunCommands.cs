using System.CommandLine;
using SpikeBench.Cli.Running;
using SpikeBench.Core.Recording;
using SpikeBench.Core.Verdict;
using SpikeBench.Reporting;

namespace SpikeBench.Cli.Commands;

/// <summary><c>spikebench judge RUN</c>: the verdict on a stored run, recomputed from its files alone.</summary>
internal static class JudgeCommand
{
    public static Command Create(Terminal terminal)
    {
        var folder = new Argument<string>("RUN") { Description = "the folder of a run" };
        var json = new Option<bool>("--json") { Description = "print the verdict as JSON" };
        var command = new Command("judge", "Re-judge a stored run.") { folder, json };
        command.SetAction(parsed =>
        {
            string path = parsed.GetValue(folder)!;
            RunRecord record = RunFolder.Read(path);
            RunVerdict verdict = Judge.Decide(record);
            int code = ExitCodes.Of(verdict.Outcome);
            terminal.Out.Write(parsed.GetValue(json)
                ? VerdictJson.Render(verdict, [new FinishedRun(record, verdict, path)], code)
                : TextSummary.Render(record, verdict) + "\n");
            return code;
        });
        return command;
    }
}
