using System.CommandLine;
using SpikeBench.Cli.Profiles;
using SpikeBench.Core.Profiles;

namespace SpikeBench.Cli.Commands;

/// <summary><c>spikebench profiles</c>: the ready-made profiles, their texts, the format's schema, curves, and the way to and from NBomber.</summary>
internal static class ProfilesCommand
{
    public static Command Create(Terminal terminal)
    {
        var command = new Command("profiles", "List the ready-made profiles; plot, export and import loads.");
        var list = new Command("list", "List the ready-made profiles.");
        var name = new Argument<string>("NAME") { Description = "a ready-made profile's name, or a path" };
        var show = new Command("show", "Print a profile's text, to start your own from.") { name };
        var schema = new Command("schema", "Print the format's JSON schema, for editors.");
        command.SetAction(_ => List(terminal.Out));
        list.SetAction(_ => List(terminal.Out));
        show.SetAction(parsed =>
        {
            terminal.Out.Write(ProfileFile.ReadText(parsed.GetValue(name)!).Text);
            return ExitCodes.Pass;
        });
        schema.SetAction(_ =>
        {
            terminal.Out.Write(ProfileSchema.Generate());
            return ExitCodes.Pass;
        });
        command.Subcommands.Add(list);
        command.Subcommands.Add(show);
        command.Subcommands.Add(schema);
        foreach (Command transfer in ProfileTransferCommands.Create(terminal))
        {
            command.Subcommands.Add(transfer);
        }

        return command;
    }

    private static int List(TextWriter output)
    {
        int width = ProfileFile.ReadyMade.Max(n => n.Length);
        foreach (string name in ProfileFile.ReadyMade)
        {
            output.WriteLine($"{name.PadRight(width)}  {ProfileFile.Load(name, []).About}");
        }

        return ExitCodes.Pass;
    }
}
