using System.Text;
using SpikeBench.Core.Engine;
using SpikeBench.IntegrationTests.Target;

namespace SpikeBench.IntegrationTests.Grpc;

/// <summary>The unary interoperability cases of gRPC, asked by our driver of servers that others wrote, and of our own target.</summary>
public sealed class RawDriverInteropTests
{
    private const int ManyCalls = 500;
    private const int LargeRequest = 271_828;
    private const int LargeReply = 314_159;
    private const byte ResponseSizeTag = 2 << 3;
    private const int PaddedReply = 200;
    private const string StatusMessage = "test status message";
    private const string SpecialMessage = "\t\ntest with whitespace\r\nand Unicode BMP ☺ and non-BMP 😈\t\n";

    private static readonly PlannedOperation Empty = new("empty", "/grpc.testing.TestService/EmptyCall", [[]]);

    private static readonly PlannedOperation[] Operations =
    [
        Empty,
        new("large", "/grpc.testing.TestService/UnaryCall", [InteropMessages.Simple(LargeReply, LargeRequest)]),
        new("padded", "/grpc.testing.TestService/UnaryCall", [[ResponseSizeTag, 0xC8, 0x81, 0x80, 0x80, 0x00]]),
        new("status", "/grpc.testing.TestService/UnaryCall", [InteropMessages.Simple(status: (2, StatusMessage))]),
        new("special", "/grpc.testing.TestService/UnaryCall", [InteropMessages.Simple(status: (2, SpecialMessage))]),
        new("metadata", "/grpc.testing.TestService/UnaryCall", [InteropMessages.Simple(fillUsername: true)]),
        new("compressed", "/grpc.testing.TestService/UnaryCall", [InteropMessages.Simple(LargeReply, LargeRequest, responseCompressed: true)]),
        new("method", "/grpc.testing.TestService/UnimplementedCall", [[]]),
        new("service", "/grpc.testing.UnimplementedService/UnimplementedCall", [[]]),
        new("sleep", "/grpc.testing.TestService/StreamingOutputCall", [InteropMessages.Stream(1, TimeSpan.FromMinutes(1))]),
        new("two", "/grpc.testing.TestService/StreamingOutputCall", [InteropMessages.Stream(2, TimeSpan.Zero)]),
    ];

    [ServerFact(ForeignServer.Python)]
    public Task Driver_passes_every_case_against_Python_on_the_C_core() => PassAsync(ForeignServer.Python, compressesAnyway: true);

    [ServerFact(ForeignServer.Cpp)]
    public Task Driver_passes_every_case_against_Cpp() => PassAsync(ForeignServer.Cpp, compressesAnyway: true);

    [ServerFact(ForeignServer.Go)]
    public Task Driver_passes_every_case_against_grpc_go() => PassAsync(ForeignServer.Go);

    [ServerFact(ForeignServer.Node)]
    public Task Driver_passes_every_case_against_grpc_js() => PassAsync(ForeignServer.Node);

    [Fact]
    public async Task Driver_passes_every_case_against_our_target()
    {
        await using TargetRun target = await TargetRun.StartAsync("--interop", "--store", "memory");
        await using LaneRunner runner = await OpenAsync(target.Address);
        AskAll(runner, echoesRun: false, compressesAnyway: false);
    }

    [ServerFact(ForeignServer.Nginx)]
    public async Task No_call_is_lost_or_counted_twice_when_nginx_says_GOAWAY_after_every_1000_requests()
    {
        const int Calls = 5_000;
        await using ForeignServer server = await ForeignServer.StartAsync(ForeignServer.Go);
        await using ForeignServer nginx = await ForeignServer.StartNginxAsync(server.Address);
        await using LaneRunner runner = await LaneRunner.OpenAsync(LaneRunner.Plan(nginx.Address, connections: 2, slots: 64, Empty));

        List<CallEvent> ended = [];
        for (int i = 0; i < Calls; i++)
        {
            runner.Start(ended, deadlineSeconds: 60);
        }

        runner.PollUntil(ended, Calls, seconds: 60);
        ended.ShouldAllBe(e => e.Failure == Failure.None);
        DriverCounters counters = runner.Driver.Counters;
        counters.GoAways.ShouldBeGreaterThanOrEqualTo(Calls / 1000 - 2);
        counters.ConnectionsLost.ShouldBe(0);
        (await server.StopAsync()).Seen.ShouldBe(Calls);
    }

    private static Task<LaneRunner> OpenAsync(Uri address) => LaneRunner.OpenAsync(LaneRunner.Plan(address, connections: 2, slots: 64, Operations));

    private static async Task PassAsync(string peer, bool compressesAnyway = false)
    {
        await using ForeignServer server = await ForeignServer.StartAsync(peer);
        await using LaneRunner runner = await OpenAsync(server.Address);
        int reached = AskAll(runner, echoesRun: true, compressesAnyway);
        runner.Driver.Counters.ConnectionsLost.ShouldBe(0);
        (await server.StopAsync()).ShouldBe((reached, 2), "calls that reached a handler; sleepers that were told of the time-out and the cancellation");
    }

    /// <summary>All cases on one lane, one after the other; how many of the calls should have reached a handler.</summary>
    private static int AskAll(LaneRunner runner, bool echoesRun, bool compressesAnyway)
    {
        Ask(runner, "empty").ShouldBe((Failure.None, GrpcStatus.Ok, ""));
        Ask(runner, "large", reply => InteropMessages.ReadSimple(reply).Body.ShouldBe(LargeReply)).ShouldBe((Failure.None, GrpcStatus.Ok, ""));

        // A number that each call writes over has five bytes, whatever its value.
        Ask(runner, "padded", reply => InteropMessages.ReadSimple(reply).Body.ShouldBe(PaddedReply)).ShouldBe((Failure.None, GrpcStatus.Ok, ""));
        Ask(runner, "status").ShouldBe((Failure.Status, GrpcStatus.Unknown, StatusMessage));
        Ask(runner, "special").ShouldBe((Failure.Status, GrpcStatus.Unknown, SpecialMessage));
        Ask(runner, "metadata", reply => InteropMessages.ReadSimple(reply).Username.ShouldBe(echoesRun ? "test-run" : ""))
            .ShouldBe((Failure.None, GrpcStatus.Ok, ""));

        // We accept no compression: what the handler asks for must not be done. The C core does it nevertheless, and is refused.
        StatusOf(Ask(runner, "compressed", reply => InteropMessages.ReadSimple(reply).Body.ShouldBe(LargeReply)))
            .ShouldBe(compressesAnyway ? (Failure.Protocol, GrpcStatus.Internal) : (Failure.None, GrpcStatus.Ok));
        StatusOf(Ask(runner, "method")).ShouldBe((Failure.Status, GrpcStatus.Unimplemented));
        StatusOf(Ask(runner, "service")).ShouldBe((Failure.Status, GrpcStatus.Unimplemented));
        StatusOf(Ask(runner, "two")).ShouldBe((Failure.Protocol, GrpcStatus.Internal));
        StatusOf(Ask(runner, "sleep", deadlineSeconds: 2)).ShouldBe((Failure.Timeout, GrpcStatus.DeadlineExceeded));
        Cancel(runner);

        List<CallEvent> many = [];
        for (int i = 0; i < ManyCalls; i++)
        {
            runner.Start(many, deadlineSeconds: 60);
        }

        runner.PollUntil(many, ManyCalls, seconds: 60);
        many.ShouldAllBe(e => e.Failure == Failure.None);
        const int Single = 10;
        return Single + ManyCalls;
    }

    private static void Cancel(LaneRunner runner)
    {
        List<CallEvent> ended = [];
        int slot = runner.Start(ended, OperationOf("sleep"), deadlineSeconds: 60);
        for (long until = runner.In(2); runner.Clock.NowNs < until;)
        {
            runner.Poll(ended, 0.1);
        }

        ended.ShouldBeEmpty();
        runner.Lane.Cancel(slot);
        runner.PollUntil(ended, 1);
        (ended[0].Failure, ended[0].Status).ShouldBe((Failure.Cancelled, GrpcStatus.Cancelled));
    }

    private static (Failure Failure, byte Status, string Text) Ask(
        LaneRunner runner, string operation, Action<ReadOnlySpan<byte>>? check = null, double deadlineSeconds = 60)
    {
        CallEvent end = runner.Call(OperationOf(operation), deadlineSeconds: deadlineSeconds);
        if (end.Failure == Failure.None)
        {
            check?.Invoke(runner.Lane.Reply(end));
        }

        return (end.Failure, end.Status, Encoding.UTF8.GetString(runner.Lane.StatusMessage(end)));
    }

    private static (Failure Failure, byte Status) StatusOf((Failure Failure, byte Status, string Text) end) => (end.Failure, end.Status);

    private static int OperationOf(string name) => Array.FindIndex(Operations, o => o.Name == name);
}
