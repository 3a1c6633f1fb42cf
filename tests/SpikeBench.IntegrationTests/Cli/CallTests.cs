using System.Text;
using System.Text.Json;
using SpikeBench.Cli;
using SpikeBench.IntegrationTests.Grpc;
using SpikeBench.IntegrationTests.Target;

namespace SpikeBench.IntegrationTests.Cli;

/// <summary><c>spikebench call</c> against our own target and against servers of others, with each way of knowing the contract.</summary>
public sealed class CallTests : IDisposable
{
    private const string Unary = "grpc.testing.TestService/UnaryCall";

    private readonly string _folder = Directory.CreateTempSubdirectory("spikebench-call-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static string Protos => Path.Combine(TargetRun.Root, "src", "SpikeBench.Target", "Protos");

    [Fact]
    public async Task Without_a_method_it_lists_and_with_one_it_calls_and_each_failure_is_one_line()
    {
        await using TargetRun target = await TargetRun.StartAsync("--interop");
        string address = target.Authority;

        (int code, string output, string error) = await CallAsync(address);
        code.ShouldBe(ExitCodes.Pass, error);
        output.ShouldContain("spikebench.messenger.v1.Messenger\n");
        output.ShouldContain("  Send(SendRequest) returns (SendReply)\n");
        output.ShouldContain("  FullDuplexCall(stream StreamingOutputCallRequest) returns (stream StreamingOutputCallResponse)\n");
        (await CallAsync(address, "grpc.testing.TestService")).Output.ShouldStartWith("grpc.testing.TestService\n  EmptyCall(Empty) returns (Empty)\n");

        (code, output, error) = await CallAsync(address, Unary, "-d", """{"responseSize": 3, "fill_username": true}""");
        code.ShouldBe(ExitCodes.Pass, error);
        JsonDocument.Parse(output).RootElement.GetProperty("payload").GetProperty("body").GetString().ShouldBe("AAAA");
        error.ShouldContain("contract: reflection v1\n");
        error.ShouldMatch("OK in .+: name none, connect .+, TLS none, first byte .+ after the start\n");
        error.ShouldContain("header content-type: application/grpc");
        error.ShouldContain("trailer grpc-status: 0");

        string request = Path.Combine(_folder, "request.json");
        await File.WriteAllTextAsync(request, """[{"payload": {"body": "AAAA"}}, {"payload": {"body": "AAAA"}}]""");
        (await CallAsync(address, "grpc.testing.TestService.StreamingInputCall", "-q", "-d", "@" + request)).Output.ShouldBe("{\n  \"aggregatedPayloadSize\": 6\n}\n");
        (await CallAsync(address, "grpc.testing.TestService/StreamingOutputCall", "-q", "-d", """{"responseParameters": [{"size": 1}, {"size": 2}]}""")).Output
            .Split("\"body\"").Length.ShouldBe(3);

        await FailsAsync(ExitCodes.Fail, "UnaryCall answered NOT_FOUND: 방이 없습니다", address, Unary, "-q", "-d", """{"responseStatus": {"code": 5, "message": "방이 없습니다"}}""");
        await FailsAsync(ExitCodes.Fail, "UnimplementedCall answered UNIMPLEMENTED", address, "grpc.testing.TestService/UnimplementedCall", "-q");
        await FailsAsync(ExitCodes.Usage, "it has EmptyCall, FullDuplexCall, StreamingInputCall, StreamingOutputCall, UnaryCall, UnimplementedCall; did you mean 'grpc.testing.TestService/UnaryCall'?", address, "grpc.testing.TestService/UnaryCal");
        await FailsAsync(ExitCodes.Usage, "has no service 'grpc.testing.TsetService'; it has", address, "grpc.testing.TsetService/UnaryCall");
        await FailsAsync(ExitCodes.Usage, "SimpleRequest.responseSize: expected int32, got \"many\"", address, Unary, "-d", """{"responseSize": "many"}""");
        await FailsAsync(ExitCodes.Usage, "SimpleRequest: is not JSON at line 1, column 2", address, Unary, "-d", "{responseSize: 3}");
        await FailsAsync(ExitCodes.Usage, "takes one request, got an array", address, Unary, "-d", "[{}, {}]");
    }

    [Fact]
    public async Task A_contract_from_files_needs_no_reflection_and_is_compiled_once()
    {
        await using TargetRun target = await TargetRun.StartAsync("--interop");
        string proto = Path.Combine(Protos, "interop", "test.proto"), broken = Path.Combine(_folder, "broken.proto");

        (int code, string output, string error) = await CallAsync(target.Authority, Unary, "--proto", proto, "--import-path", Protos, "-d", """{"response_size": 1}""");
        code.ShouldBe(ExitCodes.Pass, error);
        output.ShouldContain("\"AA==\"");
        error.ShouldContain("contract: test.proto\n");

        string set = Directory.GetFiles(Path.Combine(_folder, "cache", "contracts"), "*.protoset").Single();
        (await CallAsync(target.Authority, Unary, "-q", "--protoset", set, "-d", """{"response_size": 1}""")).Output.ShouldBe(output);

        // What is kept counts only while the files that it was made from are as they were.
        File.Copy(proto, Path.Combine(_folder, "test.proto"));
        string[] mine = [target.Authority, "grpc.testing.TestService", "--proto", Path.Combine(_folder, "test.proto")];
        (await CallAsync(mine)).Output.ShouldContain("  UnaryCall(");
        await File.WriteAllTextAsync(Path.Combine(_folder, "test.proto"), (await File.ReadAllTextAsync(proto)).Replace("UnaryCall(", "UniqueCall("));
        (await CallAsync(mine)).Output.ShouldContain("  UniqueCall(");

        await File.WriteAllTextAsync(broken, "syntax = \"proto3\";\nmessage A { B b = 1; }\nimport \"none.proto\";\n");
        await FailsAsync(ExitCodes.Usage, "broken.proto:3:1: Import \"none.proto\" was not found", target.Authority, Unary, "--proto", broken);
        await FailsAsync(ExitCodes.Usage, "--proto nothing.proto: there is no such file", target.Authority, Unary, "--proto", "nothing.proto");
        await FailsAsync(ExitCodes.Usage, "is not a set of descriptors but a .proto file: give it with --proto", target.Authority, Unary, "--protoset", proto);
    }

    [Fact]
    public async Task What_cannot_be_talked_to_is_exit_4_with_the_reason()
    {
        using var http1 = new ScriptedServer { Greeting = "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"u8.ToArray() };
        using var tls = new ScriptedServer { Greeting = Encoding.Latin1.GetBytes("\u0015\u0003\u0001\u0000\u0002\u0002\u0046 and more") };
        using var refuses = new ScriptedServer { Status = 12 };
        using var mute = new ScriptedServer { IsMute = true };
        using var closed = new ClosedPort();

        await FailsAsync(ExitCodes.TargetUnreachable, "speaks HTTP/1 only: gRPC needs HTTP/2", http1.Address.Authority, Unary);
        await FailsAsync(ExitCodes.TargetUnreachable, "speaks TLS: write https://", tls.Address.Authority, Unary);
        await FailsAsync(ExitCodes.TargetUnreachable, "does not offer server reflection (it answered UNIMPLEMENTED): give its contract with --protoset FILE or --proto FILE", refuses.Address.Authority, Unary);
        await FailsAsync(ExitCodes.TargetUnreachable, "did not answer within 0.3 s", mute.Address.Authority, Unary, "--deadline", "300ms");
        await FailsAsync(ExitCodes.TargetUnreachable, "nothing listens there", $"127.0.0.1:{closed.Number}", Unary);
        await FailsAsync(ExitCodes.TargetUnreachable, "does not resolve", "no-such-host.invalid:5000", Unary);
        await FailsAsync(ExitCodes.TargetUnreachable, "does not speak TLS: it is HTTP/2 in cleartext (h2c), write http://", "https://" + refuses.Address.Authority, Unary);
    }

    [ServerFact(ForeignServer.Cpp)]
    public Task The_contract_of_a_cpp_server_is_known_by_reflection() => CallsAForeignServerAsync(ForeignServer.Cpp, "reflection v1alpha");

    [ServerFact(ForeignServer.Node)]
    public Task The_contract_of_a_node_server_is_known_by_reflection() => CallsAForeignServerAsync(ForeignServer.Node, "reflection v1");

    [ServerFact(ForeignServer.Python)]
    public async Task A_server_without_reflection_says_what_to_give()
    {
        await using ForeignServer server = await ForeignServer.StartAsync(ForeignServer.Python);
        await FailsAsync(ExitCodes.TargetUnreachable, "does not offer server reflection", server.Address.Authority);
        (await CallAsync(server.Address.Authority, Unary, "-q", "--proto", Path.Combine(Protos, "interop", "test.proto"), "-I", Protos, "-d", """{"responseSize": 1}""")).Output.ShouldContain("\"AA==\"");
    }

    private async Task CallsAForeignServerAsync(string name, string contract)
    {
        await using ForeignServer server = await ForeignServer.StartAsync(name);
        (await CallAsync(server.Address.Authority)).Output.ShouldContain("  UnaryCall(SimpleRequest) returns (SimpleResponse)\n");
        (int code, string output, string error) = await CallAsync(server.Address.Authority, Unary, "-d", """{"responseSize": 3}""");
        code.ShouldBe(ExitCodes.Pass, error);
        output.ShouldContain("\"body\": \"AAAA\"");
        error.ShouldContain($"contract: {contract}\n");
        error.ShouldContain("trailer x-grpc-test-echo-trailing-bin");
        await FailsAsync(ExitCodes.Fail, "answered NOT_FOUND: 방", server.Address.Authority, Unary, "-q", "-d", """{"responseStatus": {"code": 5, "message": "방"}}""");
    }

    private async Task FailsAsync(int expected, string says, params string[] args)
    {
        (int code, _, string error) = await CallAsync(args);
        code.ShouldBe(expected, error);
        error.ShouldContain(says);
        error.ShouldStartWith("spikebench: ");
        error.TrimEnd().ShouldNotContain("\n");
    }

    private async Task<(int Code, string Output, string Error)> CallAsync(params string[] args)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var terminal = new Terminal(output, error) { Variable = name => name == "SPIKEBENCH_CACHE" ? Path.Combine(_folder, "cache") : null };
        int code = await SpikeBenchCommand.RunAsync(["call", .. args], terminal, TimeProvider.System);
        return (code, output.ToString(), error.ToString());
    }
}
