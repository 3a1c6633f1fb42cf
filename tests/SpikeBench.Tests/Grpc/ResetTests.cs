using SpikeBench.Core.Engine;
using SpikeBench.Grpc.Http2;

namespace SpikeBench.Tests.Grpc;

/// <summary>Calls are given up at their time, resets go out at a pace that no server takes for an attack.</summary>
public sealed class ResetTests
{
    private const long MsNs = 1_000_000;

    private static readonly Http2Options TwoThenTenPerSecond = new() { MaxStreams = 4, ResetBurst = 2, ResetsPerSecond = 10 };

    [Fact]
    public void Calls_end_at_once_and_resets_beyond_the_burst_wait()
    {
        WireClient client = AllGivenUp();

        client.Ended.Select(e => e.Slot).ShouldBe([0, 1, 2, 3]);
        Resets(client).ShouldBe([1u, 3u]);
        client.Connection.CanStart.ShouldBeTrue("two of the four streams are closed");
        client.Start(slot: 0);
        client.Start(slot: 1);
        client.Connection.CanStart.ShouldBeFalse("streams whose reset waits are open at the peer");
        client.Calls.Counters.ResetsDelayed.ShouldBe(2);
        client.Connection.NextResetAtNs.ShouldBe(100 * MsNs);
    }

    [Fact]
    public void Delayed_resets_go_out_when_their_time_comes()
    {
        WireClient client = AllGivenUp();
        client.TakeFrames();

        client.Calls.NowNs = 99 * MsNs;
        client.Connection.Pump();
        Resets(client).ShouldBeEmpty();
        client.Calls.NowNs = 100 * MsNs;
        client.Connection.Pump();
        Resets(client).ShouldBe([5u]);
        client.Calls.NowNs = 300 * MsNs;
        client.Connection.Pump();
        Resets(client).ShouldBe([7u]);
        client.Connection.NextResetAtNs.ShouldBe(long.MaxValue);
    }

    [Fact]
    public void Stream_that_the_peer_ended_meanwhile_needs_no_reset_and_is_free()
    {
        WireClient client = AllGivenUp();
        client.TakeFrames();

        client.Receive(new ServerBytes().Reply(5).Reset(7, Http2ErrorCode.Cancel));

        client.Ended.Count.ShouldBe(4);
        client.Calls.NowNs = 1_000 * MsNs;
        client.Connection.Pump();
        Resets(client).ShouldBeEmpty();
        for (int slot = 0; slot < 4; slot++)
        {
            client.Connection.CanStart.ShouldBeTrue();
            client.Start(slot);
        }
    }

    [Fact]
    public void Half_a_request_is_reset_whatever_the_budget_says()
    {
        WireClient client = WireClient.Ready(TwoThenTenPerSecond with { ResetBurst = 1 }, payloadLength: 70_000);
        client.Start(slot: 0);
        client.Start(slot: 1);
        client.TakeFrames();
        client.Connection.Abandon(0, GrpcStatus.Cancelled, Failure.Cancelled);
        client.Connection.Abandon(1, GrpcStatus.Cancelled, Failure.Cancelled);

        client.Calls.Counters.ResetsDelayed.ShouldBe(0);
        client.TakeEvents();
        client.Ended.Count.ShouldBe(2);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(100, 3)]
    [InlineData(1000, 33)]
    public void Budget_never_allows_more_than_the_burst_and_the_rate_in_any_stretch(int burst, int perSecond)
    {
        var budget = new ResetBudget(burst, perSecond);
        var taken = new List<long>();
        for (long now = 0; now < 60_000 * MsNs; now += 7 * MsNs)
        {
            while (budget.TryTake(now))
            {
                taken.Add(now);
            }
        }

        for (int i = 0; i < taken.Count; i += 10)
        {
            long end = taken[i] + 30_000 * MsNs;
            taken.Skip(i).TakeWhile(t => t < end).Count().ShouldBeLessThanOrEqualTo(burst + 30 * perSecond + 1);
        }

        taken.Count.ShouldBeInRange(burst + 59 * perSecond, burst + 60 * perSecond + 1);
    }

    // Four calls on streams 1, 3, 5, 7, given up at time 0.
    private static WireClient AllGivenUp()
    {
        WireClient client = WireClient.Ready(TwoThenTenPerSecond, slots: 4);
        for (int slot = 0; slot < 4; slot++)
        {
            client.Start(slot);
        }

        client.TakeFrames();
        for (int slot = 0; slot < 4; slot++)
        {
            client.Connection.Abandon(slot, GrpcStatus.DeadlineExceeded, Failure.Timeout);
        }

        client.TakeEvents();
        return client;
    }

    private static uint[] Resets(WireClient client)
        => [.. client.TakeFrames().Where(f => f.Type == FrameType.RstStream).Select(f => f.StreamId)];
}
