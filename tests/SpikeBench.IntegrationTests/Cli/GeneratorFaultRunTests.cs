using SpikeBench.Cli;
using SpikeBench.Core.Recording;
using SpikeBench.Core.Verdict;
using SpikeBench.IntegrationTests.Grpc;

namespace SpikeBench.IntegrationTests.Cli;

/// <summary>
/// Faults that a real generator is given: too few connections, and a clock that jumps. What the fault alone made bad is no FAIL; what the
/// target did is one all the same.
/// </summary>
[Collection(MachineToItself.Name)]
public sealed class GeneratorFaultRunTests
{
    [Theory]
    [InlineData(1, Outcome.Invalid)]
    [InlineData(12, Outcome.Fail)]
    public async Task A_cap_on_connections(int connections, Outcome expected)
    {
        // 100 calls at once on a connection, one after the other at 15 ms: one connection carries 67/s of 300. That is our doing. Twelve
        // are what the peak asks for; where their target still takes longer than a second, it is the target's.
        using var server = new ScriptedServer { MaxStreams = 100, AnswersAfter = TimeSpan.FromMilliseconds(connections == 1 ? 15 : 150) };
        using FaultRun fault = new FaultRun(server).Start("--set", $"client.connections={connections}");
        (RunRecord run, RunVerdict verdict) = await fault.EndAsync();
        run.Summary.Driver.StreamsPerConnection.ShouldBe(100);
        verdict.Checks.Single(c => c.Id == "V8").Holds.ShouldBe(connections > 1);
        verdict.Outcome.ShouldBe(expected, FaultRun.Text(verdict));
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
