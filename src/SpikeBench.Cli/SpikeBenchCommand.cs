using System.CommandLine;
using SpikeBench.Cli.Commands;
using SpikeBench.Cli.Running;

namespace SpikeBench.Cli;

/// <summary>The command line: parses, runs one command, and turns every end into an exit code.</summary>
internal static class SpikeBenchCommand
{
    public static async Task<int> RunAsync(string[] args, Terminal terminal, TimeProvider time)
    {
        var root = new RootCommand("Load tests shaped like New Year's midnight: offers a spike to a gRPC target and judges a capacity claim.\n\n"
            + "Exit codes: 0 PASS, 1 FAIL, 2 INCONCLUSIVE, 3 INVALID (the generator is at fault), 4 target unreachable,\n"
            + "64 wrong usage or profile, 70 our bug, 130 interrupted (the result is still written).");
        root.Subcommands.Add(RunCommand.Create(terminal, time, args));
        root.Subcommands.Add(CallCommand.Create(terminal, time));
        root.Subcommands.Add(ValidateCommand.Create(terminal, time));
        root.Subcommands.Add(ProfilesCommand.Create(terminal));
        root.Subcommands.Add(JudgeCommand.Create(terminal, time));
        root.Subcommands.Add(ReportCommand.Create(terminal));
        root.Subcommands.Add(DoctorCommand.Create(terminal));
        root.Subcommands.Add(HlogCommand.Create(terminal));
        root.Subcommands.Add(TargetCommand.Create(terminal));
        root.Subcommands.Add(SelfTestCommand.Create(terminal, time));

        // An argument that begins with @ is a value of its own, not a file of more arguments.
        ParseResult parsed = root.Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
        IReadOnlyList<string> complaints = UsageComplaints.Of(parsed);
        if (complaints.Count > 0)
        {
            foreach (string complaint in complaints)
            {
                await terminal.Error.WriteLineAsync($"spikebench: {complaint}").ConfigureAwait(false);
            }

            await terminal.Error.WriteLineAsync($"Try '{UsageComplaints.NameOf(parsed.CommandResult)} --help'.").ConfigureAwait(false);
            return ExitCodes.Usage;
        }

        var invocation = new InvocationConfiguration
        {
            EnableDefaultExceptionHandler = false,
            ProcessTerminationTimeout = null,
            Output = terminal.Out,
            Error = terminal.Error,
        };
        Patience patience = parsed.CommandResult.Command.Name switch { "run" => Patience.Drains, "target" => Patience.Silent, _ => Patience.None };
        using var interrupts = new Interrupts(patience, terminal.Error, Environment.Exit);
        return await GuardAsync(() => parsed.InvokeAsync(invocation, interrupts.First), terminal).ConfigureAwait(false);
    }

#pragma warning disable CA1031 // The last line of defence: whatever comes here becomes one line and an exit code.
    private static async Task<int> GuardAsync(Func<Task<int>> run, Terminal terminal)
    {
        try
        {
            return await run().ConfigureAwait(false);
        }
        catch (Exception e)
        {
            int code = ExitCodes.Of(e);
            string message = code switch
            {
                ExitCodes.Interrupted => "interrupted before the load began; nothing was offered",
                ExitCodes.OurBug => $"this is a bug in SpikeBench, please report it: {e}",
                _ => e.Message,
            };
            await terminal.Error.WriteLineAsync(e is ProfileErrorsException ? message : $"spikebench: {message}").ConfigureAwait(false);
            return code;
        }
    }
#pragma warning restore CA1031
}
