using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace SpikeBench.DriverBench;

/// <summary>
/// Runs every case against its target, client and target in processes of their own on cores of their own, round after round, so that
/// what else the machine does falls on all cases alike; prints medians, spread and ratios as Markdown.
/// </summary>
internal static class Runner
{
    private const string TargetCore = "0";
    private const string ClientCore = "1";
    private const string H2LoadPath = "/usr/bin/h2load";

    private static readonly Case[] Cases =
    [
        new("null", "raw 4x100", "closed raw {0} 4 100"),
        new("null", "h2load 4x100", "h2load 4 100 600000"),
        new("null", "HttpClient 4x100", "closed http {0} 4 100"),
        new("null", "raw 16x32", "closed raw {0} 16 32"),
        new("null", "raw 1x1", "closed raw {0} 1 1"),
        new("null", "raw 4x25000", "closed raw {0} 4 25000"),
        new("kestrel", "raw 4x100", "closed raw {0} 4 100"),
        new("kestrel", "h2load 4x100", "h2load 4 100 60000"),
        new("kestrel", "HttpClient 4x100", "closed http {0} 4 100"),
        new("null", "raw open 10 k/s", "open raw {0} 4 10000"),
        new("null", "raw open 100 k/s", "open raw {0} 4 100000"),
        new("null", "raw open 1 M/s", "open raw {0} 4 1000000"),
        new("null", "engine 10 k/s", "engine raw {0} 4 10000"),
        new("null", "engine 100 k/s", "engine raw {0} 4 100000"),
        new("null", "engine 1 M/s", "engine raw {0} 4 1000000"),
    ];

    public static string Run(int rounds)
    {
        var results = Cases.ToDictionary(c => c, _ => new List<Measurement>());
        for (int round = 0; round < rounds; round++)
        {
            foreach (Case one in Cases)
            {
                if (one.IsH2Load && !File.Exists(H2LoadPath))
                {
                    continue;
                }

                results[one].Add(Measure(one));
                Console.Error.WriteLine($"round {round + 1}: {one.Target} {one.Name}: {results[one][^1]}");
            }
        }

        return Format(results, rounds);
    }

    /// <summary>Runs one client against a target of its own, on cores of their own.</summary>
    /// <param name="target">The target's name.</param>
    /// <param name="client">The client's words, with {0} for the target's address.</param>
    public static Measurement MeasureAgainst(string target, string client) => Against(target, address => RunClient(string.Format(CultureInfo.InvariantCulture, client, address)));

    /// <summary>Runs one client on its core.</summary>
    public static Measurement RunClient(string words)
    {
        using Process client = Start(ClientCore, "client " + words);
        string output = client.StandardOutput.ReadToEnd();
        client.WaitForExit();
        return Measurement.Parse(output);
    }

    private static Measurement Measure(Case one) =>
        one.IsH2Load ? Against(one.Target, address => MeasureH2Load(one, address)) : MeasureAgainst(one.Target, one.Client);

    private static Measurement Against(string name, Func<string, Measurement> measure)
    {
        using Process target = Start(TargetCore, "target " + name);
        try
        {
            return measure(target.StandardOutput.ReadLine() ?? throw new InvalidOperationException("The target did not start."));
        }
        finally
        {
            target.Kill();
            target.WaitForExit();
        }
    }

    // The shell's own `time` knows the processor time of a child; h2load does not say it.
    private static Measurement MeasureH2Load(Case one, string address)
    {
        string[] words = one.Client.Split(' ');
        string body = Path.GetTempFileName();
        File.WriteAllBytes(body, [0, 0, 0, 0, 100, .. new byte[100]]);
        string command = $"TIMEFORMAT='TIME %U %S'; time taskset -c {ClientCore} {H2LoadPath} -c {words[1]} -m {words[2]} -n {words[3]} -d {body} "
            + $"-H 'content-type: application/grpc' -H 'te: trailers' -H 'grpc-timeout: 10S' {address}/spikebench.messenger.v1.Messenger/Send";
        using Process shell = Process.Start(
            new ProcessStartInfo("bash", ["-c", command]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        string output = shell.StandardOutput.ReadToEnd();
        string errors = shell.StandardError.ReadToEnd();
        shell.WaitForExit();
        File.Delete(body);
        double calls = double.Parse(words[3], CultureInfo.InvariantCulture);
        string[] time = errors.Split('\n').Last(l => l.StartsWith("TIME ", StringComparison.Ordinal)).Split(' ');
        double user = double.Parse(time[1], CultureInfo.InvariantCulture) * 1e6 / calls;
        double kernel = double.Parse(time[2], CultureInfo.InvariantCulture) * 1e6 / calls;
        string rate = output.Split('\n').First(l => l.StartsWith("finished in", StringComparison.Ordinal)).Split(' ')[3];
        return new Measurement
        {
            ["rate"] = double.Parse(rate, CultureInfo.InvariantCulture),
            ["user_us"] = user,
            ["kernel_us"] = kernel,
            ["cpu_us"] = user + kernel,
            ["failed"] = output.Contains(" 0 failed, 0 errored", StringComparison.Ordinal) ? 0 : double.NaN,
        };
    }

    private static Process Start(string core, string arguments)
        => Process.Start(new ProcessStartInfo("taskset", $"-c {core} dotnet {typeof(Runner).Assembly.Location} {arguments}")
        {
            RedirectStandardOutput = true,
        })!;

    private static string Format(Dictionary<Case, List<Measurement>> results, int rounds)
    {
        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture, $"Medians of {rounds} rounds; rate with its range over the rounds.");
        text.AppendLine();
        text.AppendLine("| target | client | calls/s | calls/s per client core | CPU µs/call | user | kernel | util | allocated B/call | RSS MB |");
        text.AppendLine("|---|---|---|---|---|---|---|---|---|---|");
        foreach ((Case one, List<Measurement> runs) in results.Where(r => r.Value.Count > 0 && !r.Key.IsOpen))
        {
            double[] rates = [.. runs.Select(r => r["rate"])];
            text.AppendLine(CultureInfo.InvariantCulture,
                $"| {one.Target} | {one.Name} | {Median(runs, "rate"):N0} ({rates.Min():N0}..{rates.Max():N0}) | {1e6 / Median(runs, "cpu_us"):N0} | {Median(runs, "cpu_us"):0.000} | {Median(runs, "user_us"):0.000} | {Median(runs, "kernel_us"):0.000} | {Figure(runs, "util", "0.00")} | {AllocatedPerCall(one, runs)} | {Figure(runs, "rss_mb", "0")} |");
        }

        text.AppendLine();
        text.AppendLine("| open loop | calls/s | lateness p50 µs | p99 µs (range) | p99.9 µs | left their 100 ms | response p50 µs | p99 µs | CPU µs/call | util | allocated B | RSS MB |");
        text.AppendLine("|---|---|---|---|---|---|---|---|---|---|---|---|");
        foreach ((Case one, List<Measurement> runs) in results.Where(r => r.Key.IsOpen))
        {
            double[] late = [.. runs.Select(r => r["late_p99_us"])];
            text.AppendLine(CultureInfo.InvariantCulture,
                $"| {one.Name} | {Median(runs, "rate"):N0} | {Median(runs, "late_p50_us"):0.0} | {Median(runs, "late_p99_us"):0.0} ({late.Min():0.0}..{late.Max():0.0}) | {Median(runs, "late_p999_us"):0.0} | {Share(runs, "left_cell")} | {Median(runs, "resp_p50_us"):0.0} | {Median(runs, "resp_p99_us"):0.0} | {Median(runs, "cpu_us"):0.00} | {Median(runs, "util"):0.00} | {(one.IsEngine ? "-" : Median(runs, "alloc_bytes").ToString("0", CultureInfo.InvariantCulture))} | {Median(runs, "rss_mb"):0} |");
        }

        text.AppendLine();
        AppendRatios(text, results);
        AppendGoals(text, results);
        return text.ToString();
    }

    private static string AllocatedPerCall(Case one, List<Measurement> runs)
        => one.IsH2Load ? "-" : Median(runs, "alloc_bytes").ToString("0", CultureInfo.InvariantCulture);

    private static void AppendRatios(StringBuilder text, Dictionary<Case, List<Measurement>> results)
    {
        foreach (string target in new[] { "null", "kestrel" })
        {
            double raw = CpuOf("raw 4x100");
            text.AppendLine(CultureInfo.InvariantCulture,
                $"Against {target}, 4x100, CPU per call: h2load / raw = {CpuOf("h2load 4x100") / raw:0.0}, HttpClient / raw = {CpuOf("HttpClient 4x100") / raw:0.0}.");

            double CpuOf(string name) => Median(results[Cases.First(c => c.Target == target && c.Name == name)], "cpu_us");
        }
    }

    private static void AppendGoals(StringBuilder text, Dictionary<Case, List<Measurement>> results)
    {
        List<Measurement> raw = Of("raw 4x100");
        double cpu = Median(raw, "cpu_us");
        (string Goal, double Measured, Func<double, bool> Holds)[] goals =
        [
            ("calls/s per client core, null target, 4x100: at least 4,000,000", 1e6 / cpu, v => v >= 4e6),
            ("h2load / raw, CPU per call, null target, 4x100: at least 15", Median(Of("h2load 4x100"), "cpu_us") / cpu, v => v >= 15),
            ("HttpClient / raw, CPU per call, null target, 4x100: at least 150", Median(Of("HttpClient 4x100"), "cpu_us") / cpu, v => v >= 150),
            ("CPU µs per call, null target, 4x100: at most 0.25", cpu, v => v <= 0.25),
            ("CPU µs per call against Kestrel, 4x100: at most 1.6", Median(Of("raw 4x100", "kestrel"), "cpu_us"), v => v <= 1.6),
            ("engine, 1 M/s: calls/s", Median(Of("engine 1 M/s"), "rate"), v => v >= 0.999e6),
            ("engine, 1 M/s: lateness p50 µs at most 50", Median(Of("engine 1 M/s"), "late_p50_us"), v => v <= 50),
            ("engine, 1 M/s: lateness p99 µs at most 1000", Median(Of("engine 1 M/s"), "late_p99_us"), v => v <= 1000),
            ("engine, 10 k/s: lateness p50 µs at most 15", Median(Of("engine 10 k/s"), "late_p50_us"), v => v <= 15),
            ("engine, 10 k/s: lateness p99 µs at most 100", Median(Of("engine 10 k/s"), "late_p99_us"), v => v <= 100),
            ("allocated bytes per call, 4x100: 0", Median(raw, "alloc_bytes"), v => v == 0),
            ("RSS MB with 100 k calls in flight: at most 200", Median(Of("raw 4x25000"), "rss_mb"), v => v <= 200),
        ];
        text.AppendLine();
        text.AppendLine("| goal | measured | met |");
        text.AppendLine("|---|---|---|");
        foreach ((string goal, double measured, Func<double, bool> holds) in goals)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"| {goal} | {measured:#,0.##} | {(holds(measured) ? "yes" : "no")} |");
        }

        List<Measurement> Of(string name, string target = "null") => results[Cases.First(c => c.Target == target && c.Name == name)];
    }

    private static string Share(List<Measurement> runs, string name)
        => double.IsNaN(Median(runs, name)) ? "-" : Median(runs, name).ToString("0.00 %", CultureInfo.InvariantCulture);

    private static string Figure(List<Measurement> runs, string name, string format)
        => double.IsNaN(Median(runs, name)) ? "-" : Median(runs, name).ToString(format, CultureInfo.InvariantCulture);

    private static double Median(List<Measurement> runs, string name)
    {
        double[] sorted = [.. runs.Select(r => r[name]).Order()];
        return sorted.Length == 0 ? double.NaN : sorted[sorted.Length / 2];
    }

    private sealed record Case(string Target, string Name, string Client)
    {
        public bool IsH2Load => Client.StartsWith("h2load", StringComparison.Ordinal);

        public bool IsEngine => Client.StartsWith("engine", StringComparison.Ordinal);

        public bool IsOpen => IsEngine || Client.StartsWith("open", StringComparison.Ordinal);
    }
}
