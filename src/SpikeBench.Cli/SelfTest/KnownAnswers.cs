using System.Globalization;
using SpikeBench.Core.Engine;
using SpikeBench.Core.Profiles;
using SpikeBench.Core.Recording;
using SpikeBench.Core.Schedule;
using SpikeBench.Core.Verdict;
using SpikeBench.Histograms;

namespace SpikeBench.Cli.SelfTest;

/// <summary>
/// Questions whose answers are known from elsewhere: published tables, exact arithmetic at 40 digits, and a queue that can be worked out
/// by hand. The very code that runs and judges must give them.
/// </summary>
internal static class KnownAnswers
{
    private const long MsNs = 1_000_000;
    private const double Alpha = 0.05;

    // Seven digits are what the published vectors have.
    private const double Precision = 1e-6;

    // 3 digits.
    private const double HistogramPrecision = 0.001;

    public static IEnumerable<SelfTestLine> All() => [.. Histograms(), .. Binomial(), .. Clustered(), .. Omission()];

    /// <summary>HDR layout at 3 digits: the edges of slots, and counts on either side of them.</summary>
    private static IEnumerable<SelfTestLine> Histograms()
    {
        var histogram = new Histogram(1, 3_600_000_000, 3);
        foreach ((long value, long lowest, long highest) in new[] { (200_000L, 199_936L, 200_063L), (1_000_000L, 999_936L, 1_000_447L), (60_000_000L, 59_998_208L, 60_030_975L) })
        {
            string got = $"{histogram.LowestEquivalent(value)} to {histogram.HighestEquivalent(value)}";
            yield return Line("histogram", $"values counted with {value}", $"{lowest} to {highest}", got, got == $"{lowest} to {highest}");
        }

        for (int i = 1; i <= 10_000; i++)
        {
            histogram.Record(i);
        }

        foreach ((double percentile, long expected) in new[] { (50.0, 5_000L), (99.0, 9_900L), (99.9, 9_990L), (100.0, 10_000L) })
        {
            long got = histogram.ValueAtPercentile(percentile);
            yield return Line("histogram", string.Create(CultureInfo.InvariantCulture, $"p{percentile} of 1 to 10,000"), $"{expected}, to 0.1 %", $"{got}", Near(got, expected, HistogramPrecision));
        }
    }

    /// <summary>Clopper and Pearson's bounds: X of N calls bad, one-sided at 95 %.</summary>
    private static IEnumerable<SelfTestLine> Binomial()
    {
        foreach ((double bad, double calls, double upper, double lower) in new (double, double, double, double)[]
        {
            (0, 10_000, 2.995284e-04, 0), (1, 10_000, 4.742977e-04, 5.129316e-06), (4, 10_000, 9.151161e-04, 1.366430e-04),
            (16, 10_000, 2.429110e-03, 1.003845e-03), (500, 600_000, 8.972655e-04, 7.730180e-04), (10, 100, 1.637176e-01, 5.526324e-02),
        })
        {
            yield return Bounds("Clopper-Pearson", $"{bad:0} of {calls:0} bad", lower, upper, BinomialBounds.Lower(bad, calls, Alpha), BinomialBounds.Upper(bad, calls, Alpha));
        }

        long needed = BinomialBounds.CleanCallsNeeded(0.001, Alpha);
        yield return Line("Clopper-Pearson", "clean calls that show 0.1 %", "2995", $"{needed}", needed == 2995);
    }

    /// <summary>Korn and Graubard's bounds: the same 30 bad calls of 60,000, spread and in clumps.</summary>
    private static IEnumerable<SelfTestLine> Clustered()
    {
        var spread = Enumerable.Repeat(1L, 30).ToArray();
        long[] clumps = new long[30], two = new long[30];
        foreach ((int batch, long bad) in new[] { (3, 6L), (4, 5L), (11, 4L), (12, 3L), (20, 7L), (21, 2L), (27, 2L), (28, 1L) })
        {
            clumps[batch] = bad;
        }

        (two[3], two[20]) = (20, 10);
        yield return Clustered("spread evenly", spread, 3.55661708e-4, 6.85010759e-4);
        yield return Clustered("in 8 clumps", clumps, 2.36939715e-4, 9.32890820e-4);
        yield return Clustered("in 2 clumps", two, 7.33204675e-5, 1.69873637e-3);
    }

    private static SelfTestLine Clustered(string how, long[] bad, double lower, double upper)
    {
        long[] calls = [.. Enumerable.Repeat(2_000L, bad.Length)];
        ClusteredBounds got = ClusteredBounds.Of(calls, bad, [], Alpha);
        return Bounds("Korn-Graubard", $"30 of 60,000 bad, {how}", lower, upper, got.Lower, got.Upper);
    }

    /// <summary>
    /// The engine itself in virtual time: 10,000 calls 10 ms apart, a server that takes 1 ms and stands still for a second. A generator
    /// that waits for answers reports a p99.9 of 1 ms for it; its users saw 911 ms.
    /// </summary>
    private static IEnumerable<SelfTestLine> Omission()
    {
        const int calls = 10_000;
        const long second = 1_000 * MsNs;
        var clock = new StoppedClock();
        using var lane = new FrozenServerLane(clock, MsNs, 50 * second, 51 * second);
        var plan = new RecordingPlan([new Phase("all", 0, 100 * second)], 1, [200 * MsNs], 10 * second, 5 * second);
        var recorder = new RunRecorder(plan, 1);
        var options = new EngineOptions { T0Ns = 0, DeadlineNs = 5 * second, DrainNs = 10 * second, SlotsPerWorker = 1_000 };
        var source = new GivenCalls([.. Enumerable.Range(0, calls).Select(i => new Arrival(i, i * 10 * MsNs, 0, 0, 0))]);
        new Worker(options, source, lane, clock, new SingleAttempt(), recorder.ForWorker(0)).Run(100 * second, CancellationToken.None);
        recorder.TakeIntervals((_, _, _, _) => { });
        RunBooks books = recorder.Close();
        Histogram response = books.Totals[plan.HistogramIndex(0, 0, TimeKind.Response)];
        foreach ((double percentile, long ms) in new[] { (50.0, 1L), (99.0, 101L), (99.5, 551L), (99.9, 911L), (99.99, 992L), (100.0, 1001L) })
        {
            long got = response.ValueAtPercentile(percentile);
            yield return Line(
                "a second's stall, virtual", string.Create(CultureInfo.InvariantCulture, $"p{percentile} from intended"), $"{ms} ms, to 0.1 %", Units.Duration(got), Near(got, ms * MsNs, HistogramPrecision));
        }

        long over = books.Cells.Sum(0, books.Cells.Grid.Count, 0, 0, ThresholdField.Bad);
        yield return Line("a second's stall, virtual", "calls over 200 ms, exactly", "89", $"{over}", over == 89);
    }

    private static SelfTestLine Bounds(string part, string what, double lower, double upper, double gotLower, double gotUpper) => Line(
        part,
        what,
        string.Create(CultureInfo.InvariantCulture, $"{lower:0.######e+00} to {upper:0.######e+00}"),
        string.Create(CultureInfo.InvariantCulture, $"{gotLower:0.######e+00} to {gotUpper:0.######e+00}"),
        Near(gotLower, lower, Precision) && Near(gotUpper, upper, Precision));

    private static SelfTestLine Line(string part, string what, string expected, string got, bool holds) => new(part, what, expected, got, holds);

    private static bool Near(double got, double expected, double relative) => Math.Abs(got - expected) <= relative * Math.Abs(expected);
}
