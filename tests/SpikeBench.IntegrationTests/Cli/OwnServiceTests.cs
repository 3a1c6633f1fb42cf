using SpikeBench.Cli;
using SpikeBench.Core.Recording;
using SpikeBench.IntegrationTests.Target;

namespace SpikeBench.IntegrationTests.Cli;

/// <summary>A load on a service whose contract is not built in: asked of the target, or read from files.</summary>
public sealed class OwnServiceTests : IDisposable
{
    private const string Mix = """
        name: own
        reference: {rate: 50/s, window: 1s, what: "test"}
        load:
          - hold: {rate: 1x, for: 2s, phase: all}
        operations:
          - {name: send, weight: 9, call: spikebench.messenger.v1.Messenger/Send, payload: {sender: "a", room: "1", text: "t"}}
          - {name: login, weight: 1, call: spikebench.messenger.v1.Messenger/Login, payload: {user: "a"}}
        slo:
          - {phase: all, operation: send, p99: "<= 900ms"}
          - {phase: all, operation: login, p99: "<= 900ms"}
        """;

    private const string WithContract = """
        name: own
        reference: {rate: 50/s, window: 1s, what: "test"}
        contract: {proto: test.proto}
        load:
          - hold: {rate: 1x, for: 2s, phase: all}
        operations:
          - {name: echo, call: grpc.testing.TestService/UnaryCall, payload: {response_size: "${uniform 1 9}"}}
        slo:
          - {phase: all, errors: "<= 1%"}
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("spikebench-own-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_method_of_any_service_is_called_by_the_contract_that_the_target_or_a_file_tells()
    {
        await using TargetRun target = await TargetRun.StartAsync("--interop");
        string mix = Write("mix.yaml", Mix), own = Write("own.yaml", WithContract);
        File.Copy(Path.Combine(target.Protos, "interop", "test.proto"), Path.Combine(_folder, "test.proto"));

        (int Code, string Output, string Error)[] ends = await Task.WhenAll(
            RunAsync("told", mix, target, "--call", "grpc.testing.TestService.UnaryCall", "-d", """{"responseSize": "${uniform 1 9}"}"""),
            RunAsync("read", own, target));

        ends[0].Error.ShouldContain("--call: the SLOs and rules of login are gone with that operation");
        ends[0].Error.ShouldContain("contract: reflection v1, sha256:");
        ends[1].Error.ShouldContain("contract: test.proto, sha256:");
        foreach ((string name, string operation, int end) in new[] { ("told", "UnaryCall", 0), ("read", "echo", 1) })
        {
            RunRecord run = RunFolder.Read(Directory.GetDirectories(Path.Combine(_folder, name)).Single());
            run.Summary.Plan.Operations.ShouldBe([operation]);
            run.Summary.Profile.Slo.Select(s => s.Operation).ShouldBe([name == "told" ? operation : "*"]);
            run.Cells.Sum(0, run.Cells.Grid.PlanCells, -1, CellField.Ok).ShouldBe(run.Summary.Plan.Planned.Sum(p => p.Sum()), ends[end].Output);
        }
    }

    [Fact]
    public async Task A_wrong_method_and_wrong_json_are_one_line_before_anything_is_offered()
    {
        await using TargetRun target = await TargetRun.StartAsync("--interop");
        string mix = Write("mix.yaml", Mix);
        const string call = "grpc.testing.TestService/UnaryCall";
        (string[] Args, string Says)[] mistakes =
        [
            (["--call", "grpc.testing.TestService/UnaryCal"], "did you mean 'grpc.testing.TestService/UnaryCall'?"),
            (["--call", "grpc.testing.Service/UnaryCall"], "has no service 'grpc.testing.Service'; it has"),
            (["--call", call, "-d", """{"response_size": "many"}"""], "response_size: expected int32, got \"many\""),
            (["--call", call, "-d", """{"size": 1}"""], "SimpleRequest has no such field"),
            (["--call", "grpc.testing.TestService/FullDuplexCall"], "streams"),
            (["-d", "{}"], "--data is the request of --call, which is not given"),
        ];
        (int Code, string Output, string Error)[] ends = await Task.WhenAll(mistakes.Select((m, i) => RunAsync($"wrong-{i}", mix, target, [.. m.Args, "--quiet"])));
        for (int i = 0; i < mistakes.Length; i++)
        {
            string error = ends[i].Error.Replace("--call: the SLOs and rules of login are gone with that operation\n", "", StringComparison.Ordinal);
            ends[i].Code.ShouldBe(ExitCodes.Usage, error);
            error.ShouldContain(mistakes[i].Says);
            error.TrimEnd().ShouldNotContain("\n");
            Directory.Exists(Path.Combine(_folder, $"wrong-{i}")).ShouldBeFalse();
        }
    }

    private Task<(int Code, string Output, string Error)> RunAsync(string name, string profile, TargetRun target, params string[] more) =>
        SpikeBenchProcess.RunAsync(["run", profile, "--target", target.Address.ToString(), "--no-calibrate", "--out", Path.Combine(_folder, name), .. more]);

    private string Write(string name, string text)
    {
        string path = Path.Combine(_folder, name);
        File.WriteAllText(path, text);
        return path;
    }
}
