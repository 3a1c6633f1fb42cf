using SpikeBench.Core.Profiles;
using SpikeBench.Core.Recording;
using SpikeBench.Core.Verdict;

namespace SpikeBench.Core.Evidence;

/// <summary>
/// A capacity certificate: one claim, one set of midnights that held it, and everything that it rests on. A pure function of the runs'
/// files and the ledger, so that whoever has those can make it again and compare.
/// </summary>
public sealed record Certificate
{
    public const string FileName = "certificate.json";
    public const string PageName = "certificate.html";
    public const string MarkdownName = "certificate.md";
    public const string CurrentFormat = "spikebench-certificate/1";

    /// <summary>The document's kind and version.</summary>
    public required string Format { get; init; }

    /// <summary>The whole claim with number, unit, condition and confidence.</summary>
    public required string Sentence { get; init; }

    public required CertificateLight Light { get; init; }

    /// <summary>Why the light is what it is.</summary>
    public required string LightReason { get; init; }

    public required CertifiedClaim Claim { get; init; }

    public required CertifiedRisk Risk { get; init; }

    public required CertificateBasis Basis { get; init; }

    public required AttemptHistory History { get; init; }

    /// <summary>The evidence, one entry per midnight.</summary>
    public required IReadOnlyList<CertifiedMidnight> Midnights { get; init; }

    /// <summary>The long phases over all midnights: N, X, design effect, n_e, U and L.</summary>
    public required IReadOnlyList<SloResult> Pooled { get; init; }

    public required TargetSummary Target { get; init; }

    /// <summary>Where the generator ran.</summary>
    public required EnvironmentSummary Environment { get; init; }

    /// <summary>What the certificate does not say.</summary>
    public required IReadOnlyList<string> NotClaimed { get; init; }

    /// <summary>90 days after the last midnight; a change of the target ends it earlier.</summary>
    public required DateTimeOffset ExpiresUtc { get; init; }
}

/// <summary>The one light of a certificate.</summary>
public enum CertificateLight
{
    /// <summary>The claim held.</summary>
    Green,

    /// <summary>The claim held, of something that is not a deployment or that nobody named.</summary>
    Amber,
}

/// <summary>What was claimed.</summary>
/// <param name="Text">In the user's words.</param>
/// <param name="Scale">The headroom: the multiple of the reference load that was offered and held, in "x peak".</param>
/// <param name="PeakRatePerSecond">The highest rate of that load.</param>
/// <param name="OneXPeakRatePerSecond">The same at 1x.</param>
/// <param name="Reference">What 1x is.</param>
/// <param name="Confidence">Of each PASS.</param>
/// <param name="Repeats">How many midnights were registered.</param>
/// <param name="Looks">How many looks were registered.</param>
/// <param name="Slo">What had to hold.</param>
/// <param name="Recoveries">What had to be over in time.</param>
public sealed record CertifiedClaim(
    string Text,
    double Scale,
    double PeakRatePerSecond,
    double OneXPeakRatePerSecond,
    ReferenceRate Reference,
    double Confidence,
    int Repeats,
    int Looks,
    IReadOnlyList<SloRule> Slo,
    IReadOnlyList<RecoveryRule> Recoveries);

/// <summary>What a set of midnights says about the next one.</summary>
/// <param name="Held">Midnights that held, all of the set.</param>
/// <param name="MissBound">The upper 95 % bound of P(a midnight misses).</param>
/// <param name="Unresolved">Other attempts at the same claim that were begun and not finished.</param>
/// <param name="MissBoundWorst">The bound if each of those was a miss.</param>
public sealed record CertifiedRisk(int Held, double MissBound, int Unresolved, double MissBoundWorst);

/// <summary>What was fixed before the first midnight, and by which tool.</summary>
/// <param name="ProfileHash">Of the resolved profile.</param>
/// <param name="SloHash">Of its SLOs.</param>
/// <param name="RegisteredUtc">When the first attempt was opened.</param>
/// <param name="FirstT0Utc">When its load began: later.</param>
/// <param name="Tool">Name and version.</param>
/// <param name="ToolBuild">The hash of the tool's own files.</param>
public sealed record CertificateBasis(string ProfileHash, string SloHash, DateTimeOffset RegisteredUtc, DateTimeOffset FirstT0Utc, string Tool, string ToolBuild);

/// <summary>Every attempt of the ledger, and what testing the claim several times costs.</summary>
/// <param name="Known">What is known of attempts before this set.</param>
/// <param name="LedgerHead">The hash of the ledger's last line.</param>
/// <param name="Looks">Looks at this claim on this target, whatever came of them: each set is one, or as many as it was extended to.</param>
/// <param name="AlphaPerLook">The error that one look allows; smaller where the claim registered several.</param>
/// <param name="AlphaSpent">What all looks together allow: 1 − (1 − α)^sets, for the looks of a set share out its α.</param>
/// <param name="Attempts">All, numbered from 1.</param>
public sealed record AttemptHistory(string Known, string LedgerHead, int Looks, double AlphaPerLook, double AlphaSpent, IReadOnlyList<AttemptLine> Attempts);

/// <summary>One attempt in the list.</summary>
/// <param name="Number">From 1, without gaps.</param>
/// <param name="RunId">Its run.</param>
/// <param name="State">Its end.</param>
/// <param name="ThisClaim">It tested this claim on this target.</param>
/// <param name="ThisSet">It is one of this certificate's midnights.</param>
public sealed record AttemptLine(int Number, string RunId, string State, bool ThisClaim, bool ThisSet);

/// <summary>One midnight: its run, the hashes of its files, its SLOs and its checks.</summary>
/// <param name="Attempt">Its number in the ledger.</param>
/// <param name="RunId">Its run, and its folder's name.</param>
/// <param name="T0Utc">When its load began.</param>
/// <param name="Seed">Of its draws; a string, because JSON numbers end at 2⁵³.</param>
/// <param name="PlanHash">The fingerprint of every planned call.</param>
/// <param name="Planned">Calls of the plan.</param>
/// <param name="Files">SHA-256 by file name.</param>
/// <param name="Slos">N, X, design effect, n_e, U and L per SLO and phase.</param>
/// <param name="Recoveries">How each recovery rule fared.</param>
/// <param name="Spikes">Peak backlog, time above the SLO, recovery, harm.</param>
/// <param name="Checks">The validity table.</param>
public sealed record CertifiedMidnight(
    int Attempt,
    string RunId,
    DateTimeOffset T0Utc,
    string Seed,
    string PlanHash,
    long Planned,
    IReadOnlyDictionary<string, string> Files,
    IReadOnlyList<SloResult> Slos,
    IReadOnlyList<RecoveryResult> Recoveries,
    IReadOnlyList<SpikeMetrics> Spikes,
    IReadOnlyList<ValidityCheck> Checks);
