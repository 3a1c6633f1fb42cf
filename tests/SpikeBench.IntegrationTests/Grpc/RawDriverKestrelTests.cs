using System.Buffers.Binary;
using System.Text;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using SpikeBench.Core;
using SpikeBench.Core.Engine;
using SpikeBench.Grpc;

namespace SpikeBench.IntegrationTests.Grpc;

/// <summary>The raw driver against Kestrel: what one real server makes of our bytes, and we of its.</summary>
public sealed class RawDriverKestrelTests
{
    private static readonly byte[] Greeting = Encoding.UTF8.GetBytes("happy new year");

    private static PlannedOperation Operation(string method, params byte[][] payloads)
        => new(method, $"/test.Target/{method}", payloads.Length == 0 ? [Greeting] : payloads);

    private static byte[] Length(int bytes)
    {
        byte[] payload = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(payload, bytes);
        return payload;
    }

    [Fact]
    public async Task Call_returns_the_reply_when_the_target_echoes()
    {
        await using KestrelTarget target = await KestrelTarget.StartAsync();
        await using LaneRunner runner = await LaneRunner.OpenAsync(LaneRunner.Plan(target.Address, operations: Operation("Echo")));

        CallEvent end = runner.Call();

        end.Failure.ShouldBe(Failure.None);
        end.Status.ShouldBe(GrpcStatus.Ok);
        end.Bytes.ShouldBe(Greeting.Length);
        runner.Lane.Reply(end).ToArray().ShouldBe(Greeting);
        end.OnWireNs.ShouldBeInRange(0, end.AtNs);
    }

    [Fact]
    public async Task Call_carries_the_headers_that_gRPC_asks_for_when_sent()
    {
        await using KestrelTarget target = await KestrelTarget.StartAsync();
        await using LaneRunner runner = await LaneRunner.OpenAsync(LaneRunner.Plan(target.Address, operations: Operation("Echo")));

        // The first call teaches the target's table, the second refers to it.
        for (int i = 0; i < 2; i++)
        {
            runner.Call(deadlineSeconds: 5).Failure.ShouldBe(Failure.None);
            target.LastHeaders.ContentType.ToString().ShouldBe("application/grpc");
            target.LastHeaders.TE.ToString().ShouldBe("trailers");
            target.LastHeaders["x-spikebench-run"].ToString().ShouldBe("test-run");
            target.LastHeaders["grpc-timeout"].ToString().ShouldMatch("^5[0-9]{3}m$");
            target.LastHeaders.Host.ToString().ShouldBe(target.Address.Authority);
        }
    }

    [Fact]
    public async Task Calls_are_all_answered_once_when_thousands_share_few_streams()
    {
        const int Calls = 5000;
        await using KestrelTarget target = await KestrelTarget.StartAsync(configure: k => k.Limits.Http2.MaxStreamsPerConnection = 10);
        await using LaneRunner runner = await LaneRunner.OpenAsync(
            LaneRunner.Plan(target.Address, connections: 3, slots: Calls, operations: Operation("Echo")));

        List<CallEvent> ended = [];
        for (int i = 0; i < Calls; i++)
        {
            runner.Start(ended, deadlineSeconds: 60);
        }

        runner.PollUntil(ended, Calls, seconds: 60);
        ended.ShouldAllBe(e => e.Failure == Failure.None);
        ended.Select(e => e.Slot).Distinct().Count().ShouldBe(Calls);
        target.Echoed.ShouldBe(Calls);
        runner.Driver.Counters.WaitedForStream.ShouldBePositive();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(256)]
    [InlineData(257)]
    [InlineData(70_000)]
    [InlineData(3_000_000)]
    public async Task Call_delivers_messages_of_every_size_both_ways(int length)
    {
        byte[] message = new byte[length];
        for (int i = 0; i < length; i++)
        {
            message[i] = (byte)(i * 31);
        }

        await using KestrelTarget target = await KestrelTarget.StartAsync();
        await using LaneRunner runner = await LaneRunner.OpenAsync(LaneRunner.Plan(target.Address, operations: Operation("Echo", message)));

        CallEvent end = runner.Call();

        end.Failure.ShouldBe(Failure.None);
        runner.Lane.Reply(end).SequenceEqual(message).ShouldBeTrue();
    }

    [Fact]
    public async Task Call_ends_with_RESOURCE_EXHAUSTED_when_the_reply_is_larger_than_allowed()
    {
        await using KestrelTarget target = await KestrelTarget.StartAsync();
        await using LaneRunner runner = await LaneRunner.OpenAsync(
            LaneRunner.Plan(target.Address, operations: Operation("Grow", Length(2000), Length(1000))) with { MaxReplyLength = 1000 });

        CallEvent end = runner.Call(payload: 0);
        end.Status.ShouldBe(GrpcStatus.ResourceExhausted);
        end.Failure.ShouldBe(Failure.Protocol);
        runner.Call(payload: 1).Bytes.ShouldBe(1000);
    }

    [Fact]
    public async Task Call_ends_with_the_status_and_its_message_when_the_target_refuses()
    {
        await using KestrelTarget target = await KestrelTarget.StartAsync();
        await using LaneRunner runner = await LaneRunner.OpenAsync(LaneRunner.Plan(target.Address, operations: Operation("Refuse")));

        CallEvent end = runner.Call();

        end.Status.ShouldBe((byte)5);
        end.Failure.ShouldBe(Failure.Status);
        Encoding.UTF8.GetString(runner.Lane.StatusMessage(end)).ShouldBe("no such røm");
        runner.Lane.Reply(end).IsEmpty.ShouldBeTrue();
    }

    [Fact]
    public async Task Call_ends_as_no_gRPC_when_the_target_answers_otherwise()
    {
        await using KestrelTarget target = await KestrelTarget.StartAsync();
        await using LaneRunner runner = await LaneRunner.OpenAsync(
            LaneRunner.Plan(target.Address, operations: [Operation("NotGrpc"), Operation("Missing")]));

        CallEvent text = runner.Call(operation: 0);
        text.Failure.ShouldBe(Failure.Protocol);
        text.Status.ShouldBe(GrpcStatus.Unknown);

        CallEvent missing = runner.Call(operation: 1);
        missing.Failure.ShouldBe(Failure.Protocol);
        missing.Status.ShouldBe(GrpcStatus.Unimplemented);
    }

    [Fact]
    public async Task Call_ends_at_its_deadline_when_the_target_hangs_and_the_connection_goes_on()
    {
        await using KestrelTarget target = await KestrelTarget.StartAsync();
        await using LaneRunner runner = await LaneRunner.OpenAsync(
            LaneRunner.Plan(target.Address, operations: [Operation("Hang"), Operation("Echo")]));

        long before = runner.Clock.NowNs;
        CallEvent end = runner.Call(operation: 0, deadlineSeconds: 0.05);

        end.Failure.ShouldBe(Failure.Timeout);
        end.Status.ShouldBe(GrpcStatus.DeadlineExceeded);
        (end.AtNs - before).ShouldBeGreaterThanOrEqualTo(50_000_000);
        runner.Call(operation: 1).Failure.ShouldBe(Failure.None);
    }

    [Fact]
    public async Task Call_ends_as_cancelled_once_when_the_worker_gives_it_up()
    {
        await using KestrelTarget target = await KestrelTarget.StartAsync();
        await using LaneRunner runner = await LaneRunner.OpenAsync(
            LaneRunner.Plan(target.Address, operations: [Operation("Hang"), Operation("Echo")]));

        List<CallEvent> ended = [];
        int slot = runner.Start(ended);
        runner.Poll(ended, 0.02);
        runner.Lane.Cancel(slot);
        runner.Lane.Cancel(slot);
        runner.PollUntil(ended, 1);

        ended[0].ShouldSatisfyAllConditions(
            e => e.Slot.ShouldBe(slot), e => e.Failure.ShouldBe(Failure.Cancelled), e => e.Status.ShouldBe(GrpcStatus.Cancelled));
        runner.Call(operation: 1).Failure.ShouldBe(Failure.None);
    }

    [Fact]
    public async Task Late_replies_are_swallowed_when_their_calls_have_timed_out()
    {
        await using KestrelTarget target = await KestrelTarget.StartAsync();
        await using LaneRunner runner = await LaneRunner.OpenAsync(
            LaneRunner.Plan(target.Address, operations: [Operation("Late", [30]), Operation("Echo")]));

        List<CallEvent> ended = [];
        for (int i = 0; i < 50; i++)
        {
            runner.Start(ended, operation: 0, deadlineSeconds: 0.03);
        }

        runner.PollUntil(ended, 50);
        for (int i = 0; i < 50; i++)
        {
            runner.Call(operation: 1).Failure.ShouldBe(Failure.None);
        }
    }

    [Fact]
    public async Task Lazy_connections_are_opened_when_calls_find_no_stream()
    {
        await using KestrelTarget target = await KestrelTarget.StartAsync(configure: k => k.Limits.Http2.MaxStreamsPerConnection = 2);
        CallPlan plan = LaneRunner.Plan(target.Address, connections: 4, operations: [Operation("Hang"), Operation("Echo")]) with
        {
            Connect = new ConnectPlan { Lazy = true },
        };
        await using LaneRunner runner = await LaneRunner.OpenAsync(plan);
        runner.Call(operation: 1).Failure.ShouldBe(Failure.None);
        runner.Driver.Counters.ConnectionsOpened.ShouldBe(1);

        List<CallEvent> ended = [];
        for (int i = 0; i < 8; i++)
        {
            runner.Start(ended, operation: 0, deadlineSeconds: 60);
        }

        ended.ShouldBeEmpty();
        runner.Driver.Counters.ConnectionsOpened.ShouldBe(4);
        runner.Lane.TryStart(new CallStart(100, 0, 0, 0, runner.In(60))).ShouldBe(StartResult.NoStream, "four connections with two streams each");
    }

    [Fact]
    public async Task Connection_survives_a_storm_of_cancellations()
    {
        await using KestrelTarget target = await KestrelTarget.StartAsync();
        await using LaneRunner runner = await LaneRunner.OpenAsync(
            LaneRunner.Plan(target.Address, slots: 64, operations: [Operation("Hang"), Operation("Echo")]));

        List<CallEvent> ended = [];
        const int Calls = 150;
        for (int i = 0; i < Calls; i++)
        {
            int slot = runner.Start(ended, operation: 0, deadlineSeconds: 60);
            runner.Poll(ended, 0.001);
            runner.Lane.Cancel(slot);
        }

        runner.PollUntil(ended, Calls);
        ended.ShouldAllBe(e => e.Failure == Failure.Cancelled);
        runner.Call(operation: 1).Failure.ShouldBe(Failure.None);
        runner.Driver.Counters.ShouldSatisfyAllConditions(
            c => c.ConnectionsLost.ShouldBe(0), c => c.GoAways.ShouldBe(0), c => c.ResetsDelayed.ShouldBePositive(), c => c.ResetsSent.ShouldBePositive());
    }

    [Fact]
    public async Task Connections_are_replaced_in_peace_when_stream_ids_run_out()
    {
        await using KestrelTarget target = await KestrelTarget.StartAsync();
        await using LaneRunner runner = await LaneRunner.OpenAsync(
            LaneRunner.Plan(target.Address, connections: 2, operations: Operation("Echo")),
            new RawDriverOptions { FirstStreamId = 0x7fff_fff1 - 4096 });

        List<CallEvent> ended = [];
        const int Calls = 3000;
        for (int i = 0; i < Calls; i++)
        {
            runner.Start(ended);
            runner.Poll(ended, 0);
        }

        runner.PollUntil(ended, Calls);
        ended.ShouldAllBe(e => e.Failure == Failure.None);
        target.Echoed.ShouldBe(Calls);
        runner.Driver.Counters.ConnectionsOpened.ShouldBe(4);
        runner.Driver.Counters.ConnectionsLost.ShouldBe(0);
    }

    [Fact]
    public async Task Prepare_says_what_is_wrong_when_the_target_speaks_HTTP_1_only()
    {
        await using KestrelTarget target = await KestrelTarget.StartAsync(HttpProtocols.Http1);

        TargetException e = await Should.ThrowAsync<TargetException>(
            () => LaneRunner.OpenAsync(LaneRunner.Plan(target.Address, operations: Operation("Echo"))));

        e.Message.ShouldContain("does not speak cleartext HTTP/2");
    }
}
