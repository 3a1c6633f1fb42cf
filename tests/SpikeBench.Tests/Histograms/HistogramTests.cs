using SpikeBench.Histograms;

namespace SpikeBench.Tests.Histograms;

public sealed class HistogramTests
{
    [Theory]
    [InlineData(-1)]
    [InlineData(long.MinValue)]
    [InlineData(2048)]
    [InlineData(long.MaxValue)]
    public void Value_out_of_range_is_refused_and_counted_never_clamped(long value)
    {
        var histogram = new Histogram(1, 1000, 3);

        histogram.TryRecord(value).ShouldBeFalse();
        histogram.TryRecord(value, 4).ShouldBeFalse();
        Should.Throw<ArgumentOutOfRangeException>(() => histogram.Record(value));

        histogram.OutOfRangeCount.ShouldBe(6);
        histogram.TotalCount.ShouldBe(0);
        histogram.TryRecord(2047).ShouldBeTrue();
        histogram.Max.ShouldBe(2047);
    }

    [Fact]
    public void Histogram_grows_as_javas_when_it_resizes()
    {
        var histogram = new Histogram(3);
        foreach ((long value, long highest) in new[]
        {
            (2047L, 2L), (2048, 4095), (5000, 8191), (1_000_000, 1_048_575), (123_456_789_012, 137_438_953_471), (long.MaxValue, long.MaxValue),
        })
        {
            histogram.TryRecord(value).ShouldBeTrue();
            histogram.HighestTrackableValue.ShouldBe(highest);
        }

        histogram.TryRecord(-1).ShouldBeFalse();
        histogram.TotalCount.ShouldBe(6);
        histogram.OutOfRangeCount.ShouldBe(1);
        histogram.Max.ShouldBe(long.MaxValue);
    }

    [Fact]
    public void Total_stops_at_the_end_of_long()
    {
        var histogram = new Histogram(1, 1000, 3);
        histogram.Record(1, long.MaxValue - 1);
        histogram.Record(2);

        histogram.TryRecord(3).ShouldBeFalse();
        histogram.TryRecord(3, 1).ShouldBeFalse();
        Should.Throw<OverflowException>(() => histogram.Add(histogram.Copy()));

        histogram.TotalCount.ShouldBe(long.MaxValue);
        histogram.OutOfRangeCount.ShouldBe(2);
        histogram.Max.ShouldBe(2);
        histogram.Mean.ShouldBe(1.0);
        HistogramDecoder.Decode(HistogramEncoder.Encode(histogram)).HasSameCounts(histogram).ShouldBeTrue();
    }

    [Fact]
    public void Count_of_zero_changes_nothing()
    {
        var histogram = new Histogram(3);

        histogram.Record(1_000_000, 0);

        histogram.TotalCount.ShouldBe(0);
        histogram.Max.ShouldBe(0);
        histogram.HighestTrackableValue.ShouldBe(2);
        Should.Throw<ArgumentOutOfRangeException>(() => histogram.Record(1, -1));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(1000)]
    public void Empty_histogram_answers_zero_fresh_reset_or_decoded(long lowest)
    {
        var fresh = new Histogram(lowest, 3_600_000_000_000, 3);
        Histogram reset = fresh.Copy();
        reset.Record(123_456_789);
        reset.TryRecord(-1);
        reset.Reset();

        foreach (Histogram empty in new[] { fresh, reset, HistogramDecoder.Decode(HistogramEncoder.Encode(fresh)) })
        {
            (empty.Min, empty.Max, empty.TotalCount, empty.OutOfRangeCount).ShouldBe((0, 0, 0, 0));
            (empty.Mean, empty.StandardDeviation).ShouldBe((0, 0));
            (empty.ValueAtPercentile(0), empty.ValueAtPercentile(99)).ShouldBe((0, 0));
            empty.MinNonZero.ShouldBe(long.MaxValue);
            empty.PercentileAtOrBelow(5).ShouldBe(100);
            empty.HasSameCounts(fresh).ShouldBeTrue();
            long[] values = [7, 7];
            empty.ValuesAtPercentiles([50, 99], values);
            values.ShouldBe([0, 0]);
            foreach (HistogramStep _ in empty.PercentileSteps())
            {
                Assert.Fail("An empty histogram has no percentile step.");
            }
        }
    }

    [Fact]
    public void Copy_is_independent_of_its_source()
    {
        var source = new Histogram(1, 1000, 3);
        source.Record(5);
        source.TryRecord(-1);
        Histogram copy = source.Copy();

        source.Record(6);

        copy.TotalCount.ShouldBe(1);
        copy.OutOfRangeCount.ShouldBe(1);
        copy.HasSameCounts(source).ShouldBeFalse();
    }

    [Fact]
    public void Subtraction_of_what_is_no_part_is_refused_and_changes_nothing()
    {
        var histogram = new Histogram(1, 1000, 3);
        histogram.Record(5);
        var other = new Histogram(1, 100_000, 3);
        other.Record(5);
        other.Record(50_000);

        Should.Throw<ArgumentException>(() => histogram.Subtract(other));

        histogram.CountAt(5).ShouldBe(1);
        histogram.TotalCount.ShouldBe(1);
    }

    [Fact]
    public void Subtraction_between_precisions_takes_slots_by_their_lowest_value()
    {
        var fine = new Histogram(1, 1_000_000, 3);
        var coarse = new Histogram(1, 1_000_000, 1);
        coarse.Record(5000);
        fine.Add(coarse);

        fine.Subtract(coarse);

        fine.TotalCount.ShouldBe(0);
        fine.Max.ShouldBe(0);
    }

    [Fact]
    public void More_percentiles_than_fit_the_stack_are_answered_in_any_order()
    {
        Histogram histogram = GoldenCases.Build("lognorm_d3");
        double[] percentiles = [.. Enumerable.Range(0, 500).Select(i => (i * 37 % 500) / 5.0)];
        long[] values = new long[500];

        histogram.ValuesAtPercentiles(percentiles, values);

        values.ShouldBe(percentiles.Select(histogram.ValueAtPercentile));
        Should.Throw<ArgumentException>(() => histogram.ValuesAtPercentiles(percentiles, new long[1]));
    }

    [Fact]
    public void Steps_end_when_they_reach_the_end_of_long()
    {
        Histogram histogram = GoldenCases.Build("edges_d3");
        long counted = 0;
        int steps = 0;
        foreach (HistogramStep step in histogram.LinearSteps(long.MaxValue / 3))
        {
            counted += step.CountInStep;
            steps++;
        }

        foreach (HistogramStep step in histogram.LogarithmicSteps(1, 1e9))
        {
            counted += step.CountInStep;
            steps++;
        }

        counted.ShouldBe(2 * histogram.TotalCount);
        steps.ShouldBeLessThan(12);
        Should.Throw<ArgumentOutOfRangeException>(() => histogram.LinearSteps(0));
        Should.Throw<ArgumentOutOfRangeException>(() => histogram.LogarithmicSteps(0, 2));
        Should.Throw<ArgumentOutOfRangeException>(() => histogram.LogarithmicSteps(1, 1));
        Should.Throw<ArgumentOutOfRangeException>(() => histogram.PercentileSteps(0));
    }

    [Fact]
    public void Decoding_into_a_histogram_replaces_its_counts()
    {
        Histogram source = GoldenCases.Build("lognorm_d3");
        Histogram target = GoldenCases.Build("lognorm_tail_d3");
        var growing = new Histogram(3);
        growing.Record(7);
        byte[] encoded = HistogramEncoder.EncodeCompressed(source);

        HistogramDecoder.Decode(encoded, target);
        HistogramDecoder.Decode(encoded, growing);

        target.HasSameCounts(source).ShouldBeTrue();
        growing.HasSameCounts(source).ShouldBeTrue();
    }

    [Fact]
    public void Decoding_into_a_histogram_leaves_it_empty_on_an_error_and_unchanged_when_it_does_not_fit()
    {
        Histogram source = GoldenCases.Build("lognorm_d3");
        Histogram target = source.Copy();
        byte[] plain = HistogramEncoder.Encode(source);
        plain[^1] = 0x80;

        Should.Throw<HistogramFormatException>(() => HistogramDecoder.Decode(plain, target));
        target.HasSameCounts(new Histogram(1, 3_600_000_000_000, 3)).ShouldBeTrue();
        target.CountBetween(0, long.MaxValue).ShouldBe(0);

        Histogram coarse = GoldenCases.Build("uniform_d2");
        Should.Throw<ArgumentException>(() => HistogramDecoder.Decode(HistogramEncoder.Encode(source), coarse));
        coarse.TotalCount.ShouldBe(10_000);
    }
}
