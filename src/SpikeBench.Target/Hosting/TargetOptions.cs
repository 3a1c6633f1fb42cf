using System.Net;
using SpikeBench.Target.Capacity;

namespace SpikeBench.Target.Hosting;

/// <summary>Everything the command line decides.</summary>
public sealed record TargetOptions
{
    private const double DefaultServiceNs = 4_000_000;
    private const int DefaultHashIterations = 1000;

    /// <summary>Where to listen; port 0 is any free one (default: 127.0.0.1:0).</summary>
    public IPEndPoint Listen { get; init; } = new(IPAddress.Loopback, 0);

    /// <summary>Whether the process lives as long as its standard input and ignores SIGINT (default: no).</summary>
    public bool ParentStdin { get; init; }

    /// <summary>File for the closing line of truth; null is standard error (default: null).</summary>
    public string? TruthFile { get; init; }

    /// <summary>Worker slots, shared or by class of operations (default: no capacity model).</summary>
    public SlotPlan Slots { get; init; } = SlotPlan.None;

    /// <summary>Mean time a send holds a slot (default: the law's own mean, or 4 ms where it has none).</summary>
    public long? ServiceNs { get; init; }

    public double EffectiveServiceNs => ServiceNs ?? Law.OwnMeanNs ?? DefaultServiceNs;

    /// <summary>How service times scatter (default: exponential).</summary>
    public ServiceLaw Law { get; init; } = ExponentialLaw.Instance;

    /// <summary>Calls that may wait for a slot (default: no bound).</summary>
    public int QueueLimit { get; init; } = int.MaxValue;

    /// <summary>Who of the waiting goes first (default: FIFO).</summary>
    public QueueOrder Order { get; init; } = QueueOrder.Fifo;

    /// <summary>Classes from the first served to the last; those not named come after them (default: all alike).</summary>
    public IReadOnlyList<OperationClass> Priority { get; init; } = [];

    /// <summary>
    /// Whether a call whose caller has gone or is past its deadline is dropped when its turn comes (default: no; a naive server does
    /// the work of the departed, and that is what keeps an overload alive).
    /// </summary>
    public bool DropExpired { get; init; }

    /// <summary>Processor time really burnt for a send (default: none).</summary>
    public long BurnNs { get; init; }

    /// <summary>What a login costs, in sends (default: 5).</summary>
    public double LoginCost { get; init; } = 5;

    /// <summary>What each delivery of a group message costs, in sends (default: 0.1).</summary>
    public double MemberCost { get; init; } = 0.1;

    /// <summary>
    /// PBKDF2 iterations of a login (default: 1,000; none with a capacity model, where a login's cost is virtual already).
    /// </summary>
    public int? HashIterations { get; init; }

    public int EffectiveHashIterations => HashIterations ?? (Slots.IsEmpty ? DefaultHashIterations : 0);

    /// <summary>Whether messages are kept in SQLite, synced before the reply (default), or in memory.</summary>
    public bool StoreInMemory { get; init; }

    /// <summary>The database file (default: a temporary one, deleted on exit).</summary>
    public string? DataFile { get; init; }

    /// <summary>Whether a send with a known idempotency key is answered from the first one (default: no; it is stored again).</summary>
    public bool Idempotency { get; init; }

    /// <summary>Whether to speak TLS with a certificate made at start (default: no).</summary>
    public bool Tls { get; init; }

    /// <summary>File for that certificate in PEM, for clients to trust (default: none).</summary>
    public string? TlsCertificateFile { get; init; }

    /// <summary>Where to answer GET /healthz over HTTP/1.1 (default: nowhere).</summary>
    public IPEndPoint? HealthHttp { get; init; }

    /// <summary>Whether to serve the gRPC interoperability tests too (default: no).</summary>
    public bool Interop { get; init; }

    /// <summary>Replies of at least so many bytes are gzipped for callers that accept it (default: never).</summary>
    public int GzipFromBytes { get; init; } = int.MaxValue;

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
