using SpikeBench.Histograms;

namespace SpikeBench.Cli.Metrics;

/// <summary>
/// Times in the buckets of OpenTelemetry's exponential histogram at scale 4: bucket i holds (b^i, b^(i+1)] seconds with b = 2^(1/16), so
/// each is 4.4 % wide (opentelemetry.io, metrics data model, ExponentialHistogram).
/// </summary>
internal sealed class ExponentialBuckets
{
    public const int Scale = 4;

    private const int PerOctave = 1 << Scale;

    private readonly SortedDictionary<int, long> _counts = [];

    /// <summary>How many times there are; the buckets and <see cref="Zeros"/> add up to it.</summary>
    public long Count { get; private set; }

    /// <summary>Times of less than half a histogram's unit.</summary>
    public long Zeros { get; private set; }

    /// <summary>Their sum in seconds, to the precision of the histograms that were added.</summary>
    public double SumSeconds { get; private set; }

    /// <summary>The first bucket that holds something.</summary>
    public int Offset => _counts.Count == 0 ? 0 : _counts.Keys.First();

    /// <summary>The counts from <see cref="Offset"/> on, gaps included.</summary>
    public IEnumerable<long> Counts => _counts.Count == 0
        ? []
        : Enumerable.Range(Offset, _counts.Keys.Last() - Offset + 1).Select(i => _counts.GetValueOrDefault(i));

    /// <summary>The bucket of a time above 0.</summary>
    public static int IndexOf(double seconds) => (int)Math.Ceiling(Math.Log2(seconds) * PerOctave) - 1;

    /// <summary>Adds a histogram of nanoseconds: a slot counts where its middle is, for it is far narrower than a bucket.</summary>
    public void Add(Histogram histogram)
    {
        foreach (HistogramStep slot in histogram.RecordedSlots)
        {
            double seconds = histogram.MedianEquivalent(slot.To) / 1e9;
            Count += slot.CountAtSlot;
            SumSeconds += seconds * slot.CountAtSlot;
            if (seconds <= 0)
            {
                Zeros += slot.CountAtSlot;
                continue;
            }

            int index = IndexOf(seconds);
            _counts[index] = _counts.GetValueOrDefault(index) + slot.CountAtSlot;
        }
    }
}
