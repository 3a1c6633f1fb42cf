using System.Text;
using System.Text.Json;
using SpikeBench.Target.Capacity;
using SpikeBench.Target.Rpc;
using SpikeBench.Target.Store;

namespace SpikeBench.Target.Truth;

/// <summary>The target's own side of the story: what came, what became of it, how long it waited. Written from live counters.</summary>
internal sealed class TruthBook(CallBook calls, CapacityPools pools, IMessageStore store, DuplicateCounts duplicates, long originUnixMs)
{
    private static readonly string[] CodeNames = [.. Enum.GetValues<GrpcCode>().Select(WireName)];

    /// <summary>All of it as one line of JSON.</summary>
    public string ToJson()
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            WriteOutcomes(json, calls.Methods);
            json.WriteNumber("stored", store.Count);
            json.WriteStartObject("duplicates");
            json.WriteNumber("replayed", duplicates.Replayed);
            json.WriteNumber("stored", duplicates.Stored);
            json.WriteEndObject();
            json.WriteStartObject("methods");
            foreach (GrpcMethod method in calls.Methods.Where(m => calls.Received(m) > 0))
            {
                json.WriteStartObject(method.Path[1..]);
                WriteOutcomes(json, [method]);
                json.WriteEndObject();
            }

            json.WriteEndObject();
            WriteArrivals(json);
            json.WriteStartObject("pools");
            foreach (CapacityPool pool in pools.All)
            {
                WritePool(json, pool);
            }

            json.WriteEndObject();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.ToArray());
    }

    private void WriteOutcomes(Utf8JsonWriter json, IReadOnlyList<GrpcMethod> methods)
    {
        json.WriteNumber("received", methods.Sum(calls.Received));
        json.WriteNumber("ok", methods.Sum(m => calls.Ended(m, (int)GrpcCode.Ok)));
        json.WriteStartObject("rejected");
        for (int code = 1; code < GrpcStatus.CodeCount; code++)
        {
            long sum = methods.Sum(m => calls.Ended(m, code));
            if (sum > 0)
            {
                json.WriteNumber(CodeNames[code], sum);
            }
        }

        json.WriteEndObject();
    }

    private void WriteArrivals(Utf8JsonWriter json)
    {
        (long firstCell, IReadOnlyList<long> counts) = calls.Arrivals.Read();
        json.WriteStartObject("arrivals_100ms");
        json.WriteNumber("first_unix_ms", originUnixMs + (firstCell * (ArrivalCells.CellNs / 1_000_000)));
        json.WriteStartArray("counts");
        foreach (long count in counts)
        {
            json.WriteNumberValue(count);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WritePool(Utf8JsonWriter json, CapacityPool pool)
    {
        var (busy, queued, expired, refused, (waitNs, serviceNs)) = pool.Gate.Snapshot(
            (busy, queued) => (busy, queued, pool.Ledger.ExpiredCount, pool.Ledger.RefusedCount, pool.Ledger.Copy()));
        json.WriteStartObject(pool.Name);
        json.WriteNumber("slots", pool.Slots);
        json.WriteNumber("busy", busy);
        json.WriteNumber("queued", queued);
        json.WriteNumber("served", waitNs.Length);
        json.WriteNumber("expired", expired);
        json.WriteNumber("refused", refused);
        WritePercentiles(json, "sojourn_ns", ExactPercentiles.Of([.. waitNs.Zip(serviceNs, (wait, service) => wait + service)]));
        WritePercentiles(json, "wait_ns", ExactPercentiles.Of(waitNs));
        WritePercentiles(json, "service_ns", ExactPercentiles.Of(serviceNs));
        json.WriteEndObject();
    }

    private static void WritePercentiles(Utf8JsonWriter json, string name, ExactPercentiles values)
    {
        json.WriteStartObject(name);
        json.WriteNumber("p50", values.P50);
        json.WriteNumber("p90", values.P90);
        json.WriteNumber("p99", values.P99);
        json.WriteNumber("p99.9", values.P999);
        json.WriteNumber("max", values.Max);
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
}
