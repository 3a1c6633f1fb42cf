using System.Collections.Concurrent;
using System.Globalization;
using Xunit.Abstractions;

namespace SpikeBench.IntegrationTests.Target;

/// <summary>
/// What kill -9 leaves. It ends the process between any two of its instructions, but not the machine: that what was acknowledged had been
/// synced, not only written, is the store's setting (SqliteStoreTests).
/// </summary>
public sealed class DurabilityTests(ITestOutputHelper output) : IDisposable
{
    private const int Senders = 16;
    private const int MostPerRound = 600;
    private const string ToGroup = " to all";

    // The first of the eight members of room 1.
    private const ulong FirstMember = 8;

    private readonly string _file = Path.Combine(Path.GetTempPath(), $"spikebench-{Guid.NewGuid():N}.db");

    public void Dispose()
    {
        foreach (string suffix in (string[])["", "-wal", "-shm", "-lock"])
        {
            File.Delete(_file + suffix);
        }
    }

    /// <summary>
    /// Kills the target under load again and again, on one database, and then looks for every message that any of its lives acknowledged.
    /// SPIKEBENCH_KILL_ROUNDS sets how many lives (default: 5).
    /// </summary>
    [Fact]
    public async Task Kill_loses_nothing_that_was_acknowledged()
    {
        int rounds = int.Parse(Environment.GetEnvironmentVariable("SPIKEBENCH_KILL_ROUNDS") ?? "5", CultureInfo.InvariantCulture);
        var random = new Random(20200101);
        var acknowledged = new ConcurrentDictionary<ulong, string>();
        for (int round = 0; round < rounds; round++)
        {
            int before = acknowledged.Count;
            int enough = before + random.Next(1, MostPerRound);
            await using TargetRun target = await TargetRun.StartAsync("--data", _file);
            using var client = new RawGrpcClient(target.Address);
            Task[] senders = [.. Enumerable.Range(0, Senders).Select(sender => SendUntilItDiesAsync(client, $"{round}/{sender}", acknowledged))];
            while (acknowledged.Count < enough && !senders.All(s => s.IsCompleted))
            {
                await Task.Delay(1);
            }

            target.HasExited.ShouldBeFalse("it must be the kill that ends it");
            await target.KillAsync();
            await Task.WhenAll(senders);
            acknowledged.Count.ShouldBeGreaterThanOrEqualTo(enough);
        }

        await using TargetRun again = await TargetRun.StartAsync("--data", _file);
        using var reader = new RawGrpcClient(again.Address);
        Dictionary<ulong, string> stored = await StoredAsync(reader, room: 1);
        Dictionary<ulong, string> delivered = await StoredAsync(reader, member: FirstMember);
        int lost = acknowledged.Count(a => stored.GetValueOrDefault(a.Key) != a.Value);
        int undelivered = acknowledged.Count(a => a.Value.EndsWith(ToGroup, StringComparison.Ordinal) && delivered.GetValueOrDefault(a.Key) != a.Value);
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{rounds} kills, {acknowledged.Count} messages acknowledged, {lost} lost, {undelivered} group messages not delivered; {stored.Count - acknowledged.Count} stored whose reply the kill cut off"));
        (lost, undelivered).ShouldBe((0, 0));

        RawReply next = await reader.SendAsync("after");
        RawGrpcClient.Field(next.Messages.Single(), 1).Value.ShouldBe(stored.Keys.Max() + 1);
    }

    [Fact]
    public async Task Idempotency_key_is_known_in_the_next_life()
    {
        ulong first;
        await using (TargetRun target = await TargetRun.StartAsync("--data", _file, "--idempotency"))
        {
            using var client = new RawGrpcClient(target.Address);
            first = RawGrpcClient.Field((await client.SendAsync("once", key: "k1")).Messages.Single(), 1).Value;
            await target.KillAsync();
        }

        await using TargetRun again = await TargetRun.StartAsync("--data", _file, "--idempotency");
        using var second = new RawGrpcClient(again.Address);
        RawGrpcClient.Field((await second.SendAsync("once", key: "k1")).Messages.Single(), 1).Value.ShouldBe(first);
        (int _, System.Text.Json.JsonElement truth) = await again.StopAsync();
        truth.GetProperty("duplicates").GetProperty("replayed").GetInt64().ShouldBe(1);
        truth.GetProperty("stored").GetInt64().ShouldBe(1);
    }

    private static async Task SendUntilItDiesAsync(RawGrpcClient client, string sender, ConcurrentDictionary<ulong, string> acknowledged)
    {
        for (int i = 0; ; i++)
        {
            bool group = i % 4 == 3;
            string text = $"{sender}/{i}{(group ? ToGroup : string.Empty)}";
            try
            {
                RawReply reply = await client.CallAsync(
                    RawGrpcClient.Messenger + (group ? "SendGroup" : "Send"), RawGrpcClient.SendRequest("ann", 1, text));
                if (reply.Status != 0)
                {
                    return;
                }

                acknowledged.TryAdd(RawGrpcClient.Field(reply.Messages.Single(), 1).Value, text).ShouldBeTrue("an id was given twice");
            }
            catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException)
            {
                return;
            }
        }
    }

    /// <summary>Every message of a room or of a member's inbox, by id.</summary>
    private static async Task<Dictionary<ulong, string>> StoredAsync(RawGrpcClient reader, ulong? room = null, ulong? member = null)
    {
        RawReply sync = await reader.CallAsync(
            RawGrpcClient.Messenger + "Sync", room is { } r ? RawGrpcClient.Number(1, r) : RawGrpcClient.Number(2, member!.Value));
        sync.Status.ShouldBe(0);
        return sync.Messages.ToDictionary(
            m => RawGrpcClient.Field(m, 1).Value, m => System.Text.Encoding.UTF8.GetString(RawGrpcClient.Field(m, 4).Bytes));
    }
}
