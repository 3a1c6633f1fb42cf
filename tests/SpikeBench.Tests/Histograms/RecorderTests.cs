using SpikeBench.Histograms;

namespace SpikeBench.Tests.Histograms;

public sealed class RecorderTests
{
    [Fact]
    public void Interval_holds_what_was_recorded_since_the_last_one()
    {
        var recorder = new Recorder(1, 3_600_000_000_000, 3);
        using RecorderHandle handle = recorder.CreateHandle();
        Histogram interval = recorder.CreateHistogram();

        handle.Record(5);
        recorder.TakeInterval(interval).ShouldBe(1);
        interval.Reset();
        handle.Record(7);
        handle.Record(1_000_000);
        recorder.TakeInterval(interval).ShouldBe(2);

        interval.TotalCount.ShouldBe(2);
        interval.Min.ShouldBe(7);
        interval.Max.ShouldBe(interval.HighestEquivalent(1_000_000));
    }

    [Fact]
    public void Interval_is_added_when_the_histogram_is_not_reset()
    {
        var recorder = new Recorder(1, 1000, 2);
        using RecorderHandle handle = recorder.CreateHandle();
        Histogram total = recorder.CreateHistogram();

        handle.Record(5);
        recorder.TakeInterval(total);
        handle.Record(5);
        recorder.TakeInterval(total);

        total.CountAt(5).ShouldBe(2);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(long.MinValue)]
    [InlineData(2048)]
    [InlineData(long.MaxValue)]
    public void Value_out_of_range_is_counted_as_such_and_nowhere_else(long value)
    {
        var recorder = new Recorder(1, 1000, 3);
        using RecorderHandle handle = recorder.CreateHandle();
        Histogram interval = recorder.CreateHistogram();

        handle.Record(value);
        handle.Record(2047);
        recorder.TakeInterval(interval);

        interval.TotalCount.ShouldBe(1);
        interval.OutOfRangeCount.ShouldBe(1);
        recorder.OutOfRangeCount.ShouldBe(1);
        recorder.TakeInterval(interval);
        interval.OutOfRangeCount.ShouldBe(1);
    }

    [Fact]
    public void Handle_leaves_its_values_behind_when_disposed()
    {
        var recorder = new Recorder(1, 1000, 3);
        RecorderHandle handle = recorder.CreateHandle();
        handle.Record(1);
        handle.Dispose();
        handle.Dispose();
        Should.Throw<ObjectDisposedException>(() => handle.Record(1));
        Histogram total = recorder.CreateHistogram();
        recorder.TakeInterval(total).ShouldBe(1);

        using RecorderHandle next = recorder.CreateHandle();
        handle.Dispose();
        next.Record(1);
        recorder.TakeInterval(total).ShouldBe(1);
        next.Record(1);
        recorder.TakeInterval(total).ShouldBe(1);

        total.CountAt(1).ShouldBe(3);
    }

    [Fact]
    public void Counter_carries_past_32_bits_when_intervals_are_rare()
    {
        // 4,294,967,295 - 5 records of 7 are skipped by moving the counter as they would have.
        var recorder = new Recorder(1, 1000, 3);
        using RecorderHandle handle = recorder.CreateHandle();
        Histogram total = recorder.CreateHistogram();
        RecordMany(handle, 7, 5);
        recorder.TakeInterval(total).ShouldBe(5);

        handle.Shard.Counters[7] = uint.MaxValue;
        RecordMany(handle, 7, 11);
        recorder.TakeInterval(total).ShouldBe((1L << 32) + 5);

        total.CountAt(7).ShouldBe((1L << 32) + 10);
        total.Max.ShouldBe(7);
    }

    [Fact]
    public void Counter_carries_past_32_bits_when_the_carry_is_inside_an_interval()
    {
        var recorder = new Recorder(1, 1000, 3, firstCount: uint.MaxValue - 2);
        using RecorderHandle handle = recorder.CreateHandle();
        Histogram total = recorder.CreateHistogram();

        for (int i = 0; i < 10; i++)
        {
            RecordMany(handle, 3, 1);
            recorder.TakeInterval(total).ShouldBe(1);
        }

        RecordMany(handle, 4, 10);
        recorder.TakeInterval(total).ShouldBe(10);
        total.CountAt(3).ShouldBe(10);
        total.CountAt(4).ShouldBe(10);
        total.TotalCount.ShouldBe(20);
    }

    [Fact]
    public void Recorder_takes_nothing_when_the_histogram_does_not_fit()
    {
        var recorder = new Recorder(1, 1_000_000, 3);
        using RecorderHandle handle = recorder.CreateHandle();
        handle.Record(1);

        Should.Throw<ArgumentException>(() => recorder.TakeInterval(new Histogram(1, 1_000_000, 2)));
        Should.Throw<ArgumentException>(() => recorder.TakeInterval(new Histogram(1, 1000, 3)));
        var growing = new Histogram(3);
        recorder.TakeInterval(growing).ShouldBe(1);
        growing.CountAt(1).ShouldBe(1);
    }

    private static void RecordMany(RecorderHandle handle, long value, int times)
    {
        for (int i = 0; i < times; i++)
        {
            handle.Record(value);
        }
    }
}
