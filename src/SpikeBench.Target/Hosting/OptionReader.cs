using System.Globalization;
using System.Net;
using System.Text;
using SpikeBench.Target.Capacity;

namespace SpikeBench.Target.Hosting;

/// <summary>The command line: one table says what each flag is called, does and explains, so that the help cannot lie.</summary>
public static class OptionReader
{
    private const long MostServiceNs = 3_600_000_000_000;
    private const long MostDrainNs = 24 * MostServiceNs;

    // A flag that would do nothing is a misunderstanding: whoever gives a queue bound believes that there is a queue.
    private static readonly (string Flag, string Needs)[] Dependent =
    [
        ("--service", "--slots"), ("--law", "--slots"), ("--queue", "--slots"), ("--order", "--slots"), ("--priority", "--slots"),
        ("--drop-expired", "--slots"), ("--tls-cert-out", "--tls"),
    ];

    private static readonly Flag[] Flags =
    [
        new("--listen", "HOST:PORT", "where to listen; port 0 is any free one (default 127.0.0.1:0)",
            (o, v) => o with { Listen = EndPoint(v) }),
        new("--parent-stdin", null, "ignore SIGINT and leave when standard input closes",
            (o, _) => o with { ParentStdin = true }),
        new("--truth", "FILE", "write the target's own counts there on exit (default: standard error)",
            (o, v) => o with { TruthFile = v }),
        new("--slots", "N[,CLASS=N]", "worker slots, shared or for send, login, read alone; 0 is no model (default 0). Capacity = slots / service",
            (o, v) => o with { Slots = SlotPlan.Parse(v) }),
        new("--service", "TIME", "mean time a send holds its slot, virtually: no processor is burnt (default 4ms, or the file's mean)",
            (o, v) => o with { ServiceNs = Time(v, minNs: 1, MostServiceNs) }),
        new("--law", "LAW", "fixed | exponential | lognormal:SIGMA | file:PATH with lines TIME COUNT (default exponential)",
            (o, v) => o with { Law = ServiceLaw.Parse(v) }),
        new("--queue", "N", "calls that may wait in a pool; one more is RESOURCE_EXHAUSTED at once (default: no bound)",
            (o, v) => o with { QueueLimit = Int(v, 0, int.MaxValue) }),
        new("--order", "ORDER", "fifo | lifo: who of the waiting goes first (default fifo)",
            (o, v) => o with { Order = v == "fifo" ? QueueOrder.Fifo : v == "lifo" ? QueueOrder.Lifo : throw Bad("fifo or lifo") }),
        new("--priority", "CLASSES", "classes from the first served to the last, e.g. send,read,login (default: all alike)",
            (o, v) => o with { Priority = SlotPlan.ParseOrder(v) }),
        new("--drop-expired", null, "drop a call at its turn when its caller has gone or its deadline has passed (default: serve it)",
            (o, _) => o with { DropExpired = true }),
        new("--burn", "TIME", "processor time really burnt for a send, on top (default 0ms)",
            (o, v) => o with { BurnNs = Time(v, minNs: 0, MostServiceNs) }),
        new("--login-cost", "K", "a login costs K times a send, in slot time and in --burn (default 5)",
            (o, v) => o with { LoginCost = Number(v, 0, 1e6) }),
        new("--member-cost", "K", "each delivery of a group message costs K sends more (default 0.1)",
            (o, v) => o with { MemberCost = Number(v, 0, 1e6) }),
        new("--login-hash", "N", "PBKDF2 iterations of a login (default 1000; 0 with --slots)",
            (o, v) => o with { HashIterations = Int(v, 0, 100_000_000) }),
        new("--store", "KIND", "sqlite: on disk, synced before the reply | memory (default sqlite)",
            (o, v) => o with { StoreInMemory = v == "memory" || (v == "sqlite" ? false : throw Bad("sqlite or memory")) }),
        new("--data", "FILE", "the database (default: a temporary file, deleted on exit)",
            (o, v) => o with { DataFile = v }),
        new("--idempotency", null, "answer a repeated idempotency_key from its first send (default: store it again, count it)",
            (o, _) => o with { Idempotency = true }),
        new("--tls", null, "speak TLS with a self-signed certificate for localhost made at start",
            (o, _) => o with { Tls = true }),
        new("--tls-cert-out", "FILE", "write that certificate there in PEM",
            (o, v) => o with { TlsCertificateFile = v }),
        new("--health-http", "HOST:PORT", "answer GET /healthz over HTTP/1.1 there",
            (o, v) => o with { HealthHttp = EndPoint(v) }),
        new("--interop", null, "serve grpc.testing.TestService too",
            (o, _) => o with { Interop = true }),
        new("--gzip-from", "SIZE", "gzip replies of at least this size for callers that accept it (default: never)",
            (o, v) => o with { GzipFromBytes = Size(v) }),
        new("--seed", "N", "seed of service times and session tokens (default 1)",
            (o, v) => o with { Seed = ULong(v) }),
        new("--max-streams", "N", "HTTP/2 streams open at once per connection (default 1000)",
            (o, v) => o with { MaxStreams = Int(v, 1, 1_000_000) }),
        new("--max-message", "SIZE", "longest request message (default 4MiB)",
            (o, v) => o with { MaxMessageBytes = Size(v) }),
        new("--drain", "TIME", "how long a shutdown waits for calls in flight (default 1.5s)",
            (o, v) => o with { DrainNs = Time(v, minNs: 0, MostDrainNs) }),
        new("--help", null, "print this", (o, _) => o with { Help = true }),
    ];

    public static string HelpText
    {
        get
        {
            var text = new StringBuilder();
            text.Append("The reference messenger of SpikeBench: gRPC over HTTP/2 (cleartext with prior knowledge, or TLS).\n\n");
            text.Append("usage: SpikeBench.Target [flags]\n\n");
            foreach (Flag flag in Flags)
            {
                string name = flag.Value is null ? flag.Name : flag.Name + " " + flag.Value;
                text.Append(CultureInfo.InvariantCulture, $"  {name,-24} {flag.About}\n");
            }

            text.Append("\nWhen it listens it prints one line: listening http://HOST:PORT (https with --tls)\n");
            text.Append("TIME is a number with ns, us, ms, s or m; SIZE a number, or one with KiB or MiB.\n");
            text.Append("exit: 0 stopped, 64 a flag is wrong, 70 it could not run.\n");
            return text.ToString();
        }
    }

    /// <summary>Reads <c>--flag value</c> and <c>--flag=value</c>; throws <see cref="UsageException"/> at the first that is wrong.</summary>
    public static TargetOptions Read(IReadOnlyList<string> args)
    {
        var options = new TargetOptions();
        var given = new HashSet<string>(StringComparer.Ordinal);
        for (int i = 0; i < args.Count; i++)
        {
            string[] parts = args[i].Split('=', 2);
            Flag flag = Array.Find(Flags, f => f.Name == parts[0])
                ?? throw new UsageException($"unknown flag {parts[0]}; --help lists them");
            given.Add(flag.Name);
            string value = string.Empty;
            if (flag.Value is null)
            {
                if (parts.Length == 2)
                {
                    throw new UsageException($"{flag.Name} takes no value");
                }
            }
            else if (parts.Length == 2)
            {
                value = parts[1];
            }
            else
            {
                value = ++i < args.Count ? args[i] : throw new UsageException($"{flag.Name} needs a value: {flag.Value}");
            }

            if (flag.Value is not null && value.Length == 0)
            {
                throw new UsageException($"{flag.Name} needs a value: {flag.Value}");
            }

            try
            {
                options = flag.Apply(options, value);
            }
            catch (Exception e) when (e is FormatException or IOException or UnauthorizedAccessException)
            {
                throw new UsageException($"{flag.Name} {value}: {e.Message}");
            }
        }

        if (!options.Help)
        {
            Check(options, given);
        }

        return options;
    }

    private static void Check(TargetOptions options, HashSet<string> given)
    {
        foreach ((string flag, string needs) in Dependent)
        {
            if (given.Contains(flag) && !given.Contains(needs))
            {
                throw new UsageException($"{flag} does nothing without {needs}");
            }
        }

        if (options.StoreInMemory && options.DataFile is not null)
        {
            throw new UsageException("--data does nothing with --store memory");
        }
    }

    private static FormatException Bad(string wanted) => new("not " + wanted);

    private static IPEndPoint EndPoint(string text)
    {
        int colon = text.LastIndexOf(':');
        if (colon <= 0 || !ushort.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out ushort port))
        {
            throw Bad("HOST:PORT");
        }

        string host = text[..colon].Trim('[', ']');
        if (host == "localhost")
        {
            return new IPEndPoint(IPAddress.Loopback, port);
        }

        return IPAddress.TryParse(host, out IPAddress? address) ? new IPEndPoint(address, port) : throw Bad("an IP address and port");
    }

    private static int Int(string text, int min, int max) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int value) && value >= min && value <= max
            ? value
            : throw Bad(string.Create(CultureInfo.InvariantCulture, $"a whole number from {min} to {max}"));

    private static ulong ULong(string text) =>
        ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out ulong value) ? value : throw Bad("a whole number");

    private static double Number(string text, double min, double max) =>
        double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double value) && value >= min && value <= max
            ? value
            : throw Bad(string.Create(CultureInfo.InvariantCulture, $"a number from {min} to {max}"));

    private static long Time(string text, long minNs, long mostNs) =>
        !Quantity.TryParseNs(text, out long ns) ? throw Bad("a time such as 4ms")
        : ns < minNs || ns > mostNs ? throw Bad(string.Create(CultureInfo.InvariantCulture, $"a time from {minNs}ns to {mostNs / 60_000_000_000}m"))
        : ns;

    private static int Size(string text) =>
        Quantity.TryParseBytes(text, out long bytes) && bytes is > 0 and <= int.MaxValue - 16 ? (int)bytes : throw Bad("a size such as 4MiB");

    private sealed record Flag(string Name, string? Value, string About, Func<TargetOptions, string, TargetOptions> Apply);
}
