using System.Globalization;
using System.Text;
using SpikeBench.Core.Profiles;

namespace SpikeBench.Core.Verdict.Trials;

/// <summary>Trial counts as a Markdown table, each frequency with the confidence bound that a goal is held against.</summary>
public static class TrialTable
{
    /// <summary>One row per cell. Upper bounds of errors, lower bounds of what should happen; 95 %, one-sided.</summary>
    public static string Render(IEnumerable<TrialCounts> cells)
    {
        var text = new StringBuilder();
        text.Append("| offered | truth | verdict of | trials | PASS | FAIL | INCONCLUSIVE | INVALID | bad share of all runs | runs over the budget | seeds from |\n");
        text.Append("|---|---|---|---|---|---|---|---|---|---|---|\n");
        foreach (TrialCounts c in cells)
        {
            text.Append(CultureInfo.InvariantCulture, $"| {c.Cell.Shape.Name} | {c.Cell.Truth}, τ = {Units.Duration(c.Cell.ThresholdNs)} ");
            text.Append(c.Cell.Repeats == 1 ? "| 1 run" : $"| {c.Cell.Repeats} runs").Append(c.Cell.Looks == 1 ? " " : $", up to {c.Cell.Looks} looks ");
            text.Append(CultureInfo.InvariantCulture, $"| {c.Trials} | {Frequency(c, c.Pass)} | {Frequency(c, c.Fail)} | {Frequency(c, c.Inconclusive)} | {Frequency(c, c.Invalid)} ");
            text.Append(CultureInfo.InvariantCulture, $"| {100.0 * c.Bad / c.Calls:0.000} % | {100.0 * c.Missed / c.Runs:0.0} % | {c.Seed} |\n");
        }

        return text.ToString();
    }

    private static string Frequency(TrialCounts c, int count) => string.Create(
        CultureInfo.InvariantCulture,
        $"{count} = {100.0 * count / c.Trials:0.0} % [{100 * c.LowerBound(count):0.0}, {100 * c.UpperBound(count):0.0}]");
}
