using SpikeBench.Core.Profiles;

namespace SpikeBench.Core.Verdict;

/// <summary>
/// What a spike did and how long it hurt, against one SLO. Described, not decided: the SLOs decide.
/// </summary>
/// <remarks>
/// In a fluid with λ = 6,000/s, a plateau of 12,000/s for 60 s and a capacity of 10,000/s, judged at 0.2 s: the backlog grows to 120,000
/// calls and drains in 30 s; 88.5 s are above the SLO, 29.5 s of them after the plateau; 885,000 calls are harmed; the area is 522.15 s².
/// </remarks>
public sealed record SpikeMetrics
{
    /// <summary>The spike's phase.</summary>
    public required string Phase { get; init; }

    /// <summary>The SLO that "bad" and τ are of.</summary>
    public required SloRule Rule { get; init; }

    /// <summary>The most calls in flight from the spike's start on, less the median before it.</summary>
    public required double PeakBacklog { get; init; }

    /// <summary>
    /// Time in which more than the budget was bad, in steps of 100 ms; a second with a single bad call does not count.
    /// </summary>
    public required double SecondsAboveSlo { get; init; }

    /// <summary>
    /// From the spike's end to the first moment from which the SLO was met for <see cref="ClearForSeconds"/> and no backlog was left;
    /// null: not within what was observed.
    /// </summary>
    public required double? RecoverySeconds { get; init; }

    /// <summary>How long the SLO must be met to count as recovered.</summary>
    public required double ClearForSeconds { get; init; }

    /// <summary>The latest recovery that the plan could have shown: its end less the clear stretch, from the spike's end.</summary>
    public required double ObservableSeconds { get; init; }

    /// <summary>The longest that a call intended at any moment took, read off the counts of calls that came and left (in order).</summary>
    public required double MaxResponseSeconds { get; init; }

    /// <summary>∫ max(0, W(t) − τ) dt in s²; W(t) is how long the calls intended at t took. Null where the SLO has no τ.</summary>
    public required double? SloAreaSquareSeconds { get; init; }

    /// <summary>Bad calls from the spike's start to the plan's end.</summary>
    public required long HarmedCalls { get; init; }

    /// <summary>Harmed calls over the calls that a user makes in a minute; null where the profile does not say how many.</summary>
    public required double? UserMinutes { get; init; }

    /// <summary>The most calls that ended OK per second for five seconds in a row: of each such window the smaller of mean and median.</summary>
    public required double MostGoodputPerSecond { get; init; }

    /// <summary>
    /// OK calls of the seconds above the SLO over what the target had shown it can do, or was asked for where that is less: below 0.9 it
    /// did less under overload than before. Null where no second was above.
    /// </summary>
    public required double? GoodputRetention { get; init; }

    /// <summary>
    /// Seconds in which more was offered than <see cref="MostGoodputPerSecond"/> and the target fell behind: whatever its design, some
    /// calls had to be bad.
    /// </summary>
    public required double UnavoidableSeconds { get; init; }

    /// <summary>Seconds above the SLO beyond the unavoidable ones: what a better design would have spared.</summary>
    public double ExcessOutageSeconds => Math.Max(0, SecondsAboveSlo - UnavoidableSeconds);
}
