using System.Globalization;
using SpikeBench.Target.Hosting;

namespace SpikeBench.Target.Capacity;

/// <summary>
/// Service times as they were measured somewhere: a file of lines <c>TIME COUNT</c> (<c>4ms 120</c>), '#' begins a remark.
/// </summary>
public sealed record HistogramLaw : ServiceLaw
{
    private readonly long[] _valuesNs;
    private readonly long[] _countsUpTo;
    private readonly double _meanNs;

    private HistogramLaw(IReadOnlyList<(long Ns, long Count)> buckets)
    {
        _valuesNs = [.. buckets.Select(b => b.Ns)];
        _countsUpTo = new long[buckets.Count];
        long total = 0;
        double sum = 0;
        for (int i = 0; i < buckets.Count; i++)
        {
            total += buckets[i].Count;
            sum += (double)buckets[i].Ns * buckets[i].Count;
            _countsUpTo[i] = total;
        }

        _meanNs = sum / total;
    }

    public override double? OwnMeanNs => _meanNs;

    public static HistogramLaw Parse(IEnumerable<string> lines)
    {
        var buckets = new List<(long Ns, long Count)>();
        int number = 0;
        foreach (string line in lines)
        {
            number++;
            string[] parts = line.Split('#')[0].Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            if (parts.Length == 0)
            {
                continue;
            }

            if (parts.Length != 2
                || !Quantity.TryParseNs(parts[0], out long ns)
                || !long.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out long count))
            {
                throw new FormatException(string.Create(CultureInfo.InvariantCulture, $"line {number} is not TIME COUNT"));
            }

            if (count > 0)
            {
                buckets.Add((ns, count));
            }
        }

        return buckets.Exists(b => b.Ns > 0) ? new HistogramLaw(buckets) : throw new FormatException("the histogram is empty");
    }

    /// <summary>One of the file's values, by its share, scaled so that the mean is the one asked for.</summary>
    public override long Draw(double meanNs, SeededRandom random)
    {
        long rank = (long)(random.NextOpenUnit() * _countsUpTo[^1]);
        int found = Array.BinarySearch(_countsUpTo, rank + 1);
        int bucket = found >= 0 ? found : ~found;
        return (long)Math.Round(_valuesNs[bucket] * (meanNs / _meanNs));
    }

    public override string ToString() => "file";
}
