using System.Numerics;

namespace SpikeBench.Benchmarks.Histograms;

/// <summary>
/// The baseline: the algorithm as the family's papers and ports spell it out. Bucket, sub-bucket and index are computed one after the
/// other, counts are reached through virtual methods, and every question goes slot by slot.
/// </summary>
internal abstract class TextbookHistogram
{
    private readonly int _subBucketHalfCount;
    private readonly int _subBucketHalfCountMagnitude;
    private readonly int _leadingZeroCountBase;
    private readonly long _subBucketMask;

    protected TextbookHistogram(long highest, int digits)
    {
        int magnitude = (int)Math.Ceiling(Math.Log2(2 * Math.Pow(10, digits)));
        _subBucketHalfCountMagnitude = magnitude - 1;
        _subBucketHalfCount = 1 << _subBucketHalfCountMagnitude;
        _subBucketMask = (1L << magnitude) - 1;
        _leadingZeroCountBase = 64 - magnitude;
        int buckets = 1;
        for (long trackable = 1L << magnitude; trackable <= highest && trackable > 0; trackable <<= 1)
        {
            buckets++;
        }

        Length = (buckets + 1) * _subBucketHalfCount;
    }

    public int Length { get; }

    public abstract long TotalCount { get; }

    public abstract long GetCount(int index);

    public abstract void AddCount(int index, long count);

    public abstract void Clear();

    public virtual void RecordValue(long value) => AddCount(IndexOf(value), 1);

    public void RecordCorrected(long value, long interval)
    {
        RecordValue(value);
        for (long missing = value - interval; missing >= interval; missing -= interval)
        {
            RecordValue(missing);
        }
    }

    public long ValueAtPercentile(double percentile)
    {
        long wanted = Math.Max(1, (long)((percentile / 100.0 * TotalCount) + 0.5));
        long running = 0;
        for (int i = 0; i < Length; i++)
        {
            running += GetCount(i);
            if (running >= wanted)
            {
                return ValueFromIndex(i + 1) - 1;
            }
        }

        return 0;
    }

    public void Add(TextbookHistogram other)
    {
        for (int i = 0; i < other.Length; i++)
        {
            AddCount(i, other.GetCount(i));
        }
    }

    public double Mean()
    {
        double sum = 0;
        foreach ((long value, long count) in Recorded())
        {
            sum += (double)MedianEquivalent(value) * count;
        }

        return sum / TotalCount;
    }

    public double StandardDeviation()
    {
        double mean = Mean();
        double sum = 0;
        foreach ((long value, long count) in Recorded())
        {
            double deviation = MedianEquivalent(value) - mean;
            sum += deviation * deviation * count;
        }

        return Math.Sqrt(sum / TotalCount);
    }

    public long Max()
    {
        long max = 0;
        foreach ((long value, _) in Recorded())
        {
            max = value;
        }

        return max;
    }

    public IEnumerable<(long Value, long Count)> Recorded()
    {
        for (int i = 0; i < Length; i++)
        {
            long count = GetCount(i);
            if (count != 0)
            {
                yield return (ValueFromIndex(i), count);
            }
        }
    }

    protected int IndexOf(long value)
    {
        int bucket = GetBucketIndex(value);
        int subBucket = (int)(value >>> bucket);
        int bucketBase = (bucket + 1) << _subBucketHalfCountMagnitude;
        return bucketBase + (subBucket - _subBucketHalfCount);
    }

    public long ValueFromIndex(int index)
    {
        int bucket = (index >> _subBucketHalfCountMagnitude) - 1;
        int subBucket = (index & (_subBucketHalfCount - 1)) + _subBucketHalfCount;
        if (bucket < 0)
        {
            subBucket -= _subBucketHalfCount;
            bucket = 0;
        }

        return (long)subBucket << bucket;
    }

    private int GetBucketIndex(long value) =>
        _leadingZeroCountBase - BitOperations.LeadingZeroCount((ulong)(value | _subBucketMask));

    private long MedianEquivalent(long value)
    {
        int bucket = GetBucketIndex(value);
        return ((value >>> bucket) << bucket) + ((1L << bucket) >> 1);
    }
}

/// <summary>For one thread: a plain array and a total.</summary>
internal sealed class TextbookPlainHistogram(long highest, int digits) : TextbookHistogram(highest, digits)
{
    private long[]? _counts;
    private long _total;

    private long[] Counts => _counts ??= new long[Length];

    public override long TotalCount => _total;

    public override long GetCount(int index) => Counts[index];

    public override void AddCount(int index, long count)
    {
        Counts[index] += count;
        _total += count;
    }

    public override void Clear()
    {
        Array.Clear(Counts);
        _total = 0;
    }
}

/// <summary>For any thread: one array shared by all, every count and the total interlocked, behind the phaser that resizing and reset
/// need.</summary>
internal sealed class TextbookConcurrentHistogram(long highest, int digits) : TextbookHistogram(highest, digits)
{
    private readonly TextbookPhaser _phaser = new();
    private long[]? _counts;
    private long _total;

    private long[] Counts => _counts ??= new long[Length];

    public override long TotalCount => Interlocked.Read(ref _total);

    public override void RecordValue(long value)
    {
        long phase = _phaser.Enter();
        try
        {
            AddCount(IndexOf(value), 1);
        }
        finally
        {
            _phaser.Exit(phase);
        }
    }

    public override long GetCount(int index) => Interlocked.Read(ref Counts[index]);

    public override void AddCount(int index, long count)
    {
        Interlocked.Add(ref Counts[index], count);
        Interlocked.Add(ref _total, count);
    }

    public override void Clear()
    {
        Array.Clear(Counts);
        _total = 0;
    }
}
