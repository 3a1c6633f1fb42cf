using SpikeBench.Core.Profiles;
using SpikeBench.Core.Verdict;

namespace SpikeBench.Cli.Commands;

/// <summary>What is said between two looks at a set.</summary>
internal static class LookText
{
    /// <summary>The look that could not tell, at what error, why, and what follows.</summary>
    /// <param name="claim">What registered the looks.</param>
    /// <param name="verdict">Of the look that is over.</param>
    /// <param name="look">Its number, from 1.</param>
    /// <param name="more">Midnights that are run for the next.</param>
    public static string GoesOn(Claim claim, RunVerdict verdict, int look, int more) =>
        $"look {look} of {claim.Looks}, at an error of {Units.Percent(ClaimLooks.LevelOf(claim.Looks, 1 - claim.Confidence))} each, is INCONCLUSIVE: {verdict.Reasons.FirstOrDefault("nothing says why.")} "
        + $"{more} more midnight{(more == 1 ? "" : "s")}, as the claim registered";
}
