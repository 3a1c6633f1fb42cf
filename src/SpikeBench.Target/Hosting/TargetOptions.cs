using System.Net;
using SpikeBench.Target.Capacity;

namespace SpikeBench.Target.Hosting;

/// <summary>Everything the command line decides.</summary>
public sealed record TargetOptions
{
    /// <summary>Where to listen; port 0 is any free one (default: 127.0.0.1:0).</summary>
    public IPEndPoint Listen { get; init; } = new(IPAddress.Loopback, 0);

    /// <summary>Whether the process lives as long as its standard input and ignores SIGINT (default: no).</summary>
    public bool ParentStdin { get; init; }

    /// <summary>File for the closing line of truth; null is standard error (default: null).</summary>
    public string? TruthFile { get; init; }

    /// <summary>Worker slots; 0 is no capacity model (default: 0).</summary>
    public int Slots { get; init; }

    /// <summary>Mean time a send holds a slot (default: 4 ms).</summary>
    public long ServiceNs { get; init; } = 4_000_000;

    /// <summary>How service times scatter (default: exponential).</summary>
    public ServiceLaw Law { get; init; } = ExponentialLaw.Instance;

    /// <summary>Calls that may wait for a slot (default: no bound).</summary>
    public int QueueLimit { get; init; } = int.MaxValue;

    /// <summary>What a login costs, in sends (default: 5).</summary>
    public double LoginCost { get; init; } = 5;

    /// <summary>Seed of service times and session tokens (default: 1).</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>
    /// HTTP/2 streams open at once per connection (default: 1,000). Kestrel's own 100 would let a spike wait in the client for a
    /// stream, where the target's queue cannot see it.
    /// </summary>
    public int MaxStreams { get; init; } = 1000;

    /// <summary>Longest request message in bytes (default: 4 MiB).</summary>
    public int MaxMessageBytes { get; init; } = 4 * 1024 * 1024;

    /// <summary>How long a shutdown waits for calls in flight (default: 1.5 s).</summary>
    public long DrainNs { get; init; } = 1_500_000_000;

    /// <summary>Whether only the help is wanted (default: no).</summary>
    public bool Help { get; init; }
}
