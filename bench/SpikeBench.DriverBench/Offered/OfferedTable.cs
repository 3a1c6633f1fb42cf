using System.Globalization;
using System.Text;
using SpikeBench.Core.Schedule;

namespace SpikeBench.DriverBench.Offered;

/// <summary>Offered against planned load at three rates, as Markdown.</summary>
internal static class OfferedTable
{
    private const int Seconds = 5;
    private static readonly double[] Rates = [1_000, 50_000, 500_000];

    public static async Task<string> RunAsync()
    {
        var text = new StringBuilder();
        text.AppendLine("| generator | asked | sent/asked in time | worst 100 ms off by | 100 ms off by > 2 % | gap cv | late p50 µs | p99 µs | p99.9 µs | max µs |");
        text.AppendLine("|---|---|---|---|---|---|---|---|---|---|");
        foreach (double rate in Rates)
        {
            Add(text, "SpikeBench even", rate, Generators.Worker(ArrivalKind.Even, rate, Seconds));
            Add(text, "SpikeBench poisson", rate, Generators.Worker(ArrivalKind.Poisson, rate, Seconds));
            Add(text, "Task.Delay loop", rate, await Generators.TaskDelayAsync(rate, Seconds));
        }

        return text.ToString();
    }

    private static void Add(StringBuilder text, string name, double rate, OfferedLoad load)
    {
        string line = string.Create(
            CultureInfo.InvariantCulture,
            $"| {name} | {rate:N0}/s | {load.SentPerSecond * Seconds / load.Asked:P2} | {load.WorstBucketError:P2} | {load.BucketsOff:P1} | {load.GapVariation:0.00} | {load.LateUs(50):0.0} | {load.LateUs(99):N0} | {load.LateUs(99.9):N0} | {load.LateUs(100):N0} |");
        Console.Error.WriteLine(line);
        text.AppendLine(line);
    }
}
