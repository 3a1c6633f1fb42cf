using System.Collections.Concurrent;

namespace SpikeBench.IntegrationTests.Target;

[Collection(TargetProcesses.Name)]
public sealed class DurabilityTests : IDisposable
{
    private const int Senders = 16;
    private const int Enough = 1_000;

    private readonly string _file = Path.Combine(Path.GetTempPath(), $"spikebench-{Guid.NewGuid():N}.db");

    public void Dispose()
    {
        foreach (string suffix in (string[])["", "-wal", "-shm"])
        {
            File.Delete(_file + suffix);
        }
    }

    [Fact]
    public async Task Kill_loses_nothing_that_was_acknowledged()
    {
        var acknowledged = new ConcurrentDictionary<ulong, string>();
        await using (TargetRun target = await TargetRun.StartAsync("--data", _file))
        {
            using var client = new RawGrpcClient(target.Address);
            Task[] senders = [.. Enumerable.Range(0, Senders).Select(sender => SendUntilItDiesAsync(client, sender, acknowledged))];
            while (acknowledged.Count < Enough)
            {
                await Task.Delay(5);
            }

            await target.KillAsync();
            await Task.WhenAll(senders);
        }

        await using TargetRun again = await TargetRun.StartAsync("--data", _file);
        using var reader = new RawGrpcClient(again.Address);
        RawReply sync = await reader.CallAsync(RawGrpcClient.Messenger + "Sync", RawGrpcClient.Number(1, 1));
        sync.Status.ShouldBe(0);
        Dictionary<ulong, string> stored = sync.Messages.ToDictionary(
            m => RawGrpcClient.Field(m, 1).Value, m => System.Text.Encoding.UTF8.GetString(RawGrpcClient.Field(m, 4).Bytes));
        foreach ((ulong id, string text) in acknowledged)
        {
            stored.ShouldContainKeyAndValue(id, text);
        }

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

    private static async Task SendUntilItDiesAsync(RawGrpcClient client, int sender, ConcurrentDictionary<ulong, string> acknowledged)
    {
        for (int i = 0; ; i++)
        {
            string text = $"{sender}/{i}";
            try
            {
                RawReply reply = await client.SendAsync(text);
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
}
