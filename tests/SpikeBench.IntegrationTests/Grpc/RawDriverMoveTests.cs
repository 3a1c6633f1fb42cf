using System.Net;
using SpikeBench.Core.Engine;

namespace SpikeBench.IntegrationTests.Grpc;

/// <summary>Connections that follow a name's addresses: they move in peace, and no call is lost on the way.</summary>
public sealed class RawDriverMoveTests
{
    [Fact]
    public async Task Calls_go_on_over_the_old_connection_until_the_new_one_stands()
    {
        await using KestrelTarget old = await KestrelTarget.StartAsync();
        await using KestrelTarget next = await KestrelTarget.StartAsync();
        await using LaneRunner runner = await LaneRunner.OpenAsync(
            LaneRunner.Plan(old.Address, connections: 2, slots: 64, new PlannedOperation("Echo", "/test.Target/Echo", [[1, 2, 3]])));
        List<CallEvent> ended = [];
        int started = 0;
        void Call(int calls)
        {
            for (int i = 0; i < calls; i++, started++)
            {
                runner.Start(ended);
            }
        }

        Call(50);
        EndPoint[] places = [new IPEndPoint(IPAddress.Loopback, next.Address.Port), new IPEndPoint(IPAddress.Loopback, old.Address.Port)];
        runner.Lane.Move(places);
        Call(50);
        long end = runner.In(20);
        while (next.Echoed == 0 && runner.Clock.NowNs < end)
        {
            Call(10);
            runner.PollUntil(ended, started);
        }

        runner.Lane.Move([places[0], places[0]]);
        while (runner.Driver.Counters.ConnectionsReplaced < 2 && runner.Clock.NowNs < end)
        {
            runner.Poll(ended, 0.05);
        }

        int before = old.Echoed;
        Call(50);
        runner.PollUntil(ended, started);

        ended.ShouldAllBe(e => e.Failure == Failure.None);
        old.Echoed.ShouldBe(before, "both connections have moved");
        (old.Echoed + next.Echoed).ShouldBe(started);
        DriverCounters counters = runner.Driver.Counters;
        (counters.ConnectionsReplaced, counters.ConnectionsLost, counters.ConnectionsFailed).ShouldBe((2, 0, 0));
    }

    [Fact]
    public async Task A_Unix_socket_serves_as_well_as_a_port()
    {
        string path = Path.Combine(Directory.CreateTempSubdirectory("spikebench-test-").FullName, "echo.sock");
        await using KestrelTarget target = await KestrelTarget.StartAsync(configure: k => k.ListenUnixSocket(path, l => l.Protocols = Microsoft.AspNetCore.Server.Kestrel.Core.HttpProtocols.Http2));
        await using LaneRunner runner = await LaneRunner.OpenAsync(
            LaneRunner.Plan(new Uri($"unix://{path}"), connections: 3, slots: 64, new PlannedOperation("Echo", "/test.Target/Echo", [[1, 2, 3]])));
        List<CallEvent> ended = [];
        for (int i = 0; i < 300; i++)
        {
            runner.Start(ended);
        }

        runner.PollUntil(ended, 300);
        ended.ShouldAllBe(e => e.Failure == Failure.None);
        target.Echoed.ShouldBe(300);
        target.LastHeaders.Host.ToString().ShouldBe("localhost");
    }
}
