using SpikeBench.Core.Engine;

namespace SpikeBench.IntegrationTests.Grpc;

/// <summary>What a lane allocates. Neighbours in this process would bring about collections, and each costs the thread the rest of its 8 KiB.</summary>
[Collection(MachineToItself.Name)]
public sealed class LaneAllocationTests
{
    [Fact]
    public async Task Lane_allocates_nothing_when_warm()
    {
        using var server = new ScriptedServer();
        await using LaneRunner runner = await LaneRunner.OpenAsync(
            LaneRunner.Plan(server.Address, slots: 64, operations: new PlannedOperation("send", "/test.Target/Send", [new byte[100]])));
        ILane lane = runner.Lane;
        CallEvent[] events = new CallEvent[16];
        MonotonicClock clock = runner.Clock;
        long least = long.MaxValue, before = 0;
        int ended = 0;
        for (int i = 0; i <= 3_000; i++)
        {
            // The least of several stretches: a collection that the server brings about counts the rest of this thread's 8 KiB.
            if (i % 500 == 0)
            {
                long now = GC.GetAllocatedBytesForCurrentThread();
                least = i < 1_500 ? least : Math.Min(least, now - before);
                before = now;
            }

            lane.TryStart(new CallStart(0, 0, i, 0, clock.NowNs + 5_000_000_000));
            int count;
            do
            {
                count = lane.Poll(clock.NowNs + 1_000_000_000, events);
            }
            while (count == 0);
            ended += count;
        }

        ended.ShouldBe(3_001);
        least.ShouldBe(0);
    }
}
