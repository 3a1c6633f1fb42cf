using System.CommandLine;
using System.Diagnostics;
using SpikeBench.Cli.Running;

namespace SpikeBench.Cli.Commands;

/// <summary><c>spikebench target …</c>: the reference messenger in the foreground, as a process of its own.</summary>
/// <remarks>
/// The messenger leaves when its standard input closes. We hold the other end: it closes at the first SIGINT or SIGTERM, and by itself
/// when we are killed. So no messenger stays behind and keeps its port, however we end.
/// </remarks>
internal static class TargetCommand
{
    private const string ParentStdin = "--parent-stdin";

    public static Command Create(Terminal terminal)
    {
        var flags = new Argument<string[]>("FLAGS") { Description = "the messenger's own flags, after --, e.g. spikebench target -- --listen 127.0.0.1:5000; -- --help lists them", Arity = ArgumentArity.ZeroOrMore };
        var command = new Command("target", "Start the reference messenger.") { flags };
        command.SetAction(async (parsed, cancel) =>
        {
            string[] given = parsed.GetValue(flags) ?? [];
            await terminal.Out.FlushAsync(CancellationToken.None).ConfigureAwait(false);
            using Process process = Process.Start(StartOf(given))!;

            // A second signal leaves at once, and takes the messenger along.
            EventHandler kill = (_, _) => process.Kill();
            AppDomain.CurrentDomain.ProcessExit += kill;
            try
            {
                using CancellationTokenRegistration stop = cancel.Register(process.StandardInput.Close);
                if (given.Contains(ParentStdin))
                {
                    _ = Task.Run(() => CloseWithOurs(terminal.In, process.StandardInput), CancellationToken.None);
                }

                // It drains and tells its truth; its exit code is ours.
                await process.WaitForExitAsync(CancellationToken.None).ConfigureAwait(false);
                return process.ExitCode;
            }
            finally
            {
                AppDomain.CurrentDomain.ProcessExit -= kill;
            }
        });
        return command;
    }

    /// <summary>How the messenger is started: it watches its standard input, which is ours to close.</summary>
    /// <param name="flags">Its own flags, as the user gave them.</param>
    internal static ProcessStartInfo StartOf(IReadOnlyList<string> flags)
    {
        var start = new ProcessStartInfo(TargetProcess.Host()) { UseShellExecute = false, RedirectStandardInput = true };
        start.ArgumentList.Add(TargetProcess.PathOf());
        foreach (string flag in flags.Contains(ParentStdin) ? flags : [ParentStdin, .. flags])
        {
            start.ArgumentList.Add(flag);
        }

        return start;
    }

    private static void CloseWithOurs(TextReader ours, StreamWriter theirs)
    {
        while (ours.Read() >= 0)
        {
        }

        theirs.Close();
    }
}
