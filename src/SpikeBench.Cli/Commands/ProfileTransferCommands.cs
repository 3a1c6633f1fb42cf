using System.CommandLine;
using System.Globalization;
using SpikeBench.Cli.Running;
using SpikeBench.Core;
using SpikeBench.Core.Profiles.NBomber;
using SpikeBench.Core.Schedule;

namespace SpikeBench.Cli.Commands;

/// <summary><c>spikebench profiles plot|export|import</c>: a profile's curve, and the way to and from NBomber's configs.</summary>
internal static class ProfileTransferCommands
{
    private const long MaxConfigBytes = 4 * 1024 * 1024;
    private const int MostCsvRows = 1_000_000;
    private const int DefaultWidth = 100;
    private const int DefaultHeight = 16;

    public static IEnumerable<Command> Create(Terminal terminal) => [Plot(terminal), Export(terminal), Import(terminal)];

    private static Command Plot(Terminal terminal)
    {
        var profile = new Argument<string>("PROFILE") { Description = "a profile's path, or the name of a ready-made one" };
        var scale = new Option<string?>("--scale") { Description = "the multiple of the load (default: the claim's)", HelpName = "N" };
        var width = WholeNumber.Option<int>("--width", "columns (default: 100)", "N");
        var height = WholeNumber.Option<int>("--height", "rows (default: 16)", "N");
        var csv = new Option<bool>("--csv") { Description = "print time_s,rate,calls per 100 ms instead, for another plotter" };
        var command = new Command("plot", "Draw a profile's planned rate.") { profile, scale, width, height, csv };
        command.SetAction(parsed =>
        {
            LoadPlan plan = SetupOf(parsed.GetValue(profile)!, parsed.GetValue(scale)).PlanOf(0);
            if (plan.Closed is not null)
            {
                throw new UsageException("the load is closed: it has copies, and no rate to plot");
            }

            if (parsed.GetValue(csv))
            {
                PrintCsv(plan, terminal.Out);
            }
            else
            {
                terminal.Out.Write(RatePlot.Render(plan, Math.Clamp(parsed.GetValue(width) ?? DefaultWidth, 30, 1000), Math.Clamp(parsed.GetValue(height) ?? DefaultHeight, 2, 200)));
            }

            return ExitCodes.Pass;
        });
        return command;
    }

    private static Command Export(Terminal terminal)
    {
        var profile = new Argument<string>("PROFILE") { Description = "a profile's path, or the name of a ready-made one" };
        var format = new Option<string>("--format") { Description = "nbomber: the JSON that its LoadConfig reads", DefaultValueFactory = _ => "nbomber", HelpName = "NAME" };
        format.AcceptOnlyFromAmong("nbomber");
        var scale = new Option<string?>("--scale") { Description = "the multiple of the load (default: the claim's)", HelpName = "N" };
        var command = new Command("export", "Print a profile's load for another tool; what is lost is said on standard error.") { profile, format, scale };
        command.SetAction(parsed =>
        {
            RunSetup setup = SetupOf(parsed.GetValue(profile)!, parsed.GetValue(scale));
            NBomberExport export = NBomberWriter.Write(setup.Profile, setup.Scale);
            terminal.Out.Write(export.Json);
            Say(export.Notes, "note", terminal.Error);
            return ExitCodes.Pass;
        });
        return command;
    }

    private static Command Import(Terminal terminal)
    {
        var file = new Argument<string>("FILE") { Description = "an NBomber JSON config" };
        var scenario = new Option<string?>("--scenario") { Description = "which scenario, where there are several", HelpName = "NAME" };
        var command = new Command("import", "Print an NBomber config's load as a profile; its traps are warned of on standard error.") { file, scenario };
        command.SetAction(parsed =>
        {
            string path = parsed.GetValue(file)!;
            NBomberImport import;
            try
            {
                import = NBomberReader.Read(ReadText(path), parsed.GetValue(scenario));
            }
            catch (UsageException e)
            {
                throw new UsageException($"{path}: {e.Message}");
            }

            terminal.Out.Write(import.Yaml);
            Say(import.Warnings, "warning", terminal.Error);
            return ExitCodes.Pass;
        });
        return command;
    }

    private static RunSetup SetupOf(string profile, string? scale) =>
        RunSetup.OfLoad(new RunRequest { Profile = profile, Scale = RunCommand.ScaleOf(scale), Command = "" });

    private static string ReadText(string path)
    {
        try
        {
            return new FileInfo(path).Length > MaxConfigBytes ? throw new UsageException("is larger than any config") : File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"cannot be read: {e.Message}");
        }
    }

    private static void Say(IEnumerable<string> lines, string kind, TextWriter output)
    {
        foreach (string line in lines)
        {
            output.WriteLine($"{kind}: {line}");
        }
    }

    private static void PrintCsv(LoadPlan plan, TextWriter output)
    {
        const long cellNs = 100_000_000;
        RateCurve curve = plan.Schedule.Curve;
        if (curve.DurationNs / cellNs > MostCsvRows)
        {
            throw new UsageException($"--csv: more than {MostCsvRows} rows of 100 ms");
        }

        output.WriteLine("time_s,rate,calls");
        for (long t = 0; t < curve.DurationNs; t += cellNs)
        {
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{t / 1e9:0.0},{curve.RateAt(t):0.######},{curve.Integral(Math.Min(t + cellNs, curve.DurationNs)) - curve.Integral(t):0.######}"));
        }
    }
}
