using SpikeBench.Core;
using SpikeBench.Core.Profiles;

namespace SpikeBench.Cli.Ui;

/// <summary>What a run shows of itself while it goes on.</summary>
internal enum UiMode
{
    /// <summary>Nothing: the calibrated mode.</summary>
    None,

    /// <summary>A line per second.</summary>
    Plain,

    /// <summary>One screen, redrawn in place.</summary>
    Live,
}

/// <summary>Chooses how a run shows itself.</summary>
internal static class UiModes
{
    private const string Auto = "auto";

    public static IReadOnlyList<string> Names { get; } = [Auto, "live", "plain", "none"];

    /// <summary>The mode for what was asked: <c>auto</c> is live on a terminal that a person watches, and plain in pipes and CI.</summary>
    /// <param name="asked">As <c>--ui</c> gave it; null is auto.</param>
    /// <param name="quiet"><c>--quiet</c> was given.</param>
    /// <param name="interactive">Standard error is a terminal.</param>
    /// <param name="variable">Reads an environment variable.</param>
    /// <exception cref="UsageException">There is no such mode.</exception>
    public static UiMode Choose(string? asked, bool quiet, bool interactive, Func<string, string?> variable)
    {
        switch (asked)
        {
            case "live":
                return quiet ? UiMode.None : UiMode.Live;
            case "plain":
                return quiet ? UiMode.None : UiMode.Plain;
            case "none":
                return UiMode.None;
            case null or Auto:
                // A CI log keeps what a terminal overwrites; a dumb terminal cannot move its cursor.
                bool watched = interactive && string.IsNullOrEmpty(variable("CI")) && variable("TERM") is not ("dumb" or "");
                return quiet ? UiMode.None : watched ? UiMode.Live : UiMode.Plain;
            default:
                throw new UsageException($"--ui {asked}: there are {string.Join(", ", Names)}{Suggestion.DidYouMean(asked, Names)}");
        }
    }

    /// <summary>Whether colours are wanted: <c>NO_COLOR</c>, however set, says no (no-color.org).</summary>
    public static bool WantsColour(Func<string, string?> variable) => string.IsNullOrEmpty(variable("NO_COLOR"));
}
