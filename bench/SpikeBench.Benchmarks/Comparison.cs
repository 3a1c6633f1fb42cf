using System.Diagnostics;
using System.Globalization;

namespace SpikeBench.Benchmarks;

/// <summary>One row of a comparison: the same work by our code and by the baseline.</summary>
/// <param name="Name">What is measured.</param>
/// <param name="OperationsPerCall">Operations that one call does, by which times are divided.</param>
/// <param name="Ours">Our code.</param>
/// <param name="Baseline">The baseline.</param>
/// <param name="GoalRatio">How many times faster than HdrHistogram.NET ours is to be; null where there is no goal.</param>
public sealed record ComparisonRow(string Name, long OperationsPerCall, Action Ours, Action Baseline, double? GoalRatio)
{
    /// <summary>
    /// The percentile of the turns that is reported. 10 where noise only adds time; 50 where threads contend: on a busy machine they
    /// then run one after the other now and then, and the fastest turns are those without the contention that is to be measured.
    /// </summary>
    public int Percentile { get; init; } = 10;
}

/// <summary>
/// Runs our code and the baseline in one process, in turns of a few milliseconds, and prints the ratio of their 10th percentiles. On a
/// shared machine the noise is other people's load: it only ever adds time, and it hits neighbouring turns alike.
/// </summary>
public static class Comparison
{
    private const int Turns = 60;
    private static readonly TimeSpan Turn = TimeSpan.FromMilliseconds(3);

    public static void Run(IEnumerable<ComparisonRow> rows, string? filter, TextWriter output)
    {
        output.WriteLine("| row | baseline | ours | ratio | goal | allocated by ours |");
        output.WriteLine("| --- | ---: | ---: | ---: | ---: | ---: |");
        foreach (ComparisonRow row in rows.Where(r => filter is null || r.Name.Contains(filter, StringComparison.OrdinalIgnoreCase)))
        {
            WarmUp(row.Ours);
            WarmUp(row.Baseline);
            int oursPerTurn = CallsPerTurn(row.Ours);
            int baselinePerTurn = CallsPerTurn(row.Baseline);
            double[] ours = new double[Turns];
            double[] baseline = new double[Turns];
            for (int i = 0; i < Turns; i++)
            {
                ours[i] = NanosecondsPerCall(row.Ours, oursPerTurn);
                baseline[i] = NanosecondsPerCall(row.Baseline, baselinePerTurn);
            }

            double o = At(row.Percentile, ours) / row.OperationsPerCall;
            double b = At(row.Percentile, baseline) / row.OperationsPerCall;
            double bytes = (double)AllocatedPerCall(row.Ours) / row.OperationsPerCall;
            string goal = row.GoalRatio is { } ratio ? string.Create(CultureInfo.InvariantCulture, $"{ratio:0.#}x") : "";
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"| {row.Name} | {Time(b)} | {Time(o)} | {b / o:0.0}x | {goal} | {bytes:0.##} B |"));
        }
    }

    // Tier 1 with its profile comes after 30 calls and a pause of 100 ms without new methods.
    private static void WarmUp(Action action)
    {
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < 50 || Stopwatch.GetElapsedTime(start) < TimeSpan.FromMilliseconds(400); i++)
        {
            action();
        }
    }

    private static int CallsPerTurn(Action action) =>
        Math.Max(1, (int)(Turn.TotalNanoseconds / NanosecondsPerCall(action, 3)));

    private static double NanosecondsPerCall(Action action, int calls)
    {
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < calls; i++)
        {
            action();
        }

        return Stopwatch.GetElapsedTime(start).TotalNanoseconds / calls;
    }

    private static long AllocatedPerCall(Action action)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 10; i++)
        {
            action();
        }

        return (GC.GetAllocatedBytesForCurrentThread() - before) / 10;
    }

    private static double At(int percentile, double[] samples)
    {
        Array.Sort(samples);
        return samples[samples.Length * percentile / 100];
    }

    private static string Time(double ns) => ns switch
    {
        < 1000 => string.Create(CultureInfo.InvariantCulture, $"{ns:0.00} ns"),
        < 1_000_000 => string.Create(CultureInfo.InvariantCulture, $"{ns / 1000:0.00} µs"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{ns / 1_000_000:0.00} ms"),
    };
}
