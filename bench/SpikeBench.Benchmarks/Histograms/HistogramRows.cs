using System.Buffers;
using SpikeBench.Histograms;

namespace SpikeBench.Benchmarks.Histograms;

/// <summary>The rows of the histogram library's goals, against the textbook baseline.</summary>
internal static class HistogramRows
{
    // A stall of 10 s seen by a loop that expects a sample each 10 µs: a million missing samples.
    private const long StallNs = 10_000_000_000;
    private const long IntervalNs = 10_000;

    public static IEnumerable<ComparisonRow> All()
    {
        var f = new Fixture();
        foreach (ComparisonRow row in Recording(f).Concat(Questions(f)).Concat(Encodings(f)).Concat(Intervals(f)))
        {
            yield return row;
        }
    }

    private static IEnumerable<ComparisonRow> Recording(Fixture f)
    {
        var plain = new Histogram(1, Fixture.Hour, Fixture.Digits);
        TextbookHistogram textbook = Fixture.NewTextbook();
        yield return new("record, unshared", Fixture.Batch, () => Loops.Record(plain, f.Values), () => Loops.Record(textbook, f.Values), 2);

        var recorder = new Recorder(1, Fixture.Hour, Fixture.Digits);
        RecorderHandle handle = recorder.CreateHandle();
        var shared = new TextbookRecorder(Fixture.NewTextbookConcurrent);
        yield return new("record, recorder, any thread", Fixture.Batch, () => Loops.Record(recorder, f.Values), () => Loops.Record(shared, f.Values), 15);
        yield return new("record, recorder, by handle", Fixture.Batch, () => Loops.Record(handle, f.Values), () => Loops.Record(shared, f.Values), 20);

        var pair = new TwoThreads();
        RecorderHandle[] handles = [recorder.CreateHandle(), recorder.CreateHandle()];
        yield return new(
            "record, 2 threads contended, by handle",
            Fixture.Batch,
            () => pair.Run(t => Loops.Record(handles[t], f.Values)),
            () => pair.Run(_ => Loops.Record(shared, f.Values)),
            20)
        { Percentile = 50 };
        yield return new(
            "record, 2 threads contended, any thread",
            Fixture.Batch,
            () => pair.Run(_ => Loops.Record(recorder, f.Values)),
            () => pair.Run(_ => Loops.Record(shared, f.Values)),
            20)
        { Percentile = 50 };
        pair.Stop();

        yield return new(
            "record, corrected for a stall of 10 s",
            1,
            () => plain.RecordCorrected(StallNs, IntervalNs),
            () => textbook.RecordCorrected(StallNs, IntervalNs),
            null);
    }

    private static IEnumerable<ComparisonRow> Questions(Fixture f)
    {
        long[] values = new long[Fixture.TwelvePercentiles.Length];
        yield return new("p99", 1, () => f.Ours.ValueAtPercentile(99), () => f.Textbook.ValueAtPercentile(99), 8);
        yield return new(
            "12 percentiles, one pass",
            1,
            () => f.Ours.ValuesAtPercentiles(Fixture.TwelvePercentiles, values),
            () =>
            {
                foreach (double percentile in Fixture.TwelvePercentiles)
                {
                    f.Textbook.ValueAtPercentile(percentile);
                }
            },
            90);
        yield return new(
            "mean, deviation and max",
            1,
            () => Loops.Keep(f.Ours.MeanAndStandardDeviation().Mean + f.Ours.Max),
            () => Loops.Keep(f.Textbook.Mean() + f.Textbook.StandardDeviation() + f.Textbook.Max()),
            8);
        var total = new Histogram(1, Fixture.Hour, Fixture.Digits);
        TextbookHistogram textbookTotal = Fixture.NewTextbook();
        yield return new("merge", 1, () => total.Add(f.Ours), () => textbookTotal.Add(f.Textbook), 9);
    }

    private static IEnumerable<ComparisonRow> Encodings(Fixture f)
    {
        byte[] buffer = new byte[HistogramEncoder.MaxEncodedLength(f.Ours)];
        var writer = new ArrayBufferWriter<byte>(64 * 1024);
        yield return new("encode V2, plain", 1, () => HistogramEncoder.Encode(f.Ours, buffer), () => TextbookCodec.Encode(f.Textbook, Fixture.Hour), 14);
        yield return new(
            "encode V2, compressed, like size",
            1,
            () =>
            {
                writer.ResetWrittenCount();
                HistogramEncoder.EncodeCompressed(f.Ours, writer);
            },
            () => TextbookCodec.EncodeCompressed(f.Textbook, Fixture.Hour),
            3.5);
        yield return new("decode V2, compressed", 1, () => HistogramDecoder.Decode(f.Encoded), () => TextbookCodec.DecodeCompressed(f.Encoded), 1.8);
        var reused = new Histogram(1, Fixture.Hour, Fixture.Digits);
        yield return new("decode V2, compressed, into a histogram", 1, () => HistogramDecoder.Decode(f.Encoded, reused), () => TextbookCodec.DecodeCompressed(f.Encoded), 1.8);
    }

    private static IEnumerable<ComparisonRow> Intervals(Fixture f)
    {
        var recorder = new Recorder(1, Fixture.Hour, Fixture.Digits);
        RecorderHandle handle = recorder.CreateHandle();
        Histogram total = recorder.CreateHistogram();
        var textbook = new TextbookRecorder(Fixture.NewTextbook);
        TextbookHistogram textbookTotal = Fixture.NewTextbook();
        long[] few = f.Values[..1000];
        yield return new(
            "interval of 1,000 values: record, flip and add to a total",
            1,
            () =>
            {
                Loops.Record(handle, few);
                recorder.TakeInterval(total);
            },
            () =>
            {
                Loops.Record(textbook, few);
                textbookTotal.Add(textbook.TakeInterval());
            },
            4);
    }
}
