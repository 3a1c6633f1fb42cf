using System.CommandLine;
using System.CommandLine.Parsing;
using SpikeBench.Core.Profiles;

namespace SpikeBench.Cli;

/// <summary>What is wrong with a command line before any command looks at it, one line each.</summary>
internal static class UsageComplaints
{
    // Of the intervals in a log those without a tag are the ones tagged ''.
    private const string MayBeEmpty = "--tag";

    /// <summary>The complaints; none where the line reads.</summary>
    public static IReadOnlyList<string> Of(ParseResult parsed) => parsed.Errors.Count > 0
        ? [.. parsed.Errors.Select(e => WithHint(e, parsed))]
        : [.. parsed.CommandResult.Children.Select(Empty).OfType<string>()];

    /// <summary>The command that was meant, with all the words that lead to it: <c>spikebench hlog cut</c>.</summary>
    public static string NameOf(CommandResult result) => result.Parent is CommandResult parent ? $"{NameOf(parent)} {result.Command.Name}" : "spikebench";

    /// <summary>A word that is none of the command's may be one of them misspelt.</summary>
    private static string WithHint(ParseError error, ParseResult parsed)
    {
        string? word = parsed.UnmatchedTokens.FirstOrDefault(t => error.Message.Contains($"'{t}'", StringComparison.Ordinal));
        if (word is null)
        {
            return error.Message;
        }

        Command command = parsed.CommandResult.Command;
        IEnumerable<string> known = word.StartsWith('-')
            ? command.Options.SelectMany(o => o.Aliases.Append(o.Name)).Where(name => name.StartsWith("--", StringComparison.Ordinal))
            : command.Subcommands.Select(c => c.Name);
        string hint = Suggestion.DidYouMean(word.Split('=', ':')[0], known);
        return hint.Length == 0 ? error.Message : error.Message.TrimEnd('.') + hint;
    }

    /// <summary>An empty value is a variable that is not set in somebody's script: no path, no address and no number is empty.</summary>
    private static string? Empty(SymbolResult result)
    {
        bool isEmpty = result.Tokens.Any(t => t.Value.Length == 0);
        return result switch
        {
            OptionResult { Option: { Name: not MayBeEmpty } option } when isEmpty => $"{option.Name} '': is empty; give it a value ({option.HelpName}), or leave it out",
            ArgumentResult { Argument: var argument } when isEmpty => $"{argument.Name} '': is empty; give it a value",
            _ => null,
        };
    }
}
