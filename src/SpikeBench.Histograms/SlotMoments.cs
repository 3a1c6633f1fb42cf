namespace SpikeBench.Histograms;

/// <summary>Sums over slots, weighted by their medians, in Java's order of additions and so with Java's bits.</summary>
/// <remarks>
/// Java adds median · count for each recorded slot, ascending. Adding a slot of count 0 adds +0.0 and leaves a sum that is not
/// negative as it was, bit for bit, so slots need not be tested one by one. That test is what costs: recorded and empty slots alternate
/// at random, and a mispredicted branch takes longer than four additions. Whole empty blocks are skipped.
/// </remarks>
internal static class SlotMoments
{
    // Divides the bucket of every layout with at least one digit, so a block never crosses into slots of another width.
    private const int Block = 16;

    /// <summary>Σ median · count</summary>
    public static double WeightedSum(ReadOnlySpan<long> slots, in SlotLayout layout)
    {
        double sum = 0;
        for (int start = 0; start < slots.Length; start += Block)
        {
            ReadOnlySpan<long> block = slots.Slice(start, Math.Min(Block, slots.Length - start));
            if (!block.ContainsAnyExcept(0L))
            {
                continue;
            }

            if (HasOneWidth(layout))
            {
                long median = layout.MedianAt(start);
                long width = layout.WidthAt(start);
                foreach (long count in block)
                {
                    sum += (double)median * count;
                    median += width;
                }
            }
            else
            {
                for (int i = 0; i < block.Length; i++)
                {
                    sum += (double)layout.MedianAt(start + i) * block[i];
                }
            }
        }

        return sum;
    }

    /// <summary>Σ (median − mean)² · count</summary>
    public static double SumOfSquaredDeviations(ReadOnlySpan<long> slots, in SlotLayout layout, double mean)
    {
        double sum = 0;
        for (int start = 0; start < slots.Length; start += Block)
        {
            ReadOnlySpan<long> block = slots.Slice(start, Math.Min(Block, slots.Length - start));
            if (!block.ContainsAnyExcept(0L))
            {
                continue;
            }

            if (HasOneWidth(layout))
            {
                long median = layout.MedianAt(start);
                long width = layout.WidthAt(start);
                foreach (long count in block)
                {
                    double deviation = median - mean;
                    sum += deviation * deviation * count;
                    median += width;
                }
            }
            else
            {
                for (int i = 0; i < block.Length; i++)
                {
                    double deviation = layout.MedianAt(start + i) - mean;
                    sum += deviation * deviation * block[i];
                }
            }
        }

        return sum;
    }

    private static bool HasOneWidth(in SlotLayout layout) => 1 << layout.HalfMagnitude >= Block;
}
