using System.Diagnostics;
using SpikeBench.Cli;
using SpikeBench.Core.Recording;
using SpikeBench.Core.Verdict;
using SpikeBench.IntegrationTests.Grpc;

namespace SpikeBench.IntegrationTests.Cli;

/// <summary>Runs that something ended: kill -9, SIGTERM, a second Ctrl-C, a full disk. What is left says so.</summary>
public sealed class EndedRunTests : IDisposable
{
    private const string Profile = """
        name: ended
        reference: {rate: 100/s, window: 1s, what: "test"}
        load:
          - hold: {rate: 1x, for: 8s, phase: all}
        operations:
          - {name: send, weight: 1, call: spikebench.messenger.v1.Messenger/Send, payload: {sender: "a", room: "1", text: "t"}}
        slo:
          - {phase: all, errors: "<= 10%"}
        client: {deadline: 1s, connections: 2}
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("spikebench-test-").FullName;
    private readonly string _profile;

    public EndedRunTests()
    {
        _profile = Path.Combine(_folder, "profile.yaml");
        File.WriteAllText(_profile, Profile);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Kill_9_leaves_an_honest_part_of_a_run_that_judge_and_report_can_read()
    {
        using var server = new ScriptedServer();
        using SpikeBenchProcess process = SpikeBenchProcess.Start("run", _profile, "--target", server.Address.ToString(), "--no-calibrate", "--out", _folder, "--ui", "plain");
        await process.WaitForAsync(" 4 s ");
        process.Signal("KILL");
        await process.EndAsync();

        string folder = Directory.GetDirectories(_folder).Single();
        RunRecord run = RunFolder.Read(folder);
        run.Summary.Finished.ShouldBeFalse();
        run.Seconds.Count.ShouldBeGreaterThanOrEqualTo(4);
        run.Cells.Sum(0, run.Cells.Grid.PlanCells, -1, CellField.Ok).ShouldBeInRange(300, 800);
        Judge.Decide(run).Outcome.ShouldBe(Outcome.Invalid);

        (int code, string output, _) = await InProcessAsync("judge", folder);
        code.ShouldBe(ExitCodes.Invalid, output);
        output.ShouldContain("did not finish");
        (code, output, string error) = await InProcessAsync("report", folder);
        code.ShouldBe(ExitCodes.Pass, error);
        (await File.ReadAllTextAsync(Path.Combine(folder, "report.html"))).ShouldContain("did not finish");
    }

    [Fact]
    public async Task Sigterm_drains_writes_the_result_and_exits_130()
    {
        using var server = new ScriptedServer();
        using SpikeBenchProcess process = SpikeBenchProcess.Start("run", _profile, "--target", server.Address.ToString(), "--no-calibrate", "--out", _folder, "--ui", "plain");
        await process.WaitForAsync(" 2 s ");
        process.Signal("TERM");
        (int code, string output, string error) = await process.EndAsync();

        code.ShouldBe(ExitCodes.Interrupted, output + error);
        error.ShouldContain("interrupted: calls in flight are drained");
        RunRecord run = RunFolder.Read(Directory.GetDirectories(_folder).Single());
        run.Summary.Finished.ShouldBeTrue();
        run.Summary.Interrupted!.ShouldStartWith("interrupted after");
        run.Cells.Sum(0, run.Cells.Grid.PlanCells, -1, CellField.NotSentStopped).ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task A_second_ctrl_c_does_not_wait_for_the_drain()
    {
        // Calls hang, and their deadline is far away: one Ctrl-C would wait for it.
        using var server = new ScriptedServer { IsMute = true };
        using SpikeBenchProcess process = SpikeBenchProcess.Start("run", _profile, "--target", server.Address.ToString(), "--no-calibrate", "--out", _folder, "--set", "client.deadline=120s", "--ui", "plain");
        await process.WaitForAsync("calls planned");
        while (server.Requests < 5)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20));
        }

        process.Signal("INT");
        await process.WaitForAsync("interrupted: calls in flight are drained");
        process.Signal("INT");
        (int code, _, string error) = await process.EndAsync();

        code.ShouldBe(ExitCodes.Interrupted, error);
        error.ShouldContain("interrupted twice: left without draining");
    }

    [Fact]
    public async Task A_disk_that_fills_up_in_the_middle_costs_the_result_and_not_the_verdict()
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        // No file of the run may grow beyond 6 KiB; the limit's signal is ignored, so that writing fails as on a full disk.
        using var server = new ScriptedServer();
        var start = new ProcessStartInfo("/bin/bash") { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        start.ArgumentList.Add("-c");
        start.ArgumentList.Add("trap '' XFSZ; ulimit -f 6; exec dotnet \"$0\" \"$@\"");
        foreach (string arg in (string[])[Path.Combine(AppContext.BaseDirectory, "spikebench.dll"), "run", _profile, "--target", server.Address.ToString(), "--peak", "300/s", "--no-calibrate", "--out", _folder, "--quiet"])
        {
            start.ArgumentList.Add(arg);
        }

        // The runtime would map its code through a file.
        start.Environment["DOTNET_EnableWriteXorExecute"] = "0";
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(), error = process.StandardError.ReadToEndAsync();
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        await process.WaitForExitAsync(limit.Token);

        string said = await error, result = await output;
        said.ShouldMatch(@"spikebench: the result could not be kept whole: .* reads back as a run that did not finish\.\n");
        process.ExitCode.ShouldBeOneOf([ExitCodes.Pass, ExitCodes.Invalid], said + result);
        result.ShouldMatch("^(PASS of the SLOs|INVALID)");
        result.ShouldContain("planned 2,");
        RunRecord kept = RunFolder.Read(Directory.GetDirectories(_folder).Single());
        kept.Summary.Finished.ShouldBeFalse();
        Judge.Decide(kept).Outcome.ShouldBe(Outcome.Invalid);
    }

    private static async Task<(int Code, string Output, string Error)> InProcessAsync(params string[] args)
    {
        using var output = new StringWriter { NewLine = "\n" };
        using var error = new StringWriter { NewLine = "\n" };
        int code = await SpikeBenchCommand.RunAsync(args, new Terminal(output, error), TimeProvider.System);
        return (code, output.ToString(), error.ToString());
    }
}
