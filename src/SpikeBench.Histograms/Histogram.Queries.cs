using System.Buffers;

namespace SpikeBench.Histograms;

/// <content>What a histogram knows of its values.</content>
public sealed partial class Histogram
{
    /// <summary>Lowest value that the smallest recorded one may have been; 0 where empty.</summary>
    public long Min => _total == 0 || _counts[0] != 0 ? 0 : MinNonZero;

    /// <summary>As <see cref="Min"/>, but of the values outside the first slot; <see cref="long.MaxValue"/> where there are
    /// none.</summary>
    public long MinNonZero
    {
        get
        {
            int first = _counts.AsSpan(1).IndexOfAnyExcept(0L);
            return first < 0 ? long.MaxValue : _layout.LowestAt(first + 1);
        }
    }

    /// <summary>Highest value that the largest recorded one may have been; 0 where empty.</summary>
    /// <remarks>
    /// Where the unit is above 1, Java tells recorded zeros from other values of the first slot until it encodes them, and answers the
    /// unit − 1 for
    /// an empty histogram that was reset. This depends on the counts alone, and is 0 for every empty histogram.
    /// </remarks>
    public long Max => _total == 0 ? 0 : _layout.HighestAt(UsedSlots.Length - 1);

    /// <summary>The mean of all values, each standing in the middle of its slot; 0 where empty. Java's bits.</summary>
    public double Mean => _total == 0 ? 0 : SlotMoments.WeightedSum(UsedSlots, _layout) / _total;

    /// <summary>The population's standard deviation, each value standing in the middle of its slot; 0 where empty. Java's bits.</summary>
    public double StandardDeviation => MeanAndStandardDeviation().StandardDeviation;

    /// <summary>Both moments, for the price of the second.</summary>
    public (double Mean, double StandardDeviation) MeanAndStandardDeviation()
    {
        double mean = Mean;
        return _total == 0
            ? (0, 0)
            : (mean, Math.Sqrt(SlotMoments.SumOfSquaredDeviations(UsedSlots, _layout, mean) / _total));
    }

    /// <summary>The smallest value that at least this share of all counts is at or below, as the highest value of its slot.</summary>
    /// <remarks>
    /// Java's rule since 2.1.10: the rank is ceil(p · total / 100), at least 1, with p one ulp lower so that a product just above
    /// an integer does not skip a rank. Releases before it, C and HdrHistogram.NET round the rank to nearest and answer
    /// one rank too low for every second small sample.
    /// </remarks>
    /// <param name="percentile">0 to 100; 0 gives the lowest value of the first recorded slot, values outside are clamped.</param>
    public long ValueAtPercentile(double percentile)
    {
        if (_total == 0)
        {
            return 0;
        }

        int index = 0;
        long running = 0;
        SlotMath.SeekRank(_counts, RankOf(percentile), ref index, ref running);
        return ValueAt(index, percentile);
    }

    /// <summary>Several percentiles in one pass over the counts; each equals <see cref="ValueAtPercentile"/>.</summary>
    /// <param name="percentiles">In any order; ascending is fastest.</param>
    /// <param name="values">Receives a value per percentile, in the same order; at least as long.</param>
    /// <exception cref="ArgumentException">There is less room than percentiles.</exception>
    public void ValuesAtPercentiles(ReadOnlySpan<double> percentiles, Span<long> values)
    {
        if (values.Length < percentiles.Length)
        {
            throw new ArgumentException("There must be room for a value per percentile.", nameof(values));
        }

        if (_total == 0)
        {
            values[..percentiles.Length].Clear();
            return;
        }

        const int MostOnStack = 64;
        int[]? rented = null;
        Span<int> order = percentiles.Length <= MostOnStack
            ? stackalloc int[MostOnStack]
            : rented = ArrayPool<int>.Shared.Rent(percentiles.Length);
        order = order[..percentiles.Length];
        SortByRank(percentiles, order);

        int index = 0;
        long running = 0;
        foreach (int which in order)
        {
            SlotMath.SeekRank(_counts, RankOf(percentiles[which]), ref index, ref running);
            values[which] = ValueAt(index, percentiles[which]);
        }

        if (rented is not null)
        {
            ArrayPool<int>.Shared.Return(rented);
        }
    }

    /// <summary>The share of all counts, in percent, that is in the value's slot or below it; 100 where empty.</summary>
    /// <param name="value">Any value; a negative one has nothing at or below it.</param>
    public double PercentileAtOrBelow(long value) =>
        _total == 0 ? 100.0 : 100.0 * CountAtOrBelow(value) / _total;

    /// <summary>Counts in the value's slot; 0 where it has none.</summary>
    /// <param name="value">Any value.</param>
    public long CountAt(long value)
    {
        int index = _layout.IndexOf(value);
        return (uint)index < (uint)_counts.Length ? _counts[index] : 0;
    }

    /// <summary>Counts in the slots from that of the low value to that of the high one, both included.</summary>
    /// <param name="low">Any value; below 0 is taken as 0.</param>
    /// <param name="high">Any value; below <paramref name="low"/> there is nothing between.</param>
    public long CountBetween(long low, long high)
    {
        int from = _layout.IndexOf(Math.Max(0, low));
        int to = high < 0 ? 0 : Math.Min(_layout.IndexOf(high) + 1, _counts.Length);
        return from < to ? SlotMath.Sum(_counts.AsSpan(from..to)) : 0;
    }

    /// <summary>Counts in the value's slot and below it: never fewer than the recorded values that are at or below.</summary>
    /// <param name="value">Any value.</param>
    public long CountAtOrBelow(long value) => CountBetween(0, value);

    /// <summary>Lowest of the values that share this one's slot.</summary>
    /// <param name="value">0 or more.</param>
    public long LowestEquivalent(long value) => _layout.LowestAt(SlotOf(value));

    /// <summary>Highest of the values that share this one's slot.</summary>
    /// <param name="value">0 or more.</param>
    public long HighestEquivalent(long value) => _layout.HighestAt(SlotOf(value));

    /// <summary>The middle of this value's slot.</summary>
    /// <param name="value">0 or more.</param>
    public long MedianEquivalent(long value) => _layout.MedianAt(SlotOf(value));

    /// <summary>How many values share this one's slot, itself included.</summary>
    /// <param name="value">0 or more.</param>
    public long EquivalentRange(long value) => _layout.WidthAt(SlotOf(value));

    private int SlotOf(long value)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(value);
        return _layout.IndexOf(value);
    }

    private long RankOf(double percentile)
    {
        // The order of operations is Java's: another one differs in the last bit, and so in the rank.
        double lowered = Math.Min(Math.Max(Math.BitDecrement(percentile), 0.0), 100.0);
        return Math.Clamp((long)Math.Ceiling(lowered * _total / 100.0), 1, _total);
    }

    private long ValueAt(int index, double percentile) =>
        percentile == 0.0 ? _layout.LowestAt(index) : _layout.HighestAt(index);

    // Percentile lists are short and nearly always ascending: insertion is one comparison each.
    private static void SortByRank(ReadOnlySpan<double> percentiles, Span<int> order)
    {
        for (int i = 0; i < order.Length; i++)
        {
            int to = i;
            while (to > 0 && percentiles[order[to - 1]].CompareTo(percentiles[i]) > 0)
            {
                order[to] = order[to - 1];
                to--;
            }

            order[to] = i;
        }
    }
}
