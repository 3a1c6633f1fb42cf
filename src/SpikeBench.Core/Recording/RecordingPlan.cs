using SpikeBench.Core.Profiles;
using SpikeBench.Core.Schedule;
using SpikeBench.Histograms;

namespace SpikeBench.Core.Recording;

/// <summary>The shape of a run's books: which phases, operations, thresholds and batches there are, and where each is kept.</summary>
/// <param name="Phases">The plan's phases.</param>
/// <param name="Operations">How many operations the mix has.</param>
/// <param name="ThresholdsNs">The different times that are counted against; see <see cref="CountedNs"/>.</param>
/// <param name="DrainNs">How long calls may end after it.</param>
/// <param name="DeadlineNs">Per attempt; phases too short for it are judged as one event and need no batches.</param>
public sealed record RecordingPlan(
    IReadOnlyList<Phase> Phases, int Operations, IReadOnlyList<long> ThresholdsNs, long DrainNs, long DeadlineNs)
{
    /// <summary>Equal stretches of a phase whose counts show how bad calls clump.</summary>
    public const int BatchesPerPhase = 30;

    // 1 µs to 1 h at 3 digits: 0.1 % of any time a call can take, 90 kB of counters per handle.
    private const long LowestNs = 1_000;
    private const long HighestNs = 3_600_000_000_000;
    private const int Digits = 3;

    // Batches only say which calls belong to the slowest 10ε: 1 % is enough, and a tenth of the memory.
    private const int BatchDigits = 2;

    public static readonly int Kinds = Enum.GetValues<TimeKind>().Length;

    public int HistogramCount => Phases.Count * Operations * Kinds;

    public int BatchCount => Phases.Any(p => !IsSingleEvent(p)) ? Phases.Count * Operations * BatchesPerPhase : 0;

    /// <summary>
    /// True where a phase is one event rather than a sample: shorter than 30 × max(2 s, deadline), its batches would be shorter than
    /// the pauses that they must tell apart.
    /// </summary>
    public bool IsSingleEvent(Phase phase) => phase.DurationNs < BatchesPerPhase * Math.Max(2_000_000_000, DeadlineNs);

    /// <summary>
    /// True where few clumps may carry the estimate though there is an interval: over several midnights, at several looks, or in a phase
    /// that is shorter than 150 × max(2 s, deadline).
    /// </summary>
    /// <param name="phase">Long enough for an interval.</param>
    /// <param name="midnights">How many midnights one verdict is of.</param>
    /// <param name="looks">How many looks the claim registers.</param>
    public bool HasFewClumps(Phase phase, int midnights, int looks) =>
        midnights > 1 || looks > 1 || phase.DurationNs < 5 * BatchesPerPhase * Math.Max(2_000_000_000, DeadlineNs);

    public int HistogramIndex(int phase, int operation, TimeKind kind) => (phase * Operations + operation) * Kinds + (int)kind;

    /// <summary>Where a call's batch is kept; −1 in a phase that is one event.</summary>
    public int BatchIndex(int phase, int operation, long intendedNs)
    {
        Phase at = Phases[phase];
        return IsSingleEvent(at) ? -1 : (phase * Operations + operation) * BatchesPerPhase + BatchOf(at, intendedNs);
    }

    /// <summary>Which of a phase's equal stretches a time falls into, on the 100 ms grid of the exact counters.</summary>
    public static int BatchOf(Phase phase, long intendedNs)
    {
        // Counters are kept per cell, so a batch is whole cells: the cell's start decides, and both counts agree on every call.
        long cellStartNs = Math.Max(phase.StartNs, intendedNs / CellGrid.CellNs * CellGrid.CellNs);
        return (int)Math.Clamp((cellStartNs - phase.StartNs) * BatchesPerPhase / phase.DurationNs, 0, BatchesPerPhase - 1);
    }

    /// <summary>
    /// The times that a run's calls are counted against exactly, rising: every threshold of its SLOs and stop rules, and its deadline.
    /// </summary>
    /// <remarks>
    /// An SLO on errors has no threshold, but a deadline counts from the intended time: a generator that is late enough makes calls end
    /// unsent. Counted against the deadline, what is late for an error is known as exactly as what is late for a threshold.
    /// </remarks>
    public static IReadOnlyList<long> CountedNs(Profile profile, long deadlineNs) =>
        [.. profile.Slo.Select(s => s.ThresholdNs).Concat(profile.StopIf.Select(s => s.ThresholdNs)).OfType<long>().Append(deadlineNs).Distinct().Order()];

    public CellGrid NewGrid() => new(Phases, DrainNs);

    public CellTable NewCells() => new(NewGrid(), Operations, ThresholdsNs);

    /// <summary>
    /// How long an interval of a run's log is: a second, and in runs of more than half an hour so many that there are at most 1,800 rows
    /// of a kind. A result then stays small however long the run was.
    /// </summary>
    public static long IntervalNs(long durationNs)
    {
        const long secondNs = 1_000_000_000;
        const long mostRows = 1_800;
        return Math.Max(1, (durationNs + mostRows * secondNs - 1) / (mostRows * secondNs)) * secondNs;
    }

    public StatusSeconds NewErrorSeconds() => new(Phases[^1].EndNs);

    public static Recorder NewRecorder() => new(LowestNs, HighestNs, Digits);

    public static Histogram NewHistogram() => new(LowestNs, HighestNs, Digits);

    public static Histogram NewBatchHistogram() => new(LowestNs, HighestNs, BatchDigits);
}
