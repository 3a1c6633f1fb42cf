using System.Text;
using System.Text.Json;
using SpikeBench.Target.Capacity;
using SpikeBench.Target.Rpc;

namespace SpikeBench.Target.Truth;

/// <summary>The target's own side of the story: what came, what became of it.</summary>
internal sealed class TruthBook : ICallObserver, ISlotObserver
{
    private IReadOnlyList<GrpcMethod> _methods = [];
    private MethodCounts[] _counts = [];

    /// <summary>Opens a page for each method; before the first call.</summary>
    public void Open(IReadOnlyList<GrpcMethod> methods)
    {
        _methods = methods;
        _counts = [.. methods.Select(_ => new MethodCounts())];
    }

    public void Began(GrpcMethod method, long nowNs) => Interlocked.Increment(ref _counts[method.Index].Received);

    public void Ended(GrpcMethod method, GrpcCode code) => Interlocked.Increment(ref _counts[method.Index].ByCode[(int)code]);

    public void Left(SlotJob job)
    {
    }

    /// <summary>All of it as one line of JSON.</summary>
    public string ToJson()
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            WriteCounts(json, _counts);
            json.WriteStartObject("methods");
            foreach (GrpcMethod method in _methods)
            {
                json.WriteStartObject(method.Name);
                WriteCounts(json, [_counts[method.Index]]);
                json.WriteEndObject();
            }

            json.WriteEndObject();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.ToArray());
    }

    private static void WriteCounts(Utf8JsonWriter json, IReadOnlyList<MethodCounts> counts)
    {
        json.WriteNumber("received", counts.Sum(c => Volatile.Read(ref c.Received)));
        json.WriteNumber("ok", counts.Sum(c => Volatile.Read(ref c.ByCode[0])));
        json.WriteStartObject("rejected");
        for (int code = 1; code < GrpcStatus.CodeCount; code++)
        {
            long sum = counts.Sum(c => Volatile.Read(ref c.ByCode[code]));
            if (sum > 0)
            {
                json.WriteNumber(WireName((GrpcCode)code), sum);
            }
        }

        json.WriteEndObject();
    }

    /// <summary>DeadlineExceeded → DEADLINE_EXCEEDED, as gRPC spells it.</summary>
    private static string WireName(GrpcCode code)
    {
        var name = new StringBuilder();
        foreach (char c in code.ToString())
        {
            if (char.IsUpper(c) && name.Length > 0)
            {
                name.Append('_');
            }

            name.Append(char.ToUpperInvariant(c));
        }

        return name.ToString();
    }

    private sealed class MethodCounts
    {
        public long Received;
        public readonly long[] ByCode = new long[GrpcStatus.CodeCount];
    }
}
