using System.CommandLine;
using System.Globalization;
using SpikeBench.Core;
using SpikeBench.Histograms;

namespace SpikeBench.Cli.Commands;

/// <summary>The options that the commands on logs share, and their values once checked.</summary>
internal sealed class HlogOptions
{
    private const int MostTicks = 10_000;

    private readonly Option<string?> _tag = new("--tag") { Description = "only the intervals with this tag; '*' takes all tags, '' the intervals without one", HelpName = "TAG" };
    private readonly Option<string?> _from = new("--from") { Description = "first interval start to use, in seconds after the log's StartTime", HelpName = "SECONDS" };
    private readonly Option<string?> _to = new("--to") { Description = "last interval start to use, in seconds after the log's StartTime", HelpName = "SECONDS" };
    private readonly Option<string?> _unit = new("--unit") { Description = "what values are divided by (default: 1e6, nanoseconds to milliseconds)", HelpName = "RATIO" };
    private readonly Option<string?> _ticks = new("--ticks") { Description = "rows per halving of the distance to 100 % (default: 5)", HelpName = "N" };
    private readonly Option<string?> _out = new("--out", "-o") { Description = "write to this file (default: standard output)", HelpName = "FILE" };

    public IEnumerable<Option> Selecting => [_tag, _from, _to];

    public Option Unit => _unit;

    public Option Ticks => _ticks;

    public Option Out => _out;

    /// <summary>The selection asked for.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="allTags">Whether all tags are meant where none is given; else the intervals without one, as in Java.</param>
    public LogSelection SelectionOf(ParseResult parsed, bool allTags)
    {
        string? tag = parsed.GetValue(_tag);
        double from = Number(parsed.GetValue(_from), "--from", double.NegativeInfinity);
        double to = Number(parsed.GetValue(_to), "--to", double.PositiveInfinity);
        if (to < from)
        {
            throw new UsageException($"--to {parsed.GetValue(_to)}: is before --from {parsed.GetValue(_from)}");
        }

        return new LogSelection
        {
            AllTags = tag is null ? allTags : tag == "*",
            Tag = string.IsNullOrEmpty(tag) ? null : tag,
            FromSeconds = from,
            ToSeconds = to,
        };
    }

    public double UnitOf(ParseResult parsed)
    {
        double unit = Number(parsed.GetValue(_unit), "--unit", 1e6);
        return unit > 0 ? unit : throw new UsageException($"--unit {parsed.GetValue(_unit)}: must be above 0, e.g. 1e6 for nanoseconds in milliseconds");
    }

    public int TicksOf(ParseResult parsed) => parsed.GetValue(_ticks) switch
    {
        null => 5,
        string text when int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int ticks) && ticks is >= 1 and <= MostTicks => ticks,
        string text => throw new UsageException($"--ticks {text}: must be a whole number, 1 to {MostTicks}"),
    };

    /// <summary>Hands a command's finished text over, to the file or to standard output: what failed half-way leaves neither.</summary>
    public int Write(ParseResult parsed, Terminal terminal, string text)
    {
        if (parsed.GetValue(_out) is not { } file)
        {
            terminal.Out.Write(text);
            return ExitCodes.Pass;
        }

        try
        {
            File.WriteAllText(file, text);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new UsageException($"--out {file}: {e.Message}");
        }

        terminal.Out.Write(file + "\n");
        return ExitCodes.Pass;
    }

    private static double Number(string? text, string option, double without) => text is null
        ? without
        : double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && double.IsFinite(number)
            ? number
            : throw new UsageException($"{option} {text}: is no number; write it like 90, 1.5 or 1e6");
}
