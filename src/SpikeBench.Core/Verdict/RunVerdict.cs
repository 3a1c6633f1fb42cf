using SpikeBench.Core.Profiles;

namespace SpikeBench.Core.Verdict;

/// <summary>What can be said of a run.</summary>
public enum Outcome
{
    /// <summary>Every SLO held, with the stated confidence, under a load that was really offered.</summary>
    Pass,

    /// <summary>An SLO was broken, and not by the generator.</summary>
    Fail,

    /// <summary>The calls cannot tell.</summary>
    Inconclusive,

    /// <summary>The generator or its books are at fault: the run says nothing about the target.</summary>
    Invalid,
}

/// <summary>The verdict on one run, or on a set of repeats, with everything that it rests on.</summary>
public sealed record RunVerdict
{
    public required Outcome Outcome { get; init; }

    /// <summary>The verdict in one sentence.</summary>
    public required string Headline { get; init; }

    /// <summary>Why, in plain words, the deciding reason first.</summary>
    public required IReadOnlyList<string> Reasons { get; init; }

    /// <summary>What the verdict does not say: the claim not tested, the target on the same host, compression.</summary>
    public required IReadOnlyList<string> Limits { get; init; }

    /// <summary>One result per SLO and phase.</summary>
    public required IReadOnlyList<SloResult> Slos { get; init; }

    /// <summary>
    /// For a set: one result per SLO and long phase, over all its midnights. Empty for a single run, and where a midnight was void.
    /// </summary>
    public IReadOnlyList<SloResult> Pooled { get; init; } = [];

    /// <summary>One result per recovery rule.</summary>
    public IReadOnlyList<RecoveryResult> Recoveries { get; init; } = [];

    /// <summary>The run's spike against each SLO of its phase; empty where the load has a single phase.</summary>
    public IReadOnlyList<SpikeMetrics> Spikes { get; init; } = [];

    /// <summary>The checks of the generator.</summary>
    public required IReadOnlyList<ValidityCheck> Checks { get; init; }
}

/// <summary>How one SLO fared in one phase.</summary>
public sealed record SloResult
{
    public required SloRule Rule { get; init; }

    /// <summary>The phase; a rule for <c>*</c> has one result per phase.</summary>
    public required string Phase { get; init; }

    public required Outcome Outcome { get; init; }

    /// <summary>N: the planned calls of the phase and operation.</summary>
    public required long Calls { get; init; }

    /// <summary>X: those that were bad.</summary>
    public required long Bad { get; init; }

    /// <summary>Those of them that were open when the drain was cut: bad for a PASS, good for a FAIL.</summary>
    public long Undecided { get; init; }

    /// <summary>The phase was judged as one event, by its exact share of bad calls; else by an interval.</summary>
    public required bool SingleEvent { get; init; }

    /// <summary>How many times more the bad calls vary between batches than independent ones would.</summary>
    public double? DesignEffect { get; init; }

    /// <summary>How many independent calls the phase is worth.</summary>
    public double? EffectiveCalls { get; init; }

    /// <summary>The one-sided upper confidence bound of the bad share.</summary>
    public double? Upper { get; init; }

    /// <summary>The one-sided lower confidence bound of the bad share.</summary>
    public double? Lower { get; init; }

    /// <summary>The number, the bound, and what would have changed the outcome.</summary>
    public required string Reason { get; init; }

    /// <summary>How likely at least so many bad calls are where the share is just the budget; for Holm's correction.</summary>
    internal double? PValue { get; init; }
}

/// <summary>One check of the generator or its books.</summary>
/// <param name="Id">V1 to V13.</param>
/// <param name="What">What is checked.</param>
/// <param name="Measured">What was measured.</param>
/// <param name="Bound">What it must be.</param>
/// <param name="Holds">Whether it is.</param>
/// <param name="Consequence">What a breach means.</param>
public sealed record ValidityCheck(string Id, string What, string Measured, string Bound, bool Holds, CheckConsequence Consequence);

/// <summary>What a broken check does to a verdict.</summary>
public enum CheckConsequence
{
    /// <summary>Nothing can be said: INVALID.</summary>
    VoidsAll,

    /// <summary>A PASS becomes INVALID; a FAIL stands.</summary>
    VoidsPass,

    /// <summary>A FAIL becomes INVALID if it does not stand without the generator's share.</summary>
    VoidsFailThatFlips,

    /// <summary>The verdict stands; there is no certificate for it.</summary>
    BarsCertificate,
}
