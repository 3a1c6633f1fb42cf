using System.Buffers;
using System.Text.Json;
using SpikeBench.Histograms;

namespace SpikeBench.Tests.Histograms;

/// <summary>The allocation gate: bytes are the same on every machine, so unlike times they can fail a build.</summary>
public sealed class AllocationTests
{
    private static readonly Dictionary<string, long> Expected = ReadExpected();

    private const string Shard = "recorder shard";

    public static TheoryData<string> Operations => [.. Expected.Keys.Where(name => name != Shard)];

    [Fact]
    public void Shard_takes_no_more_memory_than_expected()
    {
        // The writer's counters; the reader's memory of them takes as much again.
        var recorder = new Recorder(1, 3_600_000_000_000, 3);
        using RecorderHandle handle = recorder.CreateHandle();
        long before = GC.GetAllocatedBytesForCurrentThread();
        using RecorderHandle second = recorder.CreateHandle();
        long both = GC.GetAllocatedBytesForCurrentThread() - before;

        (sizeof(uint) * (long)second.Shard.Counters.Length).ShouldBeLessThanOrEqualTo(Expected[Shard]);
        both.ShouldBeLessThanOrEqualTo(2 * Expected[Shard]);
    }

    [Theory]
    [MemberData(nameof(Operations))]
    public void Operation_allocates_no_more_than_expected(string name)
    {
        Action operation = Operation(name);
        for (int i = 0; i < 3; i++)
        {
            operation();
        }

        // The least of several: the runtime may allocate on this thread too, for instance when it tiers up.
        long least = long.MaxValue;
        for (int i = 0; i < 10; i++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            operation();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        least.ShouldBeLessThanOrEqualTo(Expected[name]);
    }

    private static Action Operation(string name)
    {
        Histogram histogram = GoldenCases.Build("lognorm_d3");
        Histogram total = histogram.Copy();
        var recorder = new Recorder(1, 3_600_000_000_000, 3);
        RecorderHandle handle = recorder.CreateHandle();
        var writer = new ArrayBufferWriter<byte>(1 << 20);
        byte[] buffer = new byte[HistogramEncoder.MaxEncodedLength(histogram)];
        double[] percentiles = [0, 10, 25, 50, 75, 90, 95, 99, 99.9, 99.99, 99.999, 100];
        long[] values = new long[percentiles.Length];
        return name switch
        {
            "record, unshared" => () => histogram.TryRecord(123_456),
            "record, corrected" => () => histogram.RecordCorrected(10_000_000, 10_000),
            "record, recorder by handle" => () => handle.Record(123_456),
            "record, recorder any thread" => () => recorder.Record(123_456),
            "percentile" => () => histogram.ValueAtPercentile(99),
            "12 percentiles" => () => histogram.ValuesAtPercentiles(percentiles, values),
            "mean, deviation, min and max" => () => values[0] = (long)histogram.MeanAndStandardDeviation().Mean + histogram.Min + histogram.Max,
            "merge" => () => total.Add(histogram),
            "iterate recorded slots" => () => values[0] = CountRecorded(histogram),
            "iterate linear, logarithmic and percentile steps" => () => values[0] = CountSteps(histogram),
            "take interval" => () => TakeInterval(handle, recorder, total),
            "encode plain" => () => HistogramEncoder.Encode(histogram, buffer),
            "encode compressed" => () => EncodeCompressed(histogram, writer),
            _ => throw new InvalidOperationException($"expected-allocations.json names '{name}', which nobody measures."),
        };
    }

    private static void TakeInterval(RecorderHandle handle, Recorder recorder, Histogram total)
    {
        handle.Record(123_456);
        recorder.TakeInterval(total);
    }

    private static void EncodeCompressed(Histogram histogram, ArrayBufferWriter<byte> writer)
    {
        writer.ResetWrittenCount();
        HistogramEncoder.EncodeCompressed(histogram, writer);
    }

    private static long CountRecorded(Histogram histogram)
    {
        long steps = 0;
        foreach (HistogramStep step in histogram.RecordedSlots)
        {
            steps += step.CountInStep;
        }

        return steps;
    }

    private static long CountSteps(Histogram histogram)
    {
        long steps = 0;
        foreach (HistogramStep step in histogram.LinearSteps(100_000))
        {
            steps += step.CountInStep;
        }

        foreach (HistogramStep step in histogram.LogarithmicSteps(1000, 2))
        {
            steps += step.CountInStep;
        }

        foreach (HistogramStep step in histogram.PercentileSteps(5))
        {
            steps += step.CountInStep;
        }

        return steps;
    }

    private static Dictionary<string, long> ReadExpected()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder!.FullName, "SpikeBench.sln")))
        {
            folder = folder.Parent;
        }

        string path = Path.Combine(folder.FullName, "bench", "SpikeBench.Benchmarks", "expected-allocations.json");
        using JsonDocument document = JsonDocument.Parse(File.ReadAllText(path));
        return document.RootElement.GetProperty("histograms").EnumerateObject().ToDictionary(p => p.Name, p => p.Value.GetInt64());
    }
}
