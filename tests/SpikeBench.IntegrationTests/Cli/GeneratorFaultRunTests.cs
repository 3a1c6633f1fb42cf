using SpikeBench.Cli;
using SpikeBench.Core.Recording;
using SpikeBench.Core.Verdict;
using SpikeBench.IntegrationTests.Grpc;

namespace SpikeBench.IntegrationTests.Cli;

/// <summary>
/// Faults that a real generator is given: too few descriptors, connections or streams, and a clock that jumps. What the fault alone made bad
/// is no FAIL. A busy machine may add faults of its own: they cannot turn these verdicts round.
/// </summary>
public sealed class GeneratorFaultRunTests
{
    /// <summary>The run's own token command lowers the limit to a few descriptors above those in use: the connections of the probe take them all.</summary>
    [Theory]
    [InlineData("raw")]
    [InlineData("http")]
    public async Task Descriptors_used_up_before_the_load_are_the_generators_fault(string driver)
    {
        using var server = new ScriptedServer();
        using var fault = new FaultRun(server);
        (int code, string output, string error) = await SpikeBenchProcess.RunAsync(
            [.. fault.Arguments[..^1], "none", "--driver", driver,
            "--set", "client.connections=64", "--token-command", "prlimit --pid $PPID --nofile=$(($(ls /proc/$PPID/fd | wc -l) + 30)):; echo token"]);
        code.ShouldBe(ExitCodes.Invalid, error);
        output.ShouldBeEmpty();
        error.ShouldBe($"spikebench: this machine refused a connection to {server.Address}: no descriptor is left for a socket (ulimit -n). Use fewer (client.connections) or free some; see 'spikebench doctor'\n");
    }

    [Fact]
    public async Task A_cap_on_connections()
    {
        // 100 calls at once on a connection, one after the other at 15 ms: one connection carries 67/s of 300. That is our doing.
        using var server = new ScriptedServer { MaxStreams = 100, AnswersAfter = TimeSpan.FromMilliseconds(15) };
        using FaultRun fault = new FaultRun(server).Start("--set", "client.connections=1");
        (RunRecord run, RunVerdict verdict) = await fault.EndAsync();
        run.Summary.Driver.StreamsPerConnection.ShouldBe(100);
        verdict.Checks.Single(c => c.Id == "V8").Holds.ShouldBeFalse();
        verdict.Outcome.ShouldBe(Outcome.Invalid, FaultRun.Text(verdict));
    }

    /// <summary>What .NET's client would keep waiting inside, unseen, is counted: the peer's SETTINGS say how many calls it takes at once.</summary>
    [Fact]
    public async Task A_peer_of_ten_streams_behind_the_http_driver()
    {
        using var server = new ScriptedServer { MaxStreams = 10, AnswersAfter = TimeSpan.FromMilliseconds(15) };
        using FaultRun fault = new FaultRun(server).Start("--driver", "http", "--set", "client.connections=1");
        (RunRecord run, RunVerdict verdict) = await fault.EndAsync();
        run.Summary.Driver.StreamsPerConnection.ShouldBe(10);
        run.Cells.Sum(0, run.Cells.Grid.PlanCells, -1, CellField.StreamWaited).ShouldBeGreaterThan(0);
        verdict.Checks.Single(c => c.Id == "V8").Holds.ShouldBeFalse();
        verdict.Outcome.ShouldBe(Outcome.Invalid, FaultRun.Text(verdict));
    }

    /// <summary>Whatever the target did: times of a clock that jumps are no times.</summary>
    [Fact]
    public async Task A_step_of_the_wall_clock()
    {
        using var server = new ScriptedServer { Status = FaultRun.Internal };
        using var fault = new FaultRun(server);
        var time = new SteppingTime(TimeSpan.FromMilliseconds(50));
        using var output = new StringWriter { NewLine = "\n" };
        using var error = new WatchedWriter(" 2 s ", time.Step);
        int code = await SpikeBenchCommand.RunAsync(fault.Arguments, new Terminal(output, error), time);
        (_, RunVerdict verdict) = fault.Read();
        code.ShouldBe(ExitCodes.Invalid, output.ToString() + error);
        verdict.Checks.Single(c => c.Id == "V10").Holds.ShouldBeFalse();
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
