using System.Text.Json;
using SpikeBench.Core.Profiles;
using SpikeBench.Core.Recording;

namespace SpikeBench.Core.Evidence;

/// <summary>What is fixed before a run, as hashes that can be made again from its files.</summary>
public static class Registration
{
    /// <summary>Of a resolved profile: file, flags and defaults, its SLOs and claim included.</summary>
    public static string HashOf(Profile profile) => Hash(profile);

    /// <summary>
    /// Of what is offered and what must hold: the profile without its seed, its name and words, and the claim's own words and numbers.
    /// </summary>
    public static string HashOfClaim(Profile profile) => Hash(profile with { Name = "", About = null, Sources = [], Seed = 0, Claim = null });

    /// <summary>Of the SLOs alone.</summary>
    public static string HashOf(IReadOnlyList<SloRule> slo) => Hash(slo);

    /// <summary>What the ledger is told of a run before its T0.</summary>
    /// <param name="profile">The profile as it was resolved.</param>
    /// <param name="profileHash">Its hash.</param>
    /// <param name="planHash">The fingerprint of the plan.</param>
    /// <param name="scale">The multiple that is offered.</param>
    /// <param name="seed">Of this run.</param>
    /// <param name="claimNotTested">Why the claim is not tested, or null.</param>
    /// <param name="set">The run's place among its midnights.</param>
    /// <param name="target">What is tested.</param>
    /// <param name="toolBuild">The tool's own hash.</param>
    public static AttemptTerms TermsOf(
        Profile profile, string profileHash, string planHash, double scale, ulong seed, string? claimNotTested, MidnightSet set, TargetSummary target, string? toolBuild) => new(
            set.Id,
            set.Midnight,
            set.Of,
            profile.Name,
            profileHash,
            HashOf(profile.Slo),
            planHash,
            scale,
            seed.ToString(System.Globalization.CultureInfo.InvariantCulture),
            claimNotTested,
            target.Name,
            toolBuild)
        {
            ClaimHash = HashOfClaim(profile),
        };

    /// <summary>What a stored run says it was registered with.</summary>
    public static AttemptTerms TermsOf(RunSummary run, MidnightSet set) => TermsOf(
        run.Profile, run.ProfileHash, run.Plan.Fingerprint, run.Scale, run.Seed, run.ClaimNotTested, set, run.Target, run.ToolBuild);

    // The seed may be beyond what canonical JSON's numbers hold; the files' own spelling is as fixed.
    private static string Hash<T>(T value) => Sha256.OfText(JsonSerializer.Serialize(value, RunFolder.Json));
}
