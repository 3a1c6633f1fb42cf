using System.Globalization;
using System.Text;

namespace SpikeBench.DriverBench.Unique;

/// <summary>
/// What a message of its own costs each call: the three kinds of <see cref="UniqueMessages"/> by turns, over sockets against the null
/// target and without sockets. Only the ratios within a round are compared, so that what else the machine does falls on all alike.
/// </summary>
internal static class UniqueTable
{
    private const int WireCalls = 2_000_000;

    public static string Run(int rounds)
    {
        var sockets = UniqueMessages.Kinds.ToDictionary(k => k, _ => new List<double>());
        var wire = UniqueMessages.Kinds.ToDictionary(k => k, _ => new List<double>());
        var allocated = new Dictionary<string, double>();
        for (int round = 0; round < rounds; round++)
        {
            // Each kind is first, second and last in turn.
            foreach (string kind in UniqueMessages.Kinds.Skip(round % 3).Concat(UniqueMessages.Kinds.Take(round % 3)))
            {
                Measurement closed = Runner.MeasureAgainst("null", $"closed {kind} {{0}} 4 100");
                Measurement loop = Runner.RunClient($"wire {kind} {WireCalls.ToString(CultureInfo.InvariantCulture)}");
                sockets[kind].Add(closed["cpu_us"] * 1e3);
                wire[kind].Add(loop["cpu_ns"]);
                allocated[kind] = Math.Max(allocated.GetValueOrDefault(kind), closed["alloc_bytes"]);
                Console.Error.WriteLine(string.Create(
                    CultureInfo.InvariantCulture, $"round {round + 1}: {kind}: {sockets[kind][^1]:0} ns over sockets, {wire[kind][^1]:0} ns without"));
            }
        }

        return Format(rounds, sockets, wire, allocated);
    }

    private static string Format(int rounds, Dictionary<string, List<double>> sockets, Dictionary<string, List<double>> wire, Dictionary<string, double> allocated)
    {
        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture, $"Medians of {rounds} rounds of processor time per call, 4 connections x 100 calls; ratios are of the same round, with their range.");
        text.AppendLine();
        text.AppendLine("| messages | over sockets, ns | ratio to fixed | protocol alone, ns | ratio to fixed | allocated B/call |");
        text.AppendLine("|---|---|---|---|---|---|");
        foreach (string kind in UniqueMessages.Kinds)
        {
            text.AppendLine(CultureInfo.InvariantCulture,
                $"| {kind} | {Median(sockets[kind]):0} | {Ratio(sockets, kind)} | {Median(wire[kind]):0} | {Ratio(wire, kind)} | {allocated[kind]:0.##} |");
        }

        return text.ToString();
    }

    private static string Ratio(Dictionary<string, List<double>> results, string kind)
    {
        List<double> ratios = [.. results[kind].Zip(results[UniqueMessages.Fixed], (own, plain) => own / plain)];
        return string.Create(CultureInfo.InvariantCulture, $"{Median(ratios):0.00} ({ratios.Min():0.00}..{ratios.Max():0.00})");
    }

    private static double Median(List<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted[sorted.Length / 2];
    }
}
