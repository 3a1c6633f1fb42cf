using SpikeBench.Core.Engine;
using SpikeBench.Core.Schedule;

namespace SpikeBench.Core.Profiles;

/// <summary>
/// A load profile as the user wrote it, checked and in base units: what to offer, to which operations, and what must hold.
/// Immutable; <see cref="ProfileBinder"/> makes it, <see cref="ProfileCompiler"/> turns it into a plan.
/// </summary>
public sealed record Profile
{
    /// <summary>The profile's name: lower-case letters, digits and hyphens.</summary>
    public required string Name { get; init; }

    /// <summary>What it models, in a sentence.</summary>
    public string? About { get; init; }

    /// <summary>Where its numbers come from.</summary>
    public IReadOnlyList<ProfileSource> Sources { get; init; } = [];

    /// <summary>What <c>1x</c> means.</summary>
    public required ReferenceRate Reference { get; init; }

    /// <summary>κ: how many times faster than real time the load plays; deadlines and give-up shrink with it. (default: 1)</summary>
    public double Compress { get; init; } = 1;

    /// <summary>Fixes every random draw of the run. (default: 1)</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>How calls are placed under the curve. (default: poisson)</summary>
    public ArrivalKind Arrivals { get; init; } = ArrivalKind.Poisson;

    /// <summary>The steps of the load, in order.</summary>
    public required IReadOnlyList<LoadStep> Load { get; init; }

    /// <summary>The files of the target's contract; null: it is built in, or the target tells. (default: null)</summary>
    public ContractSource? Contract { get; init; }

    /// <summary>The mix of calls.</summary>
    public required IReadOnlyList<Operation> Operations { get; init; }

    /// <summary>How the clients behave.</summary>
    public ClientOptions Client { get; init; } = new();

    /// <summary>What must hold, one rule per phase pattern, operation pattern and limit.</summary>
    public required IReadOnlyList<SloRule> Slo { get; init; }

    /// <summary>When the load ends early. (default: never)</summary>
    public IReadOnlyList<StopRule> StopIf { get; init; } = [];

    /// <summary>How soon a spike must be over, one rule per spike.</summary>
    public IReadOnlyList<RecoveryRule> Recoveries { get; init; } = [];

    /// <summary>The capacity claim that a run tests, or null.</summary>
    public Claim? Claim { get; init; }

    /// <summary>Calls before T0, outside the books. (default: none)</summary>
    public IReadOnlyList<SideCall> Prepare { get; init; } = [];

    /// <summary>Calls after the drain, outside the books. (default: none)</summary>
    public IReadOnlyList<SideCall> Cleanup { get; init; } = [];

    /// <summary>Series that are recorded beside the run. (default: none)</summary>
    public IReadOnlyList<Observation> Observe { get; init; } = [];
}

/// <summary>A fact and where it is from; assumed numbers say so.</summary>
public sealed record ProfileSource(string Fact, string From);

/// <summary>The rate that every <c>x</c> in a profile is a multiple of.</summary>
/// <param name="RatePerSecond">Calls per second.</param>
/// <param name="WindowNs">Over which window that rate was measured: the peak second is not the peak minute.</param>
/// <param name="What">What it is the rate of.</param>
/// <param name="Source">Where the number is from.</param>
public sealed record ReferenceRate(double RatePerSecond, long WindowNs, string What, string? Source)
{
    /// <summary>Calls that one user makes in a minute: turns harmed calls into user-minutes; null where nobody knows. (default: null)</summary>
    public double? CallsPerUserMinute { get; init; }
}

/// <summary>One operation of the mix.</summary>
/// <param name="Name">Its name in results.</param>
/// <param name="Weight">Its share of the calls, above 0, in any unit.</param>
/// <param name="Call">The method, <c>package.Service/Method</c>.</param>
/// <param name="Payload">Its requests.</param>
public sealed record Operation(string Name, double Weight, string Call, Payload Payload)
{
    /// <summary>Metadata of its calls beside that of all calls; of the same name, this one counts. (default: none)</summary>
    public IReadOnlyList<MetadataField> Metadata { get; init; } = [];

    /// <summary>Fields of an OK reply and what they must be for the call to count as OK. (default: none)</summary>
    public IReadOnlyList<ReplyField> Reply { get; init; } = [];
}

/// <summary>How the clients behave.</summary>
public sealed record ClientOptions
{
    /// <summary>How many connections; null sizes them from the plan so that waiting for a stream is the target's doing. (default: null)</summary>
    public int? Connections { get; init; }

    /// <summary>Connections beyond the first of each worker are opened when a call finds no free stream, not before T0. (default: false)</summary>
    public bool ConnectLazily { get; init; }

    /// <summary>The most connections that are opened per second; null: as fast as they are wanted. (default: null)</summary>
    public double? ConnectRatePerSecond { get; init; }

    /// <summary>How long an attempt may take, counted from its intended time, in nanoseconds. (default: 1 s)</summary>
    public long DeadlineNs { get; init; } = 1_000_000_000;

    /// <summary>When a user gives an operation up, in nanoseconds; with single attempts it only lengthens the drain. (default: the deadline)</summary>
    public long? GiveUpNs { get; init; }

    /// <summary>The most calls in flight, all workers together; null sizes it from the peak rate and the deadline. (default: null)</summary>
    public int? MaxInFlight { get; init; }

    /// <summary>The highest planned rate that may be offered, in calls per second; null: any. (default: null)</summary>
    public double? MaxRatePerSecond { get; init; }

    /// <summary>How the target is reached beyond its address. (default: as the address says)</summary>
    public TransportOptions Transport { get; init; } = new();

    /// <summary>How long connecting may take before T0, TLS included, in nanoseconds. (default: 3 s)</summary>
    public long ConnectTimeoutNs { get; init; } = 3_000_000_000;

    /// <summary>Metadata of every call. (default: none)</summary>
    public IReadOnlyList<MetadataField> Metadata { get; init; } = [];

    /// <summary>The access token of every call. (default: none)</summary>
    public TokenSource? Token { get; init; }

    /// <summary>Which messages may go compressed. (default: none)</summary>
    public MessageCompression Compression { get; init; }

    /// <summary>The largest reply message that is taken, in bytes. (default: 4 MiB)</summary>
    public int MaxReplyBytes { get; init; } = 4 << 20;

    /// <summary>The largest request message that may be offered, in bytes; null: any. (default: null)</summary>
    public int? MaxRequestBytes { get; init; }
}

/// <summary>One rule that must hold in each phase and operation it names.</summary>
/// <param name="Phase">A phase's name, or <c>*</c> for every phase on its own.</param>
/// <param name="Operation">An operation's name, or <c>*</c> for all together.</param>
/// <param name="Budget">ε: the share of calls that may be bad, in (0, 1).</param>
/// <param name="ThresholdNs">A call is bad when it is not OK or its response time is above this; null: when it is not OK.</param>
/// <param name="Text">As the user wrote it, e.g. <c>p99.9 &lt;= 200ms</c>.</param>
public sealed record SloRule(string Phase, string Operation, double Budget, long? ThresholdNs, string Text);

/// <summary>A spike must be over in time: every SLO of its phase met again, and staying so.</summary>
/// <param name="WithinNs">From the spike's end; before compression.</param>
/// <param name="ClearForNs">How long the SLOs must be met without a break; before compression.</param>
/// <param name="Of">The spike's phase.</param>
/// <param name="Text">As results show it, e.g. <c>recovers within 15 s of spike</c>.</param>
public sealed record RecoveryRule(long WithinNs, long ClearForNs, string Of, string Text);

/// <summary>The capacity claim, fixed before the run.</summary>
/// <param name="Text">In the user's words.</param>
/// <param name="Scale">The multiple of the profile's load that it is about.</param>
/// <param name="Confidence">Of a PASS, e.g. 0.95.</param>
/// <param name="Repeats">How many midnights a verdict is of.</param>
/// <param name="Looks">How often a set that is INCONCLUSIVE may be looked at, doubled each time; what each look may err is shared out.</param>
public sealed record Claim(string Text, double Scale, double Confidence, int Repeats, int Looks = 1);
