using SpikeBench.Core.Recording;

namespace SpikeBench.Core.Profiles;

/// <summary>Whether a run tests its profile's claim: why not, in words that end a sentence, or null where it does.</summary>
public static class ClaimTest
{
    /// <summary>What in the profile itself leaves no claim to test.</summary>
    public static string? WhyNever(Profile profile) => profile.Claim is null ? "the profile makes none"
        : profile.Load.Any(s => s is ClosedStep) ? "the load is closed: it waits for the target's answers, so no claim about capacity can rest on it"
        : null;

    /// <summary>Whether a verdict on so many midnights is one on the claim: one of ten tests no claim about ten.</summary>
    /// <param name="run">Any of its runs.</param>
    /// <param name="midnights">How many were judged.</param>
    public static bool IsTested(RunSummary run, int midnights) =>
        run.ClaimNotTested is null && run.Profile.Claim is { } claim && midnights >= claim.Repeats;

    /// <summary>What a run offered otherwise than the claim says.</summary>
    /// <param name="claim">The claim.</param>
    /// <param name="scale">The multiple that is offered.</param>
    /// <param name="repeats">How many midnights are run.</param>
    public static string? WhyNotThisRun(Claim claim, double scale, int repeats) =>
        scale != claim.Scale ? $"it is about {Units.Multiple(claim.Scale)}, this run offered {Units.Multiple(scale)}"
        : repeats < claim.Repeats ? $"it asks for {claim.Repeats} midnights, this run made {repeats}"
        : null;
}
