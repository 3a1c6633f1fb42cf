namespace SpikeBench.Core.Engine;

/// <summary>Everything a driver must know before T0: it resolves, connects, encodes and warms up from this, and learns nothing later.</summary>
public sealed record CallPlan
{
    /// <summary>Where the target listens, e.g. <c>http://127.0.0.1:5000</c>; the scheme says plaintext or TLS.</summary>
    public required Uri Target { get; init; }

    /// <summary>The operations of the mix; <see cref="CallStart.Operation"/> indexes them.</summary>
    public required IReadOnlyList<PlannedOperation> Operations { get; init; }

    /// <summary>How many lanes will be opened, one per worker; at least 1.</summary>
    public required int Lanes { get; init; }

    /// <summary>Connections in all lanes together; at least <see cref="Lanes"/>.</summary>
    public required int Connections { get; init; }

    /// <summary>The most calls that one lane will have in flight at once.</summary>
    public required int SlotsPerLane { get; init; }

    /// <summary>The run's name, sent with every call as <c>x-spikebench-run</c> so that a target can tell test traffic apart.</summary>
    public required string RunId { get; init; }

    /// <summary>How long connecting may take before the target counts as unreachable. (default: 3 s)</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>The connections of one lane: an even share of <see cref="Connections"/>, the first lanes taking the remainder.</summary>
    public int ConnectionsOfLane(int lane) => Connections / Lanes + (lane < Connections % Lanes ? 1 : 0);
}

/// <summary>One operation of the mix, ready to send.</summary>
/// <param name="Name">The operation's name in the profile.</param>
/// <param name="Path">The HTTP/2 path, <c>/package.Service/Method</c>.</param>
/// <param name="Payloads">Encoded request messages without gRPC's 5-byte prefix; <see cref="CallStart.Payload"/> indexes them.</param>
public sealed record PlannedOperation(string Name, string Path, IReadOnlyList<byte[]> Payloads);
