using SpikeBench.Histograms;

namespace SpikeBench.Core.Recording;

/// <summary>
/// The shape of one interval's times in a few dozen counts: four buckets per doubling from 1 µs up. Enough to paint a heatmap and to
/// rank within an interval to about 10 %, at a hundredth of a histogram's memory.
/// </summary>
public sealed class TimeBuckets : IEquatable<TimeBuckets>
{
    /// <summary>Buckets per doubling: each is 19 % wide.</summary>
    public const int PerOctave = 4;

    private const double LowestNs = 1_000;

    private readonly long[] _counts;

    private TimeBuckets(int first, long[] counts)
    {
        First = first;
        _counts = counts;
    }

    /// <summary>The bucket of the first count; buckets outside <see cref="First"/> and <see cref="End"/> are empty.</summary>
    public int First { get; }

    /// <summary>One past the last bucket that has a count.</summary>
    public int End => First + _counts.Length;

    /// <summary>The count of a bucket; 0 for any that holds nothing.</summary>
    public long this[int bucket] => bucket < First || bucket >= End ? 0 : _counts[bucket - First];

    /// <summary>The bucket of a time; all below 1 µs are in the first.</summary>
    public static int IndexOf(long ns) => ns <= LowestNs ? 0 : (int)(Math.Log2(ns / LowestNs) * PerOctave);

    /// <summary>Where a bucket starts, in nanoseconds.</summary>
    public static double StartNs(int bucket) => LowestNs * Math.Pow(2, (double)bucket / PerOctave);

    public static TimeBuckets Of(Histogram histogram)
    {
        if (histogram.TotalCount == 0)
        {
            return new TimeBuckets(0, []);
        }

        // A slot is far narrower than a bucket: its middle decides for all of it.
        int first = IndexOf(histogram.MedianEquivalent(histogram.Min));
        var counts = new long[IndexOf(histogram.MedianEquivalent(histogram.Max)) - first + 1];
        foreach (HistogramStep slot in histogram.RecordedSlots)
        {
            counts[IndexOf(histogram.MedianEquivalent(slot.To)) - first] += slot.CountAtSlot;
        }

        return new TimeBuckets(first, counts);
    }

    public bool Equals(TimeBuckets? other) => other is not null && First == other.First && _counts.AsSpan().SequenceEqual(other._counts);

    public override bool Equals(object? obj) => Equals(obj as TimeBuckets);

    public override int GetHashCode() => HashCode.Combine(First, _counts.Length, _counts.Sum());
}
