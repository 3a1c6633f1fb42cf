using System.Diagnostics;
using System.Globalization;
using SpikeBench.Cli;
using SpikeBench.Core.Recording;
using SpikeBench.Core.Verdict;
using SpikeBench.IntegrationTests.Grpc;

namespace SpikeBench.IntegrationTests.Cli;

/// <summary>
/// Faults done to a real generator while it runs, against a target that answers and one that answers every call with INTERNAL. What the
/// fault alone made bad is no FAIL; what the target did is one all the same. A busy machine may add faults of its own: they cannot
/// turn these verdicts round.
/// </summary>
public sealed class GeneratorFaultRunTests : IDisposable
{
    private const int Internal = 13;
    private const double DeadlineSeconds = 2;

    private const string Profile = """
        name: fault
        reference: {rate: 300/s, window: 1s, what: "test"}
        load:
          - hold: {rate: 1x, for: 6s, phase: all}
        operations:
          - {name: send, weight: 1, call: spikebench.messenger.v1.Messenger/Send, payload: {sender: "a", room: "1", text: "t"}}
        slo:
          - {phase: all, errors: "<= 1%"}
          - {phase: all, p95: "<= 1s"}
        client: {deadline: 2s, connections: 2}
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("spikebench-test-").FullName;
    private readonly string _profile;

    public GeneratorFaultRunTests()
    {
        _profile = Path.Combine(_folder, "profile.yaml");
        File.WriteAllText(_profile, Profile);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(0, Outcome.Invalid)]
    [InlineData(Internal, Outcome.Fail)]
    public async Task A_process_stopped_beyond_the_deadline(int status, Outcome expected)
    {
        using var server = new ScriptedServer { Status = status };
        using SpikeBenchProcess process = Start(server);
        await process.WaitForAsync(" 2 s ");
        process.Signal("STOP");
        await Task.Delay(TimeSpan.FromSeconds(DeadlineSeconds + 0.5));
        process.Signal("CONT");
        (RunRecord run, RunVerdict verdict) = await EndAsync(process);

        // Calls due in the first half second of the stop had expired when it was over.
        run.Cells.Sum(0, run.Cells.Grid.PlanCells, -1, CellField.TimedOut).ShouldBeGreaterThan(100);
        Broken(verdict).ShouldContain("V2");
        Broken(verdict).ShouldContain("V3");
        verdict.Outcome.ShouldBe(expected, Text(verdict));
        if (expected == Outcome.Invalid)
        {
            verdict.Slos.Single(s => s.Rule.ThresholdNs is null).Outcome.ShouldBe(Outcome.Invalid, "time-outs that nobody sent are no errors of the target");
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(Internal)]
    public async Task A_processor_that_others_use(int status)
    {
        // The worker's processor gets six more to serve, for three of the six seconds.
        string cpu = AllowedCpu();
        using var server = new ScriptedServer { Status = status };
        using SpikeBenchProcess process = Start(server, "--pin", cpu);
        await process.WaitForAsync(" 1 s ");
        using Process burners = Process.Start("taskset", ["-c", cpu, "bash", "-c", "for i in 1 2 3 4 5 6; do timeout 3 bash -c 'while :; do :; done' & done; wait"]);
        (_, RunVerdict verdict) = await EndAsync(process);
        await burners.WaitForExitAsync();
        Broken(verdict).ShouldContain("V6");
        verdict.Outcome.ShouldBeOneOf(status == 0 ? [Outcome.Pass, Outcome.Invalid] : [Outcome.Fail], Text(verdict));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(Internal)]
    public async Task A_storm_of_collections(int status)
    {
        // Youngest objects get 64 kB: the http driver fills that a hundred times a second.
        var starved = new Dictionary<string, string> { ["DOTNET_GCGen0MaxBudget"] = "0x10000", ["DOTNET_gcConcurrent"] = "0" };
        await File.WriteAllTextAsync(_profile, Profile.Replace("p95: \"<= 1s\"", "p95: \"<= 10ms\"", StringComparison.Ordinal));
        using var server = new ScriptedServer { Status = status };
        using SpikeBenchProcess process = SpikeBenchProcess.Start(starved, [.. Arguments(server), "--driver", "http"]);
        (RunRecord run, RunVerdict verdict) = await EndAsync(process);
        run.Summary.Health.Collections.ShouldBeGreaterThan(40);
        Broken(verdict).ShouldContain("V7");
        verdict.Outcome.ShouldBeOneOf(status == 0 ? [Outcome.Pass, Outcome.Invalid] : [Outcome.Fail], Text(verdict));
    }

    [Theory]
    [InlineData(0, Outcome.Invalid)]
    [InlineData(Internal, Outcome.Fail)]
    public async Task Descriptors_used_up(int status, Outcome expected)
    {
        // Connections are sent away in peace after 100 answers each; while no new ones can be made, calls find none.
        using var server = new ScriptedServer { Status = status, GoAwayAfter = 100 };
        using SpikeBenchProcess process = Start(server);
        await process.WaitForAsync(" 1 s ");
        await LimitAsync(process, 16);
        await process.WaitForAsync(" 4 s ");
        await LimitAsync(process, 4096);
        (RunRecord run, RunVerdict verdict) = await EndAsync(process);
        run.Summary.Driver.LocalFailures!.Value.ShouldBeGreaterThan(0);
        Broken(verdict).ShouldContain("V9");
        verdict.Outcome.ShouldBe(expected, Text(verdict));
    }

    /// <summary>The run's own token command lowers the limit to a few descriptors above those in use: the connections of the probe take them all.</summary>
    [Theory]
    [InlineData("raw")]
    [InlineData("http")]
    public async Task Descriptors_used_up_before_the_load_are_the_generators_fault(string driver)
    {
        using var server = new ScriptedServer();
        (int code, string output, string error) = await SpikeBenchProcess.RunAsync(
            ["run", _profile, "--target", server.Address.ToString(), "--out", _folder, "--no-calibrate", "--workers", "1", "--ui", "none", "--driver", driver,
            "--set", "client.connections=64", "--token-command", "prlimit --pid $PPID --nofile=$(($(ls /proc/$PPID/fd | wc -l) + 30)):; echo token"]);
        code.ShouldBe(ExitCodes.Invalid, error);
        output.ShouldBeEmpty();
        error.ShouldBe($"spikebench: this machine refused a connection to {server.Address}: no descriptor is left for a socket (ulimit -n). Use fewer (client.connections) or free some; see 'spikebench doctor'\n");
    }

    [Theory]
    [InlineData(1, Outcome.Invalid)]
    [InlineData(12, Outcome.Fail)]
    public async Task A_cap_on_connections(int connections, Outcome expected)
    {
        // 100 calls at once on a connection, one after the other at 15 ms: one connection carries 67/s of 300. That is our doing. Twelve
        // are what the peak asks for; where their target still takes longer than a second, it is the target's.
        using var server = new ScriptedServer { MaxStreams = 100, AnswersAfter = TimeSpan.FromMilliseconds(connections == 1 ? 15 : 150) };
        using SpikeBenchProcess process = Start(server, "--set", $"client.connections={connections}");
        (RunRecord run, RunVerdict verdict) = await EndAsync(process);
        run.Summary.Driver.StreamsPerConnection.ShouldBe(100);
        verdict.Checks.Single(c => c.Id == "V8").Holds.ShouldBe(connections > 1);
        verdict.Outcome.ShouldBe(expected, Text(verdict));
    }

    /// <summary>What .NET's client would keep waiting inside, unseen, is counted: the peer's SETTINGS say how many calls it takes at once.</summary>
    [Fact]
    public async Task A_peer_of_ten_streams_behind_the_http_driver()
    {
        using var server = new ScriptedServer { MaxStreams = 10, AnswersAfter = TimeSpan.FromMilliseconds(15) };
        using SpikeBenchProcess process = Start(server, "--driver", "http", "--set", "client.connections=1");
        (RunRecord run, RunVerdict verdict) = await EndAsync(process);
        run.Summary.Driver.StreamsPerConnection.ShouldBe(10);
        run.Cells.Sum(0, run.Cells.Grid.PlanCells, -1, CellField.StreamWaited).ShouldBeGreaterThan(0);
        verdict.Checks.Single(c => c.Id == "V8").Holds.ShouldBeFalse();
        verdict.Outcome.ShouldBe(Outcome.Invalid, Text(verdict));
    }

    /// <summary>Whatever the target did: times of a clock that jumps are no times.</summary>
    [Fact]
    public async Task A_step_of_the_wall_clock()
    {
        using var server = new ScriptedServer { Status = Internal };
        var time = new SteppingTime(TimeSpan.FromMilliseconds(50));
        using var output = new StringWriter { NewLine = "\n" };
        using var error = new WatchedWriter(" 2 s ", time.Step);
        int code = await SpikeBenchCommand.RunAsync(Arguments(server), new Terminal(output, error), time);
        RunVerdict verdict = Judge.Decide(RunFolder.Read(Directory.GetDirectories(_folder).Single()));
        code.ShouldBe(ExitCodes.Invalid, output.ToString() + error);
        verdict.Checks.Single(c => c.Id == "V10").Holds.ShouldBeFalse();
    }

    private SpikeBenchProcess Start(ScriptedServer server, params string[] more) => SpikeBenchProcess.Start([.. Arguments(server), .. more]);

    private string[] Arguments(ScriptedServer server) =>
        ["run", _profile, "--target", server.Address.ToString(), "--out", _folder, "--no-calibrate", "--workers", "1", "--ui", "plain"];

    private async Task<(RunRecord Run, RunVerdict Verdict)> EndAsync(SpikeBenchProcess process)
    {
        (int code, string output, string error) = await process.EndAsync();
        RunRecord run = RunFolder.Read(Directory.GetDirectories(_folder).Single());
        RunVerdict verdict = Judge.Decide(run);
        code.ShouldBe(ExitCodes.Of(verdict.Outcome), output + error);
        return (run, verdict);
    }

    private static string[] Broken(RunVerdict verdict) => [.. verdict.Checks.Where(c => !c.Holds).Select(c => c.Id)];

    private static string Text(RunVerdict verdict) =>
        string.Join('\n', [verdict.Headline, .. verdict.Reasons, .. verdict.Checks.Where(c => !c.Holds).Select(c => $"{c.Id}: {c.Measured}; {c.Bound}")]);

    private static async Task LimitAsync(SpikeBenchProcess process, int files)
    {
        using Process limit = Process.Start("prlimit", ["--pid", process.Id.ToString(CultureInfo.InvariantCulture), $"--nofile={files}:"]);
        await limit.WaitForExitAsync();
        limit.ExitCode.ShouldBe(0);
    }

    /// <summary>The last processor that this process may use.</summary>
    private static string AllowedCpu()
    {
        string list = File.ReadLines("/proc/self/status").Single(l => l.StartsWith("Cpus_allowed_list:", StringComparison.Ordinal)).Split('\t')[1];
        return list.Split(',', '-')[^1].Trim();
    }

    /// <summary>The system's time, which is set forward once.</summary>
    private sealed class SteppingTime(TimeSpan by) : TimeProvider
    {
        private int _steps;

        public void Step() => Volatile.Write(ref _steps, 1);

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Volatile.Read(ref _steps) * by;
    }

    /// <summary>Acts when a line has a text.</summary>
    private sealed class WatchedWriter(string text, Action act) : StringWriter
    {
        public override void WriteLine(string? value)
        {
            base.WriteLine(value);
            if (value?.Contains(text, StringComparison.Ordinal) == true)
            {
                act();
            }
        }
    }
}
