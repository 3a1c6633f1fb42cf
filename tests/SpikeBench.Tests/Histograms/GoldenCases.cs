using SpikeBench.Histograms;

namespace SpikeBench.Tests.Histograms;

/// <summary>Builds the histograms that Golden/cases.txt describes; its grammar is in Golden/README.md.</summary>
internal static class GoldenCases
{
    private static readonly Dictionary<string, string[]> Blocks = ReadBlocks();

    public static IEnumerable<string> Names => Blocks.Keys;

    public static Histogram Build(string name)
    {
        string[] block = Blocks[name];
        string[] head = block[0].Split(' ');
        Histogram histogram = head[5] == "auto"
            ? new Histogram(int.Parse(head[4]))
            : new Histogram(long.Parse(head[2]), long.Parse(head[3]), int.Parse(head[4]));
        foreach (string line in block.Skip(1))
        {
            string[] words = line.Split(' ');
            Apply(histogram, words[0], [.. words.Skip(1).Select(long.Parse)]);
        }

        return histogram;
    }

    /// <summary>S = sum of 8 draws of 16 bits; 2^k plus a linear fraction: a log-normal made of integers only.</summary>
    public static long LogNormal(SplitMix64 random, long @base, long factor)
    {
        long sum = 0;
        for (int i = 0; i < 8; i++)
        {
            sum += (long)(random.Next() >> 48);
        }

        long e = @base + (sum * factor);
        int k = (int)(e >>> 16);
        return (1L << k) + (((1L << k) * (e & 0xFFFF)) >>> 16);
    }

    private static void Apply(Histogram histogram, string op, long[] a)
    {
        switch (op)
        {
            case "value":
                histogram.Record(a[0], a.Length > 1 ? a[1] : 1);
                break;
            case "range":
                for (long v = a[0]; v <= a[1]; v += a[2])
                {
                    histogram.Record(v);
                }

                break;
            case "edges":
                for (int k = (int)a[0]; k <= a[1]; k++)
                {
                    histogram.Record((1L << k) - 1);
                    histogram.Record(1L << k);
                    histogram.Record((1L << k) + 1);
                }

                break;
            case "uniform":
                Draw(a, random => histogram.Record(a[2] + (long)((random.Next() >> 1) % (ulong)(a[3] - a[2] + 1))));
                break;
            case "lognorm":
                Draw(a, random => histogram.Record(LogNormal(random, a[2], a[3])));
                break;
            case "corrected":
                histogram.RecordCorrected(a[1], a[0]);
                break;
            case "correctedlognorm":
                Draw(a, random => histogram.RecordCorrected(LogNormal(random, a[2], a[3]), a[4]));
                break;
            default:
                throw new InvalidOperationException($"cases.txt has an operation '{op}' that nobody wrote down.");
        }
    }

    private static void Draw(long[] a, Action<SplitMix64> step)
    {
        var random = new SplitMix64((ulong)a[0]);
        for (long i = 0; i < a[1]; i++)
        {
            step(random);
        }
    }

    private static Dictionary<string, string[]> ReadBlocks()
    {
        Dictionary<string, string[]> blocks = [];
        List<string> block = [];
        foreach (string line in File.ReadLines(GoldenData.PathOf("cases.txt")).Where(l => !l.StartsWith('#')))
        {
            if (line == "end")
            {
                blocks.Add(block[0].Split(' ')[1], [.. block]);
                block.Clear();
            }
            else
            {
                block.Add(line);
            }
        }

        return blocks;
    }
}
