using System.CommandLine;
using SpikeBench.Cli.Doctor;

namespace SpikeBench.Cli.Commands;

/// <summary><c>spikebench doctor</c>: what of this machine a run would suffer from, and how to mend it.</summary>
internal static class DoctorCommand
{
    public static Command Create(Terminal terminal)
    {
        var strict = new Option<bool>("--strict") { Description = "exit 3 when something would probably void a run" };
        var command = new Command("doctor", "Look this machine over: what a run would suffer from, and how to mend it. Measures for a second.") { strict };
        command.SetAction(parsed => Print(Machine.Here(), terminal.Out, parsed.GetValue(strict)));
        return command;
    }

    /// <summary>Prints the findings; returns the exit code.</summary>
    internal static int Print(Machine machine, TextWriter output, bool strict)
    {
        const int nameWidth = 24;
        IReadOnlyList<Finding> findings = Checkup.Of(machine);
        output.WriteLine(machine.Os);
        foreach (Finding finding in findings)
        {
            string grade = finding.Grade switch { Grade.Fine => "ok", Grade.Mind => "mind", _ => "VOIDS" };
            output.WriteLine($"{grade,-6}{finding.What.PadRight(nameWidth)}{finding.Measured}");
            output.WriteLine($"      {"".PadRight(nameWidth)}{finding.Means}");
            if (finding.Fix.Length > 0)
            {
                output.WriteLine($"      {"".PadRight(nameWidth)}Fix: {finding.Fix}");
            }
        }

        int voids = findings.Count(f => f.Grade == Grade.Voids), minds = findings.Count(f => f.Grade == Grade.Mind);
        output.WriteLine();
        output.WriteLine((voids, minds) switch
        {
            (0, 0) => "Nothing here stands in a run's way.",
            (0, _) => $"{minds} to mind; nothing that would void a run by itself.",
            _ => $"{voids} would probably void a run, {minds} to mind. The verdict rests on what is measured during the run, not on this.",
        });
        return strict && voids > 0 ? ExitCodes.Invalid : ExitCodes.Pass;
    }
}
