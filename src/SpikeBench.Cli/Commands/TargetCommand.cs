using System.CommandLine;
using System.Diagnostics;
using SpikeBench.Cli.Running;

namespace SpikeBench.Cli.Commands;

/// <summary><c>spikebench target …</c>: the reference messenger in the foreground, as a process of its own.</summary>
internal static class TargetCommand
{
    public static Command Create(Terminal terminal)
    {
        var flags = new Argument<string[]>("FLAGS") { Description = "the messenger's own flags, after --, e.g. spikebench target -- --listen 127.0.0.1:5000; -- --help lists them", Arity = ArgumentArity.ZeroOrMore };
        var command = new Command("target", "Start the reference messenger.") { flags };
        command.SetAction(async (parsed, cancel) =>
        {
            var start = new ProcessStartInfo(TargetProcess.Host()) { UseShellExecute = false };
            start.ArgumentList.Add(TargetProcess.PathOf());
            foreach (string flag in parsed.GetValue(flags) ?? [])
            {
                start.ArgumentList.Add(flag);
            }

            await terminal.Out.FlushAsync(CancellationToken.None).ConfigureAwait(false);
            using Process process = Process.Start(start)!;

            // Ctrl-C reaches the messenger as well; it drains and leaves, and its exit code is ours.
            await process.WaitForExitAsync(CancellationToken.None).ConfigureAwait(false);
            return cancel.IsCancellationRequested ? ExitCodes.Pass : process.ExitCode;
        });
        return command;
    }
}
