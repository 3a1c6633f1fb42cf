using SpikeBench.Core.Recording;

namespace SpikeBench.DriverBench.Offered;

/// <summary>What was asked of a generator and what it did: when each call was due and when it was started, in nanoseconds from T0.</summary>
internal sealed record OfferedLoad(long[] DueNs, long[] SentNs, long Asked, double Seconds)
{
    /// <summary>The largest difference of offered and planned calls in any 100 ms of the load, as a share of the planned.</summary>
    public double WorstBucketError
    {
        get
        {
            long[] planned = Buckets(DueNs), offered = Buckets(SentNs);
            return planned.Zip(offered).Where(b => b.First > 0).Max(b => Math.Abs(b.Second - b.First) / (double)b.First);
        }
    }

    /// <summary>The share of 100 ms buckets that are more than 2 % off.</summary>
    public double BucketsOff
    {
        get
        {
            long[] planned = Buckets(DueNs), offered = Buckets(SentNs);
            return planned.Zip(offered).Count(b => Math.Abs(b.Second - b.First) > 0.02 * b.First) / (double)planned.Length;
        }
    }

    /// <summary>Standard deviation over mean of the gaps between starts: 0 for even arrivals, 1 for a Poisson process.</summary>
    public double GapVariation
    {
        get
        {
            long[] sent = [.. SentNs.Order()];
            double[] gaps = [.. sent.Skip(1).Zip(sent, (later, earlier) => (double)(later - earlier))];
            double mean = gaps.Average();
            return Math.Sqrt(gaps.Average(g => (g - mean) * (g - mean))) / mean;
        }
    }

    /// <summary>Calls started within the load's own time, per second of it.</summary>
    public double SentPerSecond => SentNs.Count(t => t < Seconds * 1e9) / Seconds;

    /// <summary>Lateness at a percentile, in microseconds.</summary>
    public double LateUs(double percentile)
    {
        long[] late = [.. DueNs.Zip(SentNs, (due, sent) => Math.Max(0, sent - due)).Order()];
        return late[Math.Clamp((int)Math.Ceiling(percentile / 100 * late.Length) - 1, 0, late.Length - 1)] / 1e3;
    }

    private long[] Buckets(long[] timesNs)
    {
        var buckets = new long[(int)Math.Round(Seconds * 1e9 / CellGrid.CellNs)];
        foreach (long t in timesNs)
        {
            if (t >= 0 && t / CellGrid.CellNs < buckets.Length)
            {
                buckets[t / CellGrid.CellNs]++;
            }
        }

        return buckets;
    }
}
