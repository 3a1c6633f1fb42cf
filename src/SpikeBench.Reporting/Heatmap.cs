using SpikeBench.Core.Recording;

namespace SpikeBench.Reporting;

/// <summary>
/// Counts of calls by when they ended and how long they took, painted as pictures of one pixel per column and row: their size does not
/// grow with the run.
/// </summary>
internal sealed class Heatmap
{
    private const int Shades = 32;
    private const long NsPerSecond = 1_000_000_000;

    // From few calls to many: mid tones throughout, so that one picture reads on white and on near-black.
    private static readonly (double At, int R, int G, int B, int A)[] Ramp =
    [
        (0, 92, 138, 214, 120), (0.35, 66, 99, 200, 220), (0.7, 178, 70, 160, 245), (1, 245, 140, 40, 255),
    ];

    private static readonly (double At, int R, int G, int B, int A)[] FailedRamp = [(0, 214, 60, 60, 130), (1, 200, 20, 30, 255)];

    private readonly long[,] _counts;
    private readonly long[] _failed;
    private readonly int _first;

    private Heatmap(int columns, int first, int end)
    {
        _counts = new long[columns, end - first];
        _failed = new long[columns];
        _first = first;
    }

    public double ColumnNs { get; private init; }

    /// <summary>The lower edge of the lowest row.</summary>
    public double LowNs => TimeBuckets.StartNs(_first);

    /// <summary>The upper edge of the highest row.</summary>
    public double HighNs => TimeBuckets.StartNs(_first + _counts.GetLength(1));

    public bool HasFailed => _failed.Any(f => f > 0);

    public long SlowestNs { get; private init; }

    /// <summary>The counts of a run; null where its record has only percentiles.</summary>
    public static Heatmap? Of(Timeline timeline)
    {
        var seconds = timeline.Seconds().Where(s => s.Second.Response.Buckets is not null).ToList();
        var ok = seconds.Where(s => s.Second.Response.Count > 0).ToList();
        if (ok.Count == 0)
        {
            return null;
        }

        // Columns must not be finer than the seconds that they show.
        int wanted = (int)Math.Max(1, timeline.EndNs / NsPerSecond);
        int joined = (wanted + Downsample.MostPoints - 1) / Downsample.MostPoints;
        int columns = (wanted + joined - 1) / joined;
        var heat = new Heatmap(columns, ok.Min(s => s.Second.Response.Buckets!.First), ok.Max(s => s.Second.Response.Buckets!.End))
        {
            ColumnNs = timeline.EndNs / (double)columns,
            SlowestNs = ok.Max(s => s.Second.Response.Max),
        };
        var empty = Enumerable.Repeat(true, columns).ToArray();
        foreach ((SecondSummary second, long failed) in seconds)
        {
            int column = heat.ColumnAt((second.StartNs + second.EndNs) / 2);
            empty[column] = false;
            heat.Add(column, second, failed);
        }

        // Seconds are not exactly a second: where none has its middle in a column, the one that covers the column's middle stands there.
        foreach ((SecondSummary second, long failed) in seconds)
        {
            for (int column = heat.ColumnAt(second.StartNs); column <= heat.ColumnAt(second.EndNs); column++)
            {
                double middle = (column + 0.5) * heat.ColumnNs;
                if (empty[column] && middle >= second.StartNs && middle < second.EndNs)
                {
                    heat.Add(column, second, failed);
                }
            }
        }

        return heat;
    }

    /// <summary>The response times, the slowest on top.</summary>
    public string TimesDataUri()
    {
        int columns = _counts.GetLength(0), rows = _counts.GetLength(1);
        double most = _counts.Cast<long>().Max();
        var pixels = new byte[columns * rows];
        for (int row = 0; row < rows; row++)
        {
            for (int column = 0; column < columns; column++)
            {
                pixels[(rows - 1 - row) * columns + column] = Shade(_counts[column, row], most);
            }
        }

        return DataUri(columns, pixels, Ramp);
    }

    /// <summary>The calls that failed, one row.</summary>
    public string FailedDataUri() => DataUri(_failed.Length, [.. _failed.Select(f => Shade(f, _failed.Max()))], FailedRamp);

    private int ColumnAt(long ns) => (int)Math.Clamp(ns / ColumnNs, 0, _failed.Length - 1);

    private void Add(int column, SecondSummary second, long failed)
    {
        _failed[column] += Math.Max(0, failed);
        TimeBuckets buckets = second.Response.Buckets!;
        for (int bucket = buckets.First; bucket < buckets.End; bucket++)
        {
            _counts[column, bucket - _first] += buckets[bucket];
        }
    }

    // Logarithmic: one slow call among thousands must still be seen. 0 is no call at all.
    private static byte Shade(long count, double most) =>
        count <= 0 ? (byte)0 : (byte)(1 + Math.Round((Shades - 1) * Math.Log(count) / Math.Max(1, Math.Log(Math.Max(1, most)))));

    private static string DataUri(int columns, byte[] pixels, (double At, int R, int G, int B, int A)[] ramp)
    {
        (byte R, byte G, byte B, byte A)[] palette =
            [(0, 0, 0, 0), .. Enumerable.Range(0, Shades).Select(i => Mixed(ramp, i / (double)(Shades - 1)))];
        return "data:image/png;base64," + Convert.ToBase64String(Png.Write(columns, pixels, palette));
    }

    private static (byte R, byte G, byte B, byte A) Mixed((double At, int R, int G, int B, int A)[] ramp, double at)
    {
        int upper = Math.Max(1, Array.FindIndex(ramp, c => c.At >= at));
        (double from, int r0, int g0, int b0, int a0) = ramp[upper - 1];
        (double to, int r1, int g1, int b1, int a1) = ramp[upper];
        double share = (at - from) / (to - from);
        return (Mix(r0, r1), Mix(g0, g1), Mix(b0, b1), Mix(a0, a1));

        byte Mix(int a, int b) => (byte)Math.Round(a + (b - a) * share);
    }
}
