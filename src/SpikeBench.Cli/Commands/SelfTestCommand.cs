using System.CommandLine;
using System.Globalization;
using SpikeBench.Cli.SelfTest;

namespace SpikeBench.Cli.Commands;

/// <summary><c>spikebench selftest</c>: proves the instrument on this machine against known answers.</summary>
internal static class SelfTestCommand
{
    private static readonly (string Name, Func<CancellationToken, Task<IReadOnlyList<SelfTestLine>>> Run)[] Parts =
    [
        ("known answers", _ => Task.FromResult<IReadOnlyList<SelfTestLine>>([.. KnownAnswers.All()])),
        ("verdict trials", TrialsTest.RunAsync),
        ("a second's stall over sockets", StallTest.RunAsync),
        ("scheduling error", MachineTest.SchedulingErrorAsync),
        ("null-service ceiling", MachineTest.CeilingAsync),
    ];

    public static Command Create(Terminal terminal, TimeProvider time)
    {
        var command = new Command("selftest", "Prove the instrument on this machine against known answers, in under two minutes.\n\n"
            + "Exit codes: 0 every known answer was given, 70 the instrument is wrong. What is shown with - is this machine's figure and is not judged.");
        command.SetAction(async (_, cancel) =>
        {
            long start = time.GetTimestamp();
            var lines = new List<SelfTestLine>();
            foreach ((string name, Func<CancellationToken, Task<IReadOnlyList<SelfTestLine>>> run) in Parts)
            {
                await terminal.Error.WriteLineAsync($"{name} …").ConfigureAwait(false);
                lines.AddRange(await run(cancel).ConfigureAwait(false));
            }

            return Print(lines, time.GetElapsedTime(start), terminal.Out);
        });
        return command;
    }

    /// <summary>Prints the table and says what it amounts to.</summary>
    internal static int Print(IReadOnlyList<SelfTestLine> lines, TimeSpan took, TextWriter output)
    {
        int what = lines.Max(l => l.What.Length), expected = Math.Max("expected".Length, lines.Max(l => l.Expected.Length));
        string part = "";
        output.WriteLine($"{"",6}{"".PadRight(what)}  {"expected".PadRight(expected)}  got");
        foreach (SelfTestLine line in lines)
        {
            if (line.Part != part)
            {
                part = line.Part;
                output.WriteLine(part);
            }

            string mark = line.Holds switch { true => "ok", false => "WRONG", _ => "-" };
            output.WriteLine($"{mark,-6}{line.What.PadRight(what)}  {line.Expected.PadRight(expected)}  {line.Got}");
        }

        int wrong = lines.Count(l => l.Holds == false);
        string seconds = took.TotalSeconds.ToString("0", CultureInfo.InvariantCulture);
        output.WriteLine();
        output.WriteLine(wrong == 0
            ? $"The instrument gave all {lines.Count(l => l.Holds == true)} known answers, in {seconds} s."
            : $"The instrument is WRONG: {wrong} of {lines.Count(l => l.Holds is not null)} known answers were not given. Trust no verdict of this installation.");
        return wrong == 0 ? ExitCodes.Pass : ExitCodes.OurBug;
    }
}
