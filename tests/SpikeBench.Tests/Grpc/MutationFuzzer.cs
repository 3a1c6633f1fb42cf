using SpikeBench.Core.Engine;
using SpikeBench.Grpc.Http2;

namespace SpikeBench.Tests.Grpc;

/// <summary>
/// Damages a recorded server's bytes at random and plays them: whatever comes, the connection must not throw, must not loop, and
/// must end every call exactly once.
/// </summary>
internal sealed class MutationFuzzer(ulong seed)
{
    private readonly byte[] _recorded = RecordedServer.Mixed();
    private ulong _state = seed;

    /// <summary>Runs that ended in a connection error, and runs that the connection survived.</summary>
    public (int Failed, int Survived) Outcomes { get; private set; }

    /// <summary>One mutation from beginning to end; throws when the client misbehaves.</summary>
    public void Run()
    {
        List<byte> bytes = [.. _recorded];
        for (int i = Next(4); i >= 0; i--)
        {
            Mutate(bytes);
        }

        WireClient client = RecordedServer.Client();
        ReadOnlySpan<byte> rest = bytes.ToArray();
        while (!rest.IsEmpty)
        {
            int count = Math.Min(rest.Length, 1 + Next(rest.Length));
            client.Receive(rest[..count]);
            rest = rest[count..];
        }

        bool failed = client.Connection.State == Http2State.Failed;
        Outcomes = failed ? (Outcomes.Failed + 1, Outcomes.Survived) : (Outcomes.Failed, Outcomes.Survived + 1);
        Finish(client);
    }

    // What is still open ends with the connection; what a GOAWAY moved waits for another one. Together they are all calls, once each.
    private static void Finish(WireClient client)
    {
        client.Connection.Lose();
        while (client.Calls.FirstHomeless is >= 0 and int slot)
        {
            client.Calls.TakeHome(slot);
            client.Calls.End(slot, GrpcStatus.Unavailable, Failure.Connection);
        }

        client.TakeEvents();
        int[] ended = [.. client.Ended.Select(e => e.Slot).Order()];
        if (!ended.SequenceEqual(Enumerable.Range(0, RecordedServer.Calls)))
        {
            throw new InvalidOperationException($"Ended: {string.Join(' ', ended)}");
        }

        foreach (CallEvent end in client.Ended)
        {
            if (end.Status >= GrpcStatus.Count || end.Status == GrpcStatus.Ok != (end.Failure == Failure.None))
            {
                throw new InvalidOperationException($"Impossible end: {end}");
            }
        }
    }

    private void Mutate(List<byte> bytes)
    {
        int at = Next(bytes.Count);
        switch (Next(6))
        {
            case 0:
                bytes[at] = (byte)Next(256);
                break;
            case 1:
                bytes[at] ^= (byte)(1 << Next(8));
                break;
            case 2:
                bytes.Insert(at, (byte)Next(256));
                break;
            case 3:
                bytes.RemoveAt(at);
                break;
            case 4:
                int length = Math.Min(1 + Next(64), bytes.Count - at);
                bytes.InsertRange(Next(bytes.Count), bytes.GetRange(at, length));
                break;
            default:
                bytes.RemoveRange(at, Math.Min(Next(64), bytes.Count - at - 1));
                break;
        }
    }

    // SplitMix64.
    private int Next(int below)
    {
        _state += 0x9E37_79B9_7F4A_7C15;
        ulong z = _state;
        z = (z ^ (z >> 30)) * 0xBF58_476D_1CE4_E5B9;
        z = (z ^ (z >> 27)) * 0x94D0_49BB_1331_11EB;
        return (int)((z ^ (z >> 31)) % (ulong)below);
    }
}
