using SpikeBench.Core.Recording;
using SpikeBench.Histograms;
using SpikeBench.Reporting;

namespace SpikeBench.Tests.Reporting;

public sealed class LatencyViewTests
{
    private static readonly RunRecord Calm = SyntheticRun.Calm;
    private static readonly RunRecord Overloaded = SyntheticRun.Overloaded;

    [Theory]
    [InlineData(50, 1000, 500)]
    [InlineData(99.9, 1000, 999)]
    [InlineData(99.9, 1001, 1000)]
    [InlineData(0, 1000, 1)]
    [InlineData(100, 1000, 1000)]
    public void Rank_is_the_nearest_at_or_above_the_share(double percentile, long calls, long rank) =>
        LatencyView.RankOf(percentile, calls).ShouldBe(rank);

    [Fact]
    public void Percentile_equals_the_histograms_when_every_call_ended_ok()
    {
        LatencyView view = LatencyView.Of(Calm, -1, -1, TimeKind.Response);
        Histogram histogram = Calm.Distribution(-1, -1, TimeKind.Response);

        view.NotOk.ShouldBe(0);
        foreach (double percentile in LatencyView.Percentiles)
        {
            view.At(percentile).ShouldBe(histogram.ValueAtPercentile(percentile));
        }

        view.Max.ShouldBe(histogram.Max);
    }

    [Fact]
    public void Percentile_counts_calls_that_failed_as_infinitely_slow()
    {
        LatencyView view = LatencyView.Of(Overloaded, -1, -1, TimeKind.Response);
        double okShare = 100.0 * (view.Calls - view.NotOk) / view.Calls;

        view.NotOk.ShouldBeGreaterThan(0);
        view.At(okShare - 0.01).ShouldBeLessThan(LatencyView.Failed);
        view.At(okShare + 0.01).ShouldBe(LatencyView.Failed);
        LatencyView.Text(view.Max).ShouldBe("failed");
        view.At(50).ShouldBeGreaterThanOrEqualTo(Overloaded.Distribution(-1, -1, TimeKind.Response).ValueAtPercentile(50));
    }

    [Fact]
    public void Worst_phase_is_the_one_that_failed() =>
        LatencyView.WorstPhase(Overloaded).Phase.Name.ShouldBe("spike");

    [Fact]
    public void Percentile_of_a_second_is_exact_without_failures_and_ranked_among_all_with_them()
    {
        Histogram histogram = RecordingPlan.NewHistogram();
        for (int i = 1; i <= 1000; i++)
        {
            histogram.Record(i * 1_000_000L);
        }

        var ok = TimeSummary.Of(histogram);

        LatencyView.InSecond(ok, 0, 99).ShouldBe(ok.P99);

        // 1000 of 1250 ended OK: the median of all is rank 625, about 625 ms.
        LatencyView.InSecond(ok, 250, 50).ShouldBe(625e6, 625e6 * 0.1);
        LatencyView.InSecond(ok, 250, 90).ShouldBe(LatencyView.Failed);
        LatencyView.InSecond(default, 3, 50).ShouldBe(LatencyView.Failed);
        LatencyView.InSecond(default, 0, 50).ShouldBe(double.NaN);
    }
}
