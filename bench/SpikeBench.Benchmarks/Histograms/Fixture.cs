using SpikeBench.Histograms;

namespace SpikeBench.Benchmarks.Histograms;

/// <summary>The data of all rows: 100,000 log-normal times around 1 ms, recorded from 1 ns to 1 h at 3 digits.</summary>
internal sealed class Fixture
{
    public const long Hour = 3_600_000_000_000;
    public const int Digits = 3;
    public const int Batch = 4_096;

    public static readonly double[] TwelvePercentiles = [0, 10, 25, 50, 75, 90, 95, 99, 99.9, 99.99, 99.999, 100];

    public Fixture()
    {
        ulong state = 42;
        for (int i = 0; i < 100_000; i++)
        {
            long value = LogNormal(ref state);
            Ours.Record(value);
            Textbook.RecordValue(value);
            Values[i % Batch] = value;
        }

        Encoded = HistogramEncoder.EncodeCompressed(Ours);
    }

    public long[] Values { get; } = new long[Batch];

    public Histogram Ours { get; } = new(1, Hour, Digits);

    public TextbookHistogram Textbook { get; } = NewTextbook();

    public byte[] Encoded { get; }

    public static TextbookHistogram NewTextbook() => new TextbookPlainHistogram(Hour, Digits);

    public static TextbookHistogram NewTextbookConcurrent() => new TextbookConcurrentHistogram(Hour, Digits);

    // Eight 16-bit draws summed: normal enough, and the same on every machine.
    private static long LogNormal(ref ulong state)
    {
        long sum = 0;
        for (int i = 0; i < 8; i++)
        {
            state += 0x9E3779B97F4A7C15;
            ulong z = state;
            z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
            sum += (long)((z ^ (z >> 31)) >> 48);
        }

        long e = 786_432 + (2 * sum);
        int k = (int)(e >> 16);
        return (1L << k) + (((1L << k) * (e & 0xffff)) >> 16);
    }
}
