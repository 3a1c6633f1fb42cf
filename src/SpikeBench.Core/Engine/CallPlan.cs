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

    /// <summary>When the connections are opened. (default: all at once, before T0)</summary>
    public ConnectPlan Connect { get; init; } = new();

    /// <summary>Seeds whatever a driver draws, such as the jitter of its waits between two attempts to connect. (default: 1)</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Where wall time is read, for what messages say of it; the run itself goes by its own clock. (default: the system's)</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>The connections of one lane: an even share of <see cref="Connections"/>, the first lanes taking the remainder.</summary>
    public int ConnectionsOfLane(int lane) => Connections / Lanes + (lane < Connections % Lanes ? 1 : 0);
}

/// <summary>When and how fast connections are opened.</summary>
public sealed record ConnectPlan
{
    /// <summary>
    /// One connection per lane before T0, which proves that the target is there; the others when a call finds no free stream, so that
    /// a surge of calls is a storm of connections as well. Otherwise all before T0. (default: false)
    /// </summary>
    public bool Lazy { get; init; }

    /// <summary>The most connections that are opened per second, reconnecting apart; null: as fast as they are wanted. (default: null)</summary>
    public double? RatePerSecond { get; init; }
}

/// <summary>One operation of the mix, ready to send.</summary>
/// <param name="Name">The operation's name in the profile.</param>
/// <param name="Path">The HTTP/2 path, <c>/package.Service/Method</c>.</param>
/// <param name="Payloads">Encoded request messages without gRPC's 5-byte prefix; <see cref="CallStart.Payload"/> indexes them.</param>
public sealed record PlannedOperation(string Name, string Path, IReadOnlyList<byte[]> Payloads)
{
    /// <summary>What each call writes over its copy of a message, one list per payload; null: nothing over any. (default: null)</summary>
    public IReadOnlyList<IReadOnlyList<MessagePatch>>? Patches { get; init; }

    /// <summary>What a call writes over its copy of a payload; empty for most.</summary>
    public IReadOnlyList<MessagePatch> PatchesOf(int payload) => Patches?[payload] ?? [];
}
