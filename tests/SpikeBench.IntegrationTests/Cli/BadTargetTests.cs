using System.Text;
using SpikeBench.Cli;
using SpikeBench.Core.Recording;
using SpikeBench.Core.Verdict;
using SpikeBench.IntegrationTests.Grpc;

namespace SpikeBench.IntegrationTests.Cli;

/// <summary>
/// Targets that misbehave in every way we know: before T0 that is exit 4 with the reason, afterwards it is an outcome, and every call is in
/// the books. All of them at once, at a few calls a second, so that the wait is one run's.
/// </summary>
[Collection(MachineToItself.Name)]
public sealed class BadTargetTests : IDisposable
{
    private const string Profile = """
        name: bad-target
        reference: {rate: 50/s, window: 1s, what: "test"}
        load:
          - hold: {rate: 1x, for: 2s, phase: all}
        operations:
          - {name: send, weight: 1, call: spikebench.messenger.v1.Messenger/Send, payload: {sender: "a", room: "1", text: "t"}}
        slo:
          - {phase: all, errors: "<= 10%"}
        client: {deadline: 300ms, connections: 2}
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("spikebench-test-").FullName;
    private readonly string _profile;

    public BadTargetTests()
    {
        _profile = Path.Combine(_folder, "profile.yaml");
        File.WriteAllText(_profile, Profile);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Every_kind_of_broken_target_is_an_outcome_with_balanced_books()
    {
        using var dies = new ScriptedServer { DiesAfter = 130 };
        using var mute = new ScriptedServer { IsMute = true };
        using var resets = new ScriptedServer { ResetsStreams = true };
        using var slow = new ScriptedServer { AnswersAfter = TimeSpan.FromMilliseconds(400) };
        using var garbles = new ScriptedServer { GarbageAfter = 5 };
        using var refuses = new ScriptedServer { Status = 8 };
        (string Name, ScriptedServer Server, string[] Says)[] targets =
        [
            ("dies", dies, ["UNAVAILABLE"]),
            ("hangs", mute, ["timed out", "OK 0", "ok 0"]),
            ("resets", resets, ["INTERNAL"]),
            ("late", slow, ["timed out"]),
            ("garbage", garbles, ["UNAVAILABLE", "INTERNAL"]),
            ("refuses", refuses, ["RESOURCE_EXHAUSTED"]),
        ];

        (int Code, string Output, string Error)[] ends = await Task.WhenAll(targets.Select(t => RunAsync(t.Name, t.Server.Address)));

        for (int i = 0; i < targets.Length; i++)
        {
            (string name, _, string[] says) = targets[i];
            (int code, string output, string error) = ends[i];
            code.ShouldBe(ExitCodes.Fail, $"{name}: {output}{error}");

            // Of a target that takes no call at all the warm-up knows it already.
            string[] warnings = error.Split('\n', StringSplitOptions.RemoveEmptyEntries);
            warnings.ShouldAllBe(w => w.StartsWith("warning: warm-up calls failed: all ", StringComparison.Ordinal), name);
            warnings.Length.ShouldBeInRange(name is "hangs" or "refuses" ? 1 : 0, 1, name);
            output.ShouldStartWith("FAIL: ", Case.Sensitive, name);
            says.Any(s => output.Contains(s, StringComparison.Ordinal)).ShouldBeTrue($"{name}: {output}");
            RunRecord run = RunFolder.Read(Directory.GetDirectories(Path.Combine(_folder, name)).Single());
            Judge.Decide(run).Checks.Single(c => c.Id == "V1").Holds.ShouldBeTrue(name);
            run.ErrorSeconds!.Statuses.Sum(s => Enumerable.Range(0, run.ErrorSeconds.Count).Sum(second => run.ErrorSeconds[second, s]))
                .ShouldBe(run.Cells.Sum(0, run.Cells.Grid.PlanCells, -1, CellField.Error), name);
        }
    }

    [Fact]
    public async Task What_is_no_target_at_all_is_exit_4_with_the_reason_and_leaves_nothing_behind()
    {
        using var http1 = new ScriptedServer { Greeting = "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"u8.ToArray() };
        using var tls = new ScriptedServer { Greeting = Encoding.Latin1.GetBytes("\u0015\u0003\u0001\u0000\u0002\u0002\u0046 and more") };
        using var mail = new ScriptedServer { Greeting = "220 mail.example.org ESMTP\r\n"u8.ToArray() };
        using var stranger = new ScriptedServer { Status = 12 };
        (string Name, ScriptedServer Server, string Driver, string Says)[] targets =
        [
            ("http1", http1, "raw", "HTTP/1.1"),
            ("tls", tls, "raw", "TLS"),
            ("mail", mail, "raw", "SETTINGS"),
            ("stranger", stranger, "raw", "answered UNIMPLEMENTED to every warm-up call of spikebench.messenger.v1.Messenger/Send"),
            ("http1-http", http1, "http", "speaks HTTP/1 only: gRPC needs HTTP/2; give its gRPC port"),
            ("tls-http", tls, "http", "speaks TLS: write https://"),
            ("mail-http", mail, "http", "does not speak HTTP/2: check the address and the port"),
        ];

        (int Code, string Output, string Error)[] ends = await Task.WhenAll(targets.Select(t => RunAsync(t.Name, t.Server.Address, t.Driver)));

        for (int i = 0; i < targets.Length; i++)
        {
            (string name, ScriptedServer server, _, string says) = targets[i];
            ends[i].Code.ShouldBe(ExitCodes.TargetUnreachable, name + ends[i].Error);
            ends[i].Output.ShouldBeEmpty(name);
            ends[i].Error.ShouldContain(says);
            ends[i].Error.ShouldContain(server.Address.Authority);
            ends[i].Error.TrimEnd().ShouldNotContain("\n", Case.Sensitive, name);
            Directory.GetDirectories(Path.Combine(_folder, name)).ShouldBeEmpty(name);
        }
    }

    [Fact]
    public async Task A_messenger_whose_port_is_taken_says_so_in_one_line()
    {
        using var taken = new ScriptedServer();
        (int code, string output, string error) = await SpikeBenchProcess.RunAsync("target", "--", "--listen", $"127.0.0.1:{taken.Port}");

        code.ShouldBe(ExitCodes.OurBug, "the messenger's own exit code for 'could not run'");
        output.ShouldBeEmpty();
        error.ShouldBe($"--listen 127.0.0.1:{taken.Port}: Failed to bind to address http://127.0.0.1:{taken.Port}: address already in use.\n");
    }

    private async Task<(int Code, string Output, string Error)> RunAsync(string name, Uri target, string driver = "raw")
    {
        using var output = new StringWriter { NewLine = "\n" };
        using var error = new StringWriter { NewLine = "\n" };
        string results = Path.Combine(_folder, name);
        Directory.CreateDirectory(results);
        int code = await SpikeBenchCommand.RunAsync(
            ["run", _profile, "--target", target.ToString(), "--driver", driver, "--workers", "1", "--no-calibrate", "--out", results, "--quiet"],
            new Terminal(output, TextWriter.Synchronized(error)), TimeProvider.System);
        return (code, output.ToString(), error.ToString());
    }
}
