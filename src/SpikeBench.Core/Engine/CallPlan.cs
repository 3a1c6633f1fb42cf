using System.Text;

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

    /// <summary>How the target is reached beyond its address. (default: as the address says)</summary>
    public TransportOptions Transport { get; init; } = new();

    /// <summary>Metadata of every call whose value may change under way; null without. (default: null)</summary>
    public CallToken? Token { get; init; }

    /// <summary>Which messages may go compressed. (default: none)</summary>
    public MessageCompression Compression { get; init; }

    /// <summary>The largest reply message that is taken, in bytes after unpacking; a larger one ends its call with RESOURCE_EXHAUSTED. (default: 4 MiB)</summary>
    public int MaxReplyLength { get; init; } = 4 << 20;

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

    /// <summary>Custom metadata of its calls. (default: none)</summary>
    public IReadOnlyList<PlannedMetadata> Metadata { get; init; } = [];

    /// <summary>What an OK reply must say to count as OK; null: nothing. (default: null)</summary>
    public IReplyCheck? Check { get; init; }
}

/// <summary>One metadata field of an operation, as it goes onto the wire.</summary>
/// <param name="Name">In lower case; ends in <c>-bin</c> where the values are base64.</param>
/// <param name="Values">One for all calls, or as many as there are payloads: then a call carries that of its payload.</param>
public sealed record PlannedMetadata(string Name, IReadOnlyList<string> Values)
{
    /// <summary>What each call writes over its copy of a value, one list per value; null: nothing over any. (default: null)</summary>
    public IReadOnlyList<IReadOnlyList<MessagePatch>>? Patches { get; init; }

    /// <summary>All calls carry the same value.</summary>
    public bool IsFixed => Values.Count == 1 && Patches is null;

    /// <summary>What a call writes over its copy of the value that goes with a payload; empty for most.</summary>
    public IReadOnlyList<MessagePatch> PatchesOf(int payload) => Patches?[payload % Values.Count] ?? [];

    /// <summary>The value of one call.</summary>
    /// <param name="payload">Its message's number in the pool.</param>
    /// <param name="arrival">Its place in the plan.</param>
    /// <param name="unixNs">Wall time in nanoseconds since 1970.</param>
    public string ValueFor(int payload, long arrival, long unixNs)
    {
        string value = Values[payload % Values.Count];
        if (Patches is null)
        {
            return value;
        }

        byte[] own = Encoding.ASCII.GetBytes(value);
        foreach (MessagePatch patch in PatchesOf(payload))
        {
            patch.Write(own, arrival, unixNs);
        }

        return Encoding.ASCII.GetString(own);
    }
}

/// <summary>Which messages may be compressed; by gzip, the one algorithm that all gRPC implementations know.</summary>
public enum MessageCompression : byte
{
    /// <summary>None.</summary>
    None,

    /// <summary>Replies: calls carry <c>grpc-accept-encoding: identity,gzip</c>.</summary>
    Replies,

    /// <summary>Replies, and requests: these are packed before T0.</summary>
    Gzip,
}

/// <summary>Decides whether the reply of a call that ended OK says what it should. Called on the worker's thread: it must not allocate.</summary>
public interface IReplyCheck
{
    /// <summary>True when the reply is as it should be.</summary>
    bool Holds(ReadOnlySpan<byte> reply);
}
