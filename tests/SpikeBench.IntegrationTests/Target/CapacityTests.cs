using System.Text.Json;

namespace SpikeBench.IntegrationTests.Target;

public sealed class CapacityTests
{
    [Fact]
    public async Task Capacity_is_never_exceeded_and_service_times_follow_their_law()
    {
        const int Calls = 3_000;
        const double MeanMs = 2;
        const int Slots = 8;
        await using TargetRun target = await TargetRun.StartAsync("--store", "memory", "--slots", "8", "--service", "2ms", "--seed", "11");
        using var client = new RawGrpcClient(target.Address);
        long beginMs = Environment.TickCount64;
        await Task.WhenAll(Enumerable.Range(0, 100).Select(async _ =>
        {
            for (int i = 0; i < Calls / 100; i++)
            {
                (await client.SendAsync("hi")).Status.ShouldBe(0);
            }
        }));
        long elapsedMs = Environment.TickCount64 - beginMs;

        // The work is the sum of 3,000 exponentials: 6 s, give or take five standard deviations; eight slots cannot do it faster.
        double workMs = Calls * MeanMs * (1 - (5 / Math.Sqrt(Calls)));
        ((double)elapsedMs).ShouldBeGreaterThanOrEqualTo(workMs / Slots);

        (_, JsonElement truth) = await target.StopAsync();
        JsonElement pool = truth.GetProperty("pools").GetProperty("shared");
        pool.GetProperty("served").GetInt64().ShouldBe(Calls);
        foreach ((string name, double share) in (ReadOnlySpan<(string, double)>)[("p50", 0.5), ("p90", 0.9), ("p99", 0.99)])
        {
            // What the law says of the value at that rank: five standard deviations of an order statistic.
            double below = 1 - Math.Exp(-pool.GetProperty("service_ns").GetProperty(name).GetInt64() / (MeanMs * 1e6));
            below.ShouldBe(share, 5 * Math.Sqrt(share * (1 - share) / Calls));
        }
    }

    [Fact]
    public async Task Full_queue_refuses_at_once_and_deadlines_are_kept()
    {
        await using TargetRun target = await TargetRun.StartAsync(
            "--store", "memory", "--slots", "1", "--service", "1m", "--law", "fixed", "--queue", "2");
        using var client = new RawGrpcClient(target.Address);
        List<Task<RawReply>> calls = [.. Enumerable.Range(0, 10).Select(_ => client.SendAsync("hi", timeout: "6S"))];
        var statuses = new List<int?>();
        while (calls.Count > 0)
        {
            Task<RawReply> next = await Task.WhenAny(calls);
            calls.Remove(next);
            RawReply reply = await next;
            reply.TrailersOnly.ShouldBeTrue();
            statuses.Add(reply.Status);
        }

        // One in service and two in the queue wait for their deadline; the others were told before.
        statuses.ShouldBe([8, 8, 8, 8, 8, 8, 8, 4, 4, 4]);
        JsonElement pool = (await client.TruthAsync()).GetProperty("pools").GetProperty("shared");
        (pool.GetProperty("busy").GetInt64(), pool.GetProperty("queued").GetInt64(), pool.GetProperty("refused").GetInt64())
            .ShouldBe((1, 2, 7), "the work of the departed still holds its slot");
    }

    [Fact]
    public async Task Logins_cannot_take_the_slots_of_sends_when_they_have_their_own()
    {
        await using TargetRun target = await TargetRun.StartAsync(
            "--store", "memory", "--slots", "send=4,login=1", "--service", "1ms", "--law", "fixed", "--login-cost", "60000", "--queue", "0");
        using var client = new RawGrpcClient(target.Address);
        byte[] login = RawGrpcClient.Text(1, "ann");
        Task<RawReply>[] logins =
            [.. Enumerable.Range(0, 2).Select(_ => client.CallAsync(RawGrpcClient.Messenger + "Login", login, timeout: "20S"))];
        RawReply refused = await await Task.WhenAny(logins);
        refused.Status.ShouldBe(8);
        (await client.SendAsync("hi")).Status.ShouldBe(0);
        logins.Count(l => l.IsCompleted).ShouldBe(1, "the other login holds its one slot");
    }
}
