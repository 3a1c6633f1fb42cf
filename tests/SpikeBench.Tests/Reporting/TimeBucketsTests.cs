using SpikeBench.Core.Recording;
using SpikeBench.Histograms;

namespace SpikeBench.Tests.Reporting;

public sealed class TimeBucketsTests
{
    [Fact]
    public void Buckets_keep_every_count_in_the_bucket_of_its_time()
    {
        Histogram histogram = RecordingPlan.NewHistogram();
        long[] times = [0, 900, 1_000, 3_000, 1_000_000, 1_000_000, 200_000_000, 3_600_000_000_000];
        foreach (long ns in times)
        {
            histogram.Record(ns);
        }

        var buckets = TimeBuckets.Of(histogram);

        Enumerable.Range(0, buckets.End).Sum(b => buckets[b]).ShouldBe(times.Length);
        buckets[TimeBuckets.IndexOf(1_000_000)].ShouldBe(2);
        buckets[TimeBuckets.IndexOf(200_000_000)].ShouldBe(1);
        buckets[buckets.End].ShouldBe(0);
        buckets[0].ShouldBe(3);
    }

    [Fact]
    public void Bucket_holds_the_times_from_its_start_to_the_next()
    {
        for (long ns = 1_001; ns < 3_600_000_000_000; ns = ns * 9 / 7)
        {
            int bucket = TimeBuckets.IndexOf(ns);

            ((double)ns).ShouldBeInRange(TimeBuckets.StartNs(bucket) - 1, TimeBuckets.StartNs(bucket + 1) + 1);
        }
    }

    [Fact]
    public void Buckets_of_equal_histograms_are_equal_and_of_an_empty_one_empty()
    {
        Histogram histogram = RecordingPlan.NewHistogram();
        TimeBuckets.Of(histogram).End.ShouldBe(0);
        TimeSummary.Of(histogram).ShouldBe(TimeSummary.Of(RecordingPlan.NewHistogram()));

        histogram.Record(5_000_000);

        TimeSummary.Of(histogram).ShouldBe(TimeSummary.Of(histogram.Copy()));
        TimeBuckets.Of(histogram).ShouldNotBe(TimeBuckets.Of(RecordingPlan.NewHistogram()));
    }
}
