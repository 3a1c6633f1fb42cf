using System.Text;
using SpikeBench.Core;
using SpikeBench.Core.Engine;

namespace SpikeBench.IntegrationTests.Grpc;

/// <summary>The raw driver's connections through everything that happens to connections.</summary>
public sealed class RawDriverConnectionTests
{
    private static readonly PlannedOperation Operation = new("send", "/test.Target/Send", [new byte[100], new byte[4_000_000]]);

    private static Task<LaneRunner> OpenAsync(Uri target, int connections = 1, int slots = 64)
        => LaneRunner.OpenAsync(LaneRunner.Plan(target, connections, slots, Operation));

    [Fact]
    public async Task No_call_is_lost_or_counted_twice_when_the_server_says_GOAWAY_after_every_100_requests()
    {
        const int Calls = 5_000;
        using var server = new ScriptedServer { GoAwayAfter = 100 };
        await using LaneRunner runner = await OpenAsync(server.Address, connections: 2, slots: 32);

        List<CallEvent> ended = [];
        for (int i = 0; i < Calls; i++)
        {
            runner.Start(ended);
        }

        runner.PollUntil(ended, Calls);
        ended.ShouldAllBe(e => e.Failure == Failure.None);
        server.Answered.ShouldBe(Calls);
        DriverCounters counters = runner.Driver.Counters;
        counters.GoAways.ShouldBeGreaterThanOrEqualTo(Calls / 100 - 2);
        counters.CallsMoved.ShouldBePositive();
        counters.ConnectionsLost.ShouldBe(0);
    }

    [Fact]
    public async Task Target_that_asks_for_calm_is_given_a_pause_and_no_call_is_lost()
    {
        const int Calls = 100;
        using var server = new ScriptedServer { GoAwayAfter = 10, GoAwayCode = 11 };
        await using LaneRunner runner = await OpenAsync(server.Address, slots: 8);

        List<CallEvent> ended = [];
        for (int i = 0; i < Calls; i++)
        {
            runner.Start(ended);
        }

        runner.PollUntil(ended, Calls);
        ended.ShouldAllBe(e => e.Failure == Failure.None);
        DriverCounters counters = runner.Driver.Counters;
        counters.GoAwaysToCalm.ShouldBe(counters.GoAways);
        counters.GoAways.ShouldBeGreaterThanOrEqualTo(Calls / 10 - 1);
        counters.ConnectionsReplaced.ShouldBe(counters.ConnectionsOpened - 1);
    }

    [Fact]
    public async Task Connections_are_opened_at_the_rate_that_the_plan_allows()
    {
        using var server = new ScriptedServer();
        var clock = new MonotonicClock();
        CallPlan plan = LaneRunner.Plan(server.Address, connections: 5, operations: Operation) with
        {
            Connect = new ConnectPlan { RatePerSecond = 20 },
        };
        await using LaneRunner runner = await LaneRunner.OpenAsync(plan);

        clock.NowNs.ShouldBeGreaterThanOrEqualTo(4 * 50_000_000, "four intervals between five connections");
        server.Connections.ShouldBe(5);
    }

    [Fact]
    public async Task Calls_end_as_unavailable_and_the_lane_reconnects_when_connections_are_reset()
    {
        using var server = new ScriptedServer { DropAfter = 10 };
        await using LaneRunner runner = await OpenAsync(server.Address);

        int answered = 0;
        int lost = 0;
        long end = runner.In(10);
        while (answered < 50 && runner.Clock.NowNs < end)
        {
            List<CallEvent> ended = [];
            var call = new CallStart(0, 0, 0, 0, runner.In(5));
            if (runner.Lane.TryStart(call) == StartResult.Started)
            {
                runner.PollUntil(ended, 1);
                answered += ended[0].Failure == Failure.None ? 1 : 0;
                lost += ended[0].Failure == Failure.Connection ? 1 : 0;
            }
            else
            {
                runner.Poll(ended, 0.005);
            }
        }

        answered.ShouldBe(50);
        runner.Driver.Counters.ConnectionsOpened.ShouldBeGreaterThanOrEqualTo(5);
        runner.Driver.Counters.ConnectionsLost.ShouldBeGreaterThanOrEqualTo(4);
        lost.ShouldBeLessThanOrEqualTo(10, "one call per connection at most: its answer may go down with the reset");
    }

    [Fact]
    public async Task Calls_in_flight_end_and_new_ones_are_refused_when_the_server_dies_until_it_is_back()
    {
        var server = new ScriptedServer { DropAfter = 1_000_000 };
        int port = server.Port;
        await using LaneRunner runner = await OpenAsync(server.Address, connections: 3);
        runner.Call().Failure.ShouldBe(Failure.None);

        server.Dispose();
        List<CallEvent> none = [];
        var call = new CallStart(63, 0, 0, 0, runner.In(60));
        long end = runner.In(5);
        while (runner.Lane.TryStart(call) == StartResult.Started && runner.Clock.NowNs < end)
        {
            List<CallEvent> ended = [];
            runner.PollUntil(ended, 1);
            ended[0].ShouldSatisfyAllConditions(
                e => e.Failure.ShouldBe(Failure.Connection), e => e.Status.ShouldBe(GrpcStatus.Unavailable));
        }

        runner.Lane.TryStart(call).ShouldBe(StartResult.NoConnection);
        using var again = new ScriptedServer(port);
        end = runner.In(10);
        while (runner.Lane.TryStart(call) != StartResult.Started && runner.Clock.NowNs < end)
        {
            runner.Poll(none, 0.01);
        }

        List<CallEvent> back = [];
        runner.PollUntil(back, 1);
        back[0].Failure.ShouldBe(Failure.None);
    }

    [Fact]
    public async Task Request_goes_on_when_the_socket_was_full_for_a_while()
    {
        using var server = new ScriptedServer { ReadsAfter = TimeSpan.FromMilliseconds(300) };
        await using LaneRunner runner = await OpenAsync(server.Address);

        List<CallEvent> ended = [];
        for (int i = 0; i < 3; i++)
        {
            runner.Start(ended, payload: 1);
        }

        runner.PollUntil(ended, 3);
        ended.ShouldAllBe(e => e.Failure == Failure.None);
    }

    [Fact]
    public async Task Prepare_says_refused_when_nothing_listens()
    {
        using var closed = new ClosedPort();
        TargetException e = await Should.ThrowAsync<TargetException>(() => OpenAsync(new Uri($"http://127.0.0.1:{closed.Number}")));
        e.Message.ShouldContain("refused");
    }

    [Fact]
    public async Task Prepare_says_that_SETTINGS_are_missing_when_the_server_is_silent()
    {
        using var server = new ScriptedServer { IsSilent = true };
        CallPlan plan = LaneRunner.Plan(server.Address, operations: Operation) with { ConnectTimeout = TimeSpan.FromMilliseconds(200) };
        TargetException e = await Should.ThrowAsync<TargetException>(() => LaneRunner.OpenAsync(plan));
        e.Message.ShouldContain("no HTTP/2 SETTINGS within 0.2 s");
    }

    [Theory]
    [InlineData("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n", "answered HTTP/1.1")]
    [InlineData("\u0015\u0003\u0001\u0000\u0002\u0002\u0046 and more", "TLS")]
    [InlineData("220 mail.example.org ESMTP\r\n", "the first frame is not SETTINGS")]
    [InlineData("", "the target closed the connection, before it sent HTTP/2 SETTINGS")]
    public async Task Prepare_says_what_answered_when_it_is_not_HTTP_2(string greeting, string expected)
    {
        using var server = new ScriptedServer { Greeting = Encoding.Latin1.GetBytes(greeting) };
        TargetException e = await Should.ThrowAsync<TargetException>(() => OpenAsync(server.Address));
        e.Message.ShouldContain(expected);
    }

    [Fact]
    public async Task Prepare_sends_TLS_targets_to_the_other_driver()
    {
        TargetException e = await Should.ThrowAsync<TargetException>(() => OpenAsync(new Uri("https://127.0.0.1:5001")));
        e.Message.ShouldContain("--driver http");
    }

    [Fact]
    public async Task Prepare_finds_the_address_that_answers_when_a_name_has_several()
    {
        using var server = new ScriptedServer();
        await using LaneRunner runner = await OpenAsync(new Uri($"http://localhost:{server.Port}"));
        runner.Call().Failure.ShouldBe(Failure.None);
    }
}
