using SpikeBench.Core.Profiles;
using SpikeBench.Core.Recording;
using SpikeBench.Core.Schedule;
using SpikeBench.Histograms;

namespace SpikeBench.Reporting;

/// <summary>
/// Percentiles as people may see them: over all calls, those that did not end OK counted as infinitely slow. A target that refuses
/// half its calls in a microsecond has no good median.
/// </summary>
internal sealed class LatencyView
{
    /// <summary>A percentile whose rank falls among the calls that did not end OK.</summary>
    public const double Failed = double.PositiveInfinity;

    /// <summary>What tables and the terminal show.</summary>
    public static readonly IReadOnlyList<double> Percentiles = [50, 90, 99, 99.9];

    private readonly Histogram _ok;

    private LatencyView(Histogram ok, long calls)
    {
        _ok = ok;
        Calls = Math.Max(calls, ok.TotalCount);
    }

    /// <summary>All planned calls.</summary>
    public long Calls { get; }

    /// <summary>Those that did not end OK.</summary>
    public long NotOk => Calls - _ok.TotalCount;

    /// <summary>The slowest call that ended OK, in nanoseconds.</summary>
    public long SlowestOkNs => _ok.Max;

    /// <summary>The fastest call that ended OK, in nanoseconds.</summary>
    public long FastestOkNs => _ok.Min;

    /// <summary>Response or service times of one phase and operation; −1 means all.</summary>
    public static LatencyView Of(RunRecord run, int phase, int operation, TimeKind kind)
    {
        return new LatencyView(run.Distribution(phase, operation, kind), CallsOf(run, phase, operation, kind));
    }

    /// <summary>The same over all of several runs.</summary>
    public static LatencyView OfAll(IEnumerable<RunRecord> runs, TimeKind kind)
    {
        Histogram sum = RecordingPlan.NewHistogram();
        long calls = 0;
        foreach (RunRecord run in runs)
        {
            sum.Add(run.Distribution(-1, -1, kind));
            calls += CallsOf(run, -1, -1, kind);
        }

        return new LatencyView(sum, calls);
    }

    /// <summary>The phase whose tail is the longest: the highest p99.9, then p99, then median.</summary>
    public static (Phase Phase, LatencyView View) WorstPhase(RunRecord run) =>
        Enumerable.Range(0, run.Plan.Phases.Count)
            .Select(p => (Phase: run.Plan.Phases[p], View: Of(run, p, -1, TimeKind.Response)))
            .OrderByDescending(x => x.View.At(99.9))
            .ThenByDescending(x => x.View.At(99))
            .ThenByDescending(x => x.View.At(50))
            .First();

    /// <summary>The smallest time that this share of all calls is at or below, in nanoseconds; <see cref="Failed"/> where there is none.</summary>
    public double At(double percentile)
    {
        if (Calls == 0)
        {
            return 0;
        }

        long rank = RankOf(percentile, Calls);
        return rank > _ok.TotalCount ? Failed : _ok.ValueAtPercentile(100.0 * rank / _ok.TotalCount);
    }

    /// <summary>The slowest of all calls; <see cref="Failed"/> when one did not end OK.</summary>
    public double Max => NotOk > 0 ? Failed : SlowestOkNs;

    /// <summary>The nearest rank: at least 1, at most all.</summary>
    public static long RankOf(double percentile, long calls) =>

        // A ulp less, as the histograms do: 99.9 % of 1000 must be rank 999 although the product in binary is a little more.
        Math.Clamp((long)Math.Ceiling(Math.BitDecrement(percentile) * calls / 100), 1, calls);

    /// <summary>
    /// A percentile of one second over all calls that ended in it. Exact where all ended OK; else ranked in the interval's buckets,
    /// which are 19 % wide. NaN where nothing ended.
    /// </summary>
    /// <param name="ok">The second's OK calls.</param>
    /// <param name="failed">How many ended otherwise.</param>
    /// <param name="percentile">One of <see cref="Percentiles"/>.</param>
    public static double InSecond(TimeSummary ok, long failed, double percentile)
    {
        if (ok.Count == 0)
        {
            return failed > 0 ? Failed : double.NaN;
        }

        if (failed == 0)
        {
            return percentile switch { <= 50 => ok.P50, <= 90 => ok.P90, <= 99 => ok.P99, _ => ok.P999 };
        }

        long rank = RankOf(percentile, ok.Count + failed);
        if (rank > ok.Count)
        {
            return Failed;
        }

        if (ok.Buckets is not { } buckets)
        {
            return ok.Max;
        }

        long before = 0;
        int bucket = buckets.First;
        while (before + buckets[bucket] < rank)
        {
            before += buckets[bucket++];
        }

        double share = (rank - before) / (double)buckets[bucket];
        return Math.Min(ok.Max, TimeBuckets.StartNs(bucket) * Math.Pow(2, share / TimeBuckets.PerOctave));
    }

    /// <summary>A percentile with its unit, <c>failed</c>, or <c>-</c> where there was no call.</summary>
    public string TextAt(double percentile) => Calls == 0 ? "-" : Text(At(percentile));

    /// <summary>The slowest of all calls in the same words.</summary>
    public string MaxText => Calls == 0 ? "-" : Text(Max);

    /// <summary>A time with its unit, or <c>failed</c>.</summary>
    public static string Text(double ns) => double.IsPositiveInfinity(ns) ? "failed" : Units.Duration(ns);

    // Lateness is of every call sent, OK or not: there is nobody to count as infinitely late.
    private static long CallsOf(RunRecord run, int phase, int operation, TimeKind kind)
    {
        (int first, int end) = phase < 0 ? (0, run.Cells.Grid.PlanCells) : run.Cells.Grid.OfPhase(phase);
        return kind == TimeKind.Lateness ? 0 : run.Cells.Sum(first, end, operation, CellField.Planned);
    }
}
