using SpikeBench.Core.Recording;
using SpikeBench.Histograms;

namespace SpikeBench.Core.Verdict.Trials;

/// <summary>
/// A condition whose truth is known: what is offered to what, judged against a threshold that a known share of the calls exceeds, or
/// that a known share of the midnights misses.
/// </summary>
/// <param name="Truth">In words, e.g. <c>at the line</c>.</param>
/// <param name="Shape">What is offered to what.</param>
/// <param name="ThresholdNs">τ of the SLO.</param>
/// <param name="Repeats">How many midnights one verdict is of; 1 judges single runs.</param>
/// <param name="Looks">How often an open set is doubled and looked at again.</param>
public sealed record TrialCell(string Truth, TrialShape Shape, long ThresholdNs, int Repeats = 1, int Looks = 1)
{
    /// <summary>A steady queue of which exactly <paramref name="ratio"/> times the budget is bad: τ is that quantile's closed form.</summary>
    public static TrialCell Exact(TrialShape shape, double ratio) =>
        new(Name(ratio), shape, (long)(shape.Law.TimeExceededBy(ratio * shape.Budget) * 1e9) + TrialRun.UsualLatenessNs);

    /// <summary>Any shape, of whose calls in the judged phase about <paramref name="ratio"/> times the budget is bad.</summary>
    /// <param name="pilot">Many runs of the shape, of other seeds than the trials'.</param>
    /// <param name="ratio">The true bad share as a multiple of the budget.</param>
    public static TrialCell Calibrated(TrialPilot pilot, double ratio) =>
        new(Name(ratio), pilot.Shape, pilot.TimeExceededByCalls(ratio * pilot.Shape.Budget));

    /// <summary>Sets of <paramref name="repeats"/> midnights, each of which is missed with chance <paramref name="missChance"/>.</summary>
    /// <param name="pilot">Many runs of the shape, of other seeds than the trials'.</param>
    /// <param name="missChance">P(miss) of one midnight.</param>
    /// <param name="repeats">How many midnights a verdict is of.</param>
    public static TrialCell Midnights(TrialPilot pilot, double missChance, int repeats) => new(
        FormattableString.Invariant($"P(miss) = {100 * missChance:0.#} %"), pilot.Shape, pilot.TimeMissedByRuns(missChance), repeats);

    private static string Name(double ratio) => ratio == 1 ? "at the line" : FormattableString.Invariant($"{ratio:0.##} x the budget");
}

/// <summary>What came of the trials of one cell.</summary>
/// <param name="Cell">The condition.</param>
/// <param name="Seed">The first trial's seed; each run takes the next.</param>
/// <param name="Trials">How many verdicts.</param>
/// <param name="Pass">How many of them were PASS.</param>
/// <param name="Fail">How many were FAIL.</param>
/// <param name="Inconclusive">How many were INCONCLUSIVE.</param>
/// <param name="Invalid">How many were INVALID; the generator was healthy in all.</param>
/// <param name="Runs">How many runs were played; a set ends with its first miss.</param>
/// <param name="Bad">Bad calls of all runs, in the judged phase.</param>
/// <param name="Calls">Calls of all runs, in the judged phase.</param>
/// <param name="Missed">Runs whose judged phase had more bad calls than the budget allows.</param>
public sealed record TrialCounts(TrialCell Cell, ulong Seed, int Trials, int Pass, int Fail, int Inconclusive, int Invalid, int Runs, long Bad, long Calls, int Missed)
{
    /// <summary>The upper 95 % confidence bound of a verdict's frequency (Clopper–Pearson, one-sided).</summary>
    public double UpperBound(int count) => BinomialBounds.Upper(count, Trials, 0.05);

    /// <summary>The lower 95 % confidence bound of a verdict's frequency (Clopper–Pearson, one-sided).</summary>
    public double LowerBound(int count) => BinomialBounds.Lower(count, Trials, 0.05);
}

/// <summary>
/// Tries the judge on synthetic runs whose truth is known: how often does it pass what does not hold, fail what does, or void what is
/// sound? The verdicts are <see cref="Judge.Decide"/>'s and <see cref="SetJudge.Decide"/>'s own.
/// </summary>
public static class VerdictTrials
{
    /// <summary>Runs the trials of one cell. A steady run of 300 s at 720/s takes about 20 ms.</summary>
    /// <param name="cell">The condition.</param>
    /// <param name="trials">How many verdicts; at least 1.</param>
    /// <param name="seed">The same seed gives the same counts.</param>
    /// <param name="each">Sees each run's verdict; null: nobody.</param>
    public static TrialCounts Run(TrialCell cell, int trials, ulong seed, Action<RunVerdict>? each = null)
    {
        int most = ClaimLooks.MidnightsAfter(cell.Looks, cell.Repeats);

        // A run's histograms are its player's: the midnights of a set, which are judged together, need one each.
        var players = new List<TrialRun>();
        var outcomes = new int[Enum.GetValues<Outcome>().Length];
        long bad = 0, calls = 0;
        int missed = 0, runs = 0;
        for (int trial = 0; trial < trials; trial++)
        {
            var set = new List<JudgedRun>(most);
            for (int look = 1; ; look++)
            {
                int midnights = ClaimLooks.MidnightsAfter(look, cell.Repeats);
                while (set.Count < midnights && !set.Exists(IsMissed))
                {
                    set.Add(Play(set.Count, seed + (ulong)(trial * most + set.Count)));
                }

                RunVerdict verdict = SetJudge.Decide(set, midnights);
                if (look == cell.Looks || !SetJudge.CanExtend(set, verdict))
                {
                    outcomes[(int)verdict.Outcome]++;
                    break;
                }
            }
        }

        return new TrialCounts(
            cell, seed, trials, outcomes[(int)Outcome.Pass], outcomes[(int)Outcome.Fail], outcomes[(int)Outcome.Inconclusive], outcomes[(int)Outcome.Invalid], runs, bad, calls, missed);

        // One event that was missed fails the set, whatever the other midnights bring; an interval's FAIL must stand among them.
        static bool IsMissed(JudgedRun run) => run.Verdict.Slos.Any(s => s is { Outcome: Outcome.Fail, SingleEvent: true });

        JudgedRun Play(int midnight, ulong runSeed)
        {
            if (midnight == players.Count)
            {
                players.Add(new TrialRun(cell.Shape, cell.ThresholdNs, cell.Repeats, cell.Looks));
            }

            RunRecord record = players[midnight].Play(runSeed);
            RunVerdict verdict = Judge.Decide(record);
            each?.Invoke(verdict);
            SloResult slo = verdict.Slos[0];
            runs++;
            bad += slo.Bad;
            calls += slo.Calls;
            missed += slo.Bad > slo.Rule.Budget * slo.Calls ? 1 : 0;
            return new JudgedRun(record, verdict);
        }
    }
}

/// <summary>Many runs of a shape that has no closed form: which response time do its calls, and its runs, exceed how often?</summary>
public sealed class TrialPilot
{
    private readonly Histogram _all = RecordingPlan.NewHistogram();
    private readonly long[] _quantilesNs;

    /// <param name="shape">The shape.</param>
    /// <param name="runs">How many; the truth of a cell is known to the precision of so many runs.</param>
    /// <param name="seed">Another than the trials'.</param>
    public TrialPilot(TrialShape shape, int runs, ulong seed)
    {
        Shape = shape;
        var player = new TrialRun(shape, shape.DeadlineNs);
        _quantilesNs = new long[runs];
        for (int i = 0; i < runs; i++)
        {
            RunRecord run = player.Play(seed + (ulong)i);
            Histogram responses = run.Totals[run.Plan.HistogramIndex(shape.JudgedPhase, 0, TimeKind.Response)];
            _all.Add(responses);
            _quantilesNs[i] = responses.ValueAtPercentile(100 * (1 - shape.Budget));
        }

        Array.Sort(_quantilesNs);
    }

    public TrialShape Shape { get; }

    /// <summary>The response time that a share of all calls exceeds, in nanoseconds.</summary>
    public long TimeExceededByCalls(double share) => _all.ValueAtPercentile(100 * (1 - share));

    /// <summary>The threshold that a share of the runs misses, in nanoseconds: their own quantile at the budget is above it.</summary>
    public long TimeMissedByRuns(double share) => _quantilesNs[Math.Clamp((int)((1 - share) * _quantilesNs.Length), 0, _quantilesNs.Length - 1)];
}
