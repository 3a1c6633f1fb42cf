namespace SpikeBench.Reporting;

/// <summary>
/// Thins a series for drawing. Each bucket keeps its smallest and its largest value where they happened, so that no peak and no gap is
/// averaged away.
/// </summary>
internal static class Downsample
{
    /// <summary>More points than this are not told apart on a screen.</summary>
    public const int MostPoints = 300;

    /// <summary>How many buckets a series of this length is cut into for drawing and reading.</summary>
    public static int Buckets(int count) => count <= MostPoints ? count : MostPoints / 2;

    /// <summary>The part of a series that is bucket <paramref name="bucket"/> of <see cref="Buckets"/>.</summary>
    public static (int From, int To) Bucket(int bucket, int count)
    {
        int buckets = Buckets(count);
        return ((int)((long)bucket * count / buckets), (int)((long)(bucket + 1) * count / buckets));
    }

    /// <summary>The points to draw, ascending by index, at most <see cref="MostPoints"/>. NaN is a gap: it is kept only where a bucket has nothing else.</summary>
    public static IReadOnlyList<(int Index, double Value)> Peaks(IReadOnlyList<double> series)
    {
        var points = new List<(int Index, double Value)>(Math.Min(series.Count, MostPoints));
        for (int bucket = 0; bucket < Buckets(series.Count); bucket++)
        {
            (int from, int to) = Bucket(bucket, series.Count);
            (int low, int high) = Extremes(series, from, to);
            points.Add((Math.Min(low, high), series[Math.Min(low, high)]));
            if (low != high)
            {
                points.Add((Math.Max(low, high), series[Math.Max(low, high)]));
            }
        }

        return points;
    }

    /// <summary>Where the smallest and the largest value of a stretch are; its first place if all are NaN.</summary>
    public static (int Low, int High) Extremes(IReadOnlyList<double> series, int from, int to)
    {
        int low = from, high = from;
        for (int i = from + 1; i < to; i++)
        {
            if (double.IsNaN(series[low]) || series[i] < series[low])
            {
                low = i;
            }

            if (double.IsNaN(series[high]) || series[i] > series[high])
            {
                high = i;
            }
        }

        return (low, high);
    }
}
