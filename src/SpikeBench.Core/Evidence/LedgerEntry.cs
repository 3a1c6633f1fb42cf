using System.Text.Json.Serialization;
using SpikeBench.Core.Verdict;

namespace SpikeBench.Core.Evidence;

/// <summary>What an attempt was registered with, before its T0.</summary>
/// <param name="Set">The set of midnights that it belongs to: the run id of the first.</param>
/// <param name="Midnight">Its place in the set, from 1.</param>
/// <param name="Of">How many midnights the set was to have.</param>
/// <param name="Profile">The profile's name.</param>
/// <param name="ProfileHash">Of the resolved profile, its SLOs and claim included.</param>
/// <param name="SloHash">Of the SLOs alone.</param>
/// <param name="PlanHash">The fingerprint of every planned call.</param>
/// <param name="Scale">The multiple of the profile's load.</param>
/// <param name="Seed">Of the draws; a string, because JSON numbers end at 2⁵³.</param>
/// <param name="ClaimNotTested">Why the claim is not tested; null when it is.</param>
/// <param name="Target">What was tested: the identity given, else the address or model.</param>
/// <param name="ToolBuild">The hash of the tool's own files.</param>
public sealed record AttemptTerms(
    string Set,
    int Midnight,
    int Of,
    string Profile,
    string ProfileHash,
    string SloHash,
    string PlanHash,
    double Scale,
    string Seed,
    string? ClaimNotTested,
    string Target,
    string? ToolBuild)
{
    /// <summary>
    /// Of what is offered and what must hold alone: <see cref="Registration.HashOfClaim"/>. Null in lines from before it was kept.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? ClaimHash { get; init; }

    /// <summary>
    /// Whether two attempts test the same claim: the same load and SLOs at the same scale on the same target. Another seed, name or word
    /// makes no other claim: whoever could begin anew with those would be done with every FAIL.
    /// </summary>
    public bool SameClaim(AttemptTerms other) => Scale == other.Scale && Target == other.Target
        && (ProfileHash == other.ProfileHash || (ClaimHash is { } claim && claim == other.ClaimHash));
}

/// <summary>How an attempt ended.</summary>
/// <param name="Outcome">Its verdict; null where there was none, because nothing was offered or our own code failed.</param>
/// <param name="Interrupted">Why the load ended early, or why nothing was judged; null when it ran to its end.</param>
/// <param name="Offered">Whether any call may have been made; where not, the attempt shows nothing and hides nothing.</param>
/// <param name="Files">The hashes of the run's evidence by file name; empty where there is none.</param>
public sealed record AttemptEnd(Outcome? Outcome, string? Interrupted, bool Offered, IReadOnlyDictionary<string, string> Files)
{
    /// <summary>
    /// The verdict on the set that this midnight completed, where the set FAILED; else null. Long phases may FAIL over all midnights though
    /// each by itself was open.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Outcome? OfSet { get; init; }

    /// <summary>It showed that the claim does not hold.</summary>
    [JsonIgnore]
    public bool IsFail => Outcome == Verdict.Outcome.Fail || OfSet == Verdict.Outcome.Fail;
}

/// <summary>
/// One line of the ledger. Exactly one of <see cref="Opened"/> and <see cref="Closed"/> is there.
/// </summary>
/// <param name="Attempt">The attempt's number, from 1 and without gaps.</param>
/// <param name="AtUtc">When the line was written.</param>
/// <param name="RunId">The attempt's run.</param>
/// <param name="Opened">On the line written before T0.</param>
/// <param name="Closed">On the line written after the drain.</param>
/// <param name="Previous">The hash of the line before; of the first, zeros.</param>
public sealed record LedgerEntry(int Attempt, DateTimeOffset AtUtc, string RunId, AttemptTerms? Opened, AttemptEnd? Closed, string Previous);

/// <summary>One attempt: the line that opened it and, unless the process was killed or still runs, the one that closed it.</summary>
public sealed record Attempt(int Number, string RunId, DateTimeOffset OpenedUtc, AttemptTerms Terms, AttemptEnd? End)
{
    /// <summary>Its end in one word or two, as lists show it.</summary>
    public string State => End switch
    {
        null => "open",
        { Offered: false } => "nothing offered",
        { Interrupted: not null, Outcome: Verdict.Outcome.Fail } => "FAIL, interrupted",
        { Interrupted: not null } => "interrupted",
        { OfSet: Verdict.Outcome.Fail, Outcome: { } outcome and not Verdict.Outcome.Fail } => $"{VerdictText.Word(outcome)}, its set FAIL",
        { Outcome: { } outcome } => VerdictText.Word(outcome),
        _ => "no verdict",
    };

    /// <summary>It was begun and it is not known what it would have shown.</summary>
    public bool IsUnresolved => End is null || (End.Offered && (End.Outcome is null || (End.Interrupted is not null && End.Outcome != Verdict.Outcome.Fail)));
}
