using System.Diagnostics;
using System.Globalization;
using SpikeBench.Core.Recording;
using SpikeBench.Core.Verdict;
using SpikeBench.IntegrationTests.Grpc;

namespace SpikeBench.IntegrationTests.Cli;

/// <summary>
/// What a machine can do to a real generator while it runs, against a target that answers and one that answers every call with INTERNAL:
/// both at once, as each waits for its own fault only. What the fault alone made bad is no FAIL; what the target did is one all the same.
/// A busy machine may add faults of its own: they cannot turn these verdicts round.
/// </summary>
[Collection(MachineToItself.Name)]
public sealed class DisturbedGeneratorTests : IDisposable
{
    private readonly ScriptedServer _answers = new();
    private readonly ScriptedServer _fails = new() { Status = FaultRun.Internal };

    public void Dispose()
    {
        _answers.Dispose();
        _fails.Dispose();
    }

    [Fact]
    public async Task A_process_stopped_beyond_the_deadline()
    {
        using FaultRun answered = new FaultRun(_answers).Start(), failed = new FaultRun(_fails).Start();
        await Task.WhenAll(StopAsync(answered.Process), StopAsync(failed.Process));
        RunVerdict ours = await CheckAsync(answered), theirs = await CheckAsync(failed);

        ours.Outcome.ShouldBe(Outcome.Invalid, FaultRun.Text(ours));
        ours.Slos.Single(s => s.Rule.ThresholdNs is null).Outcome.ShouldBe(Outcome.Invalid, "time-outs that nobody sent are no errors of the target");
        theirs.Outcome.ShouldBe(Outcome.Fail, FaultRun.Text(theirs));

        static async Task StopAsync(SpikeBenchProcess process)
        {
            await process.WaitForAsync(" 2 s ");
            process.Signal("STOP");
            await Task.Delay(TimeSpan.FromSeconds(FaultRun.DeadlineSeconds + 0.5));
            process.Signal("CONT");
        }

        static async Task<RunVerdict> CheckAsync(FaultRun fault)
        {
            (RunRecord run, RunVerdict verdict) = await fault.EndAsync();

            // Calls due in the first half second of the stop had expired when it was over.
            run.Cells.Sum(0, run.Cells.Grid.PlanCells, -1, CellField.TimedOut).ShouldBeGreaterThan(100);
            FaultRun.Broken(verdict).ShouldContain("V2");
            FaultRun.Broken(verdict).ShouldContain("V3");
            return verdict;
        }
    }

    [Fact]
    public async Task A_processor_that_others_use()
    {
        // The workers' processor gets six more to serve, for three of the six seconds.
        string cpu = AllowedCpu();
        using FaultRun answered = new FaultRun(_answers).Start("--pin", cpu), failed = new FaultRun(_fails).Start("--pin", cpu);
        await Task.WhenAll(answered.Process.WaitForAsync(" 1 s "), failed.Process.WaitForAsync(" 1 s "));
        using Process burners = Process.Start("taskset", ["-c", cpu, "bash", "-c", "for i in 1 2 3 4 5 6; do timeout 3 bash -c 'while :; do :; done' & done; wait"]);
        (_, RunVerdict ours) = await answered.EndAsync();
        (_, RunVerdict theirs) = await failed.EndAsync();
        await burners.WaitForExitAsync();
        FaultRun.Broken(ours).ShouldContain("V6");
        FaultRun.Broken(theirs).ShouldContain("V6");
        ours.Outcome.ShouldBeOneOf([Outcome.Pass, Outcome.Invalid], FaultRun.Text(ours));
        theirs.Outcome.ShouldBe(Outcome.Fail, FaultRun.Text(theirs));
    }

    [Fact]
    public async Task A_storm_of_collections()
    {
        // Youngest objects get 64 kB: the http driver fills that a hundred times a second.
        var starved = new Dictionary<string, string> { ["DOTNET_GCGen0MaxBudget"] = "0x10000", ["DOTNET_gcConcurrent"] = "0" };
        using FaultRun answered = new FaultRun(_answers, p95: "10ms").Start(starved, "--driver", "http");
        using FaultRun failed = new FaultRun(_fails, p95: "10ms").Start(starved, "--driver", "http");
        RunVerdict ours = await CheckAsync(answered), theirs = await CheckAsync(failed);
        ours.Outcome.ShouldBeOneOf([Outcome.Pass, Outcome.Invalid], FaultRun.Text(ours));
        theirs.Outcome.ShouldBe(Outcome.Fail, FaultRun.Text(theirs));

        static async Task<RunVerdict> CheckAsync(FaultRun fault)
        {
            (RunRecord run, RunVerdict verdict) = await fault.EndAsync();
            run.Summary.Health.Collections.ShouldBeGreaterThan(40);
            FaultRun.Broken(verdict).ShouldContain("V7");
            return verdict;
        }
    }

    [Fact]
    public async Task Descriptors_used_up()
    {
        // Connections are sent away in peace after 100 answers each; while no new ones can be made, calls find none.
        using var answers = new ScriptedServer { GoAwayAfter = 100 };
        using var fails = new ScriptedServer { Status = FaultRun.Internal, GoAwayAfter = 100 };
        using FaultRun answered = new FaultRun(answers).Start(), failed = new FaultRun(fails).Start();
        await Task.WhenAll(StarveAsync(answered.Process), StarveAsync(failed.Process));
        RunVerdict ours = await CheckAsync(answered), theirs = await CheckAsync(failed);
        ours.Outcome.ShouldBe(Outcome.Invalid, FaultRun.Text(ours));
        theirs.Outcome.ShouldBe(Outcome.Fail, FaultRun.Text(theirs));

        static async Task StarveAsync(SpikeBenchProcess process)
        {
            await process.WaitForAsync(" 1 s ");
            await LimitAsync(process, 16);
            await process.WaitForAsync(" 4 s ");
            await LimitAsync(process, 4096);
        }

        static async Task<RunVerdict> CheckAsync(FaultRun fault)
        {
            (RunRecord run, RunVerdict verdict) = await fault.EndAsync();
            run.Summary.Driver.LocalFailures!.Value.ShouldBeGreaterThan(0);
            FaultRun.Broken(verdict).ShouldContain("V9");
            return verdict;
        }
    }

    /// <summary>Nothing disturbs this one: a FAIL needs a second in which the generator was well.</summary>
    [Fact]
    public async Task Connections_enough_for_the_peak()
    {
        // Twelve connections are what the peak asks for; where their target still takes longer than a second, it is the target's doing.
        using var server = new ScriptedServer { MaxStreams = 100, AnswersAfter = TimeSpan.FromMilliseconds(150) };
        using FaultRun fault = new FaultRun(server).Start("--set", "client.connections=12");
        (RunRecord run, RunVerdict verdict) = await fault.EndAsync();
        run.Summary.Driver.StreamsPerConnection.ShouldBe(100);
        verdict.Checks.Single(c => c.Id == "V8").Holds.ShouldBeTrue();
        verdict.Outcome.ShouldBe(Outcome.Fail, FaultRun.Text(verdict));
    }

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
}
