using SpikeBench.Cli;
using SpikeBench.Core.Evidence;
using SpikeBench.Core.Recording;
using SpikeBench.Core.Verdict;
using SpikeBench.IntegrationTests.Grpc;

namespace SpikeBench.IntegrationTests.Cli;

/// <summary>The main job where it does not go smoothly: too much load, no target, an end before the end. Real processes, real sockets.</summary>
public sealed class RunTests : IDisposable
{
    private const string Small = """
        name: small
        reference: {rate: 200/s, window: 1s, what: "test"}
        load:
          - hold: {rate: 1x, for: 2s, phase: before}
          - midnight: {lead: 4s, spike: 5s, peak_after: 1s, for: 10s, phases: [approach, spike, decay]}
        operations:
          - {name: send, weight: 95, call: spikebench.messenger.v1.Messenger/Send, payload: {sender: "a", room: "${zipf 100 1.1}", text: "${greeting}"}}
          - {name: login, weight: 5, call: spikebench.messenger.v1.Messenger/Login, payload: {user: "a"}}
        slo:
          - {phase: spike, operation: send, p99: "<= 200ms"}
          - {phase: spike, errors: "<= 0.1%"}
        claim: {text: "holds", scale: 1x}
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("spikebench-test-").FullName;
    private readonly string _profile;

    public RunTests()
    {
        _profile = Path.Combine(_folder, "small.yaml");
        File.WriteAllText(_profile, Small);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Twice_the_capacity_is_a_fail_that_the_machine_did_not_cause()
    {
        (int code, string output, _) = await SpikeBenchProcess.RunAsync("run", _profile, "--scale", "3x", "--out", Results, "--no-calibrate", "--quiet");
        RunVerdict verdict = Judge.Decide(RunFolder.Read(Directory.GetDirectories(Results).Single()));

        // A machine so busy that no second was healthy may void the FAIL; it can never turn it into a PASS.
        bool unhealthy = verdict.Checks.Any(c => c is { Holds: false, Consequence: CheckConsequence.VoidsFailThatFlips });
        code.ShouldBeOneOf(unhealthy ? [ExitCodes.Fail, ExitCodes.Invalid] : [ExitCodes.Fail]);
        output.ShouldContain("laim not tested");
        verdict.Slos.Single(s => s.Rule.ThresholdNs is not null).Bad.ShouldBeGreaterThan(1_000);
    }

    [Fact]
    public async Task A_closed_load_books_every_call_and_tests_no_claim()
    {
        string text = Small[..Small.IndexOf("load:", StringComparison.Ordinal)]
            + "load:\n  - ramping_constant: {copies: 4, during: 1s, phase: approach}\n  - keep_constant: {copies: 4, during: 2s, phase: spike}\n"
            + Small[Small.IndexOf("operations:", StringComparison.Ordinal)..];
        await File.WriteAllTextAsync(_profile, text);
        (int code, string output, string error) = await SpikeBenchProcess.RunAsync("run", _profile, "--workers", "2", "--out", Results, "--no-calibrate", "--quiet");
        RunRecord run = RunFolder.Read(Directory.GetDirectories(Results).Single());
        RunVerdict verdict = Judge.Decide(run);
        code.ShouldBe(ExitCodes.Of(verdict.Outcome), output + error);
        verdict.Checks.Single(c => c.Id == "V1").Holds.ShouldBeTrue();
        verdict.Checks.Single(c => c.Id == "plan").Holds.ShouldBeTrue();
        run.Summary.Plan.ClosedCopies.ShouldBe(4);
        run.Summary.Plan.Planned.Sum(p => p.Sum()).ShouldBeGreaterThan(50);
        run.Summary.ClaimNotTested.ShouldNotBeNull().ShouldContain("closed");
        output.ShouldContain("laim not tested");
    }

    [Theory]
    [InlineData("raw")]
    [InlineData("http")]
    public async Task A_target_that_does_not_listen_is_exit_4_and_leaves_nothing_behind(string driver)
    {
        using var port = new ClosedPort();
        (int code, string output, string error) = await SpikeBenchProcess.RunAsync("run", _profile, "--driver", driver, "--target", $"http://127.0.0.1:{port.Number}", "--out", Results, "--no-calibrate");
        code.ShouldBe(ExitCodes.TargetUnreachable, error);
        error.ShouldContain($"127.0.0.1:{port.Number}");
        output.ShouldBeEmpty();
        Directory.GetDirectories(Results).ShouldBeEmpty();
    }

    [Fact]
    public async Task Ctrl_c_drains_writes_the_result_ends_the_target_and_exits_130()
    {
        using SpikeBenchProcess process = SpikeBenchProcess.Start("run", _profile, "--out", Results, "--no-calibrate");
        await process.WaitForAsync(" 3 s ");
        int target = ChildOf(process.Id);
        process.Signal("INT");
        (int code, string output, string error) = await process.EndAsync();

        code.ShouldBe(ExitCodes.Interrupted, output + error);
        RunRecord run = RunFolder.Read(Directory.GetDirectories(Results).Single());
        run.Summary.Interrupted.ShouldNotBeNull();
        long planned = run.Summary.Plan.Planned.Sum(p => p.Sum());
        run.Cells.Sum(0, run.Cells.Grid.PlanCells, -1, CellField.Planned).ShouldBe(planned, "the books balance even so");
        run.Cells.Sum(0, run.Cells.Grid.PlanCells, -1, CellField.NotSentStopped).ShouldBeGreaterThan(0);
        Judge.Decide(run).Outcome.ShouldNotBe(Outcome.Pass);
        LedgerBook.Read(Path.Combine(Results, AttemptLedger.FileName)).Attempts.Single().State.ShouldBeOneOf("interrupted", "FAIL, interrupted");
        Directory.Exists($"/proc/{target}").ShouldBeFalse("the reference messenger outlived the run");
    }

    [Fact]
    public async Task A_run_that_is_killed_stays_open_in_the_ledger()
    {
        using SpikeBenchProcess process = SpikeBenchProcess.Start("run", _profile, "--out", Results, "--no-calibrate");
        await process.WaitForAsync(" 1 s ");
        process.Signal("KILL");
        await process.EndAsync();
        Attempt attempt = LedgerBook.Read(Path.Combine(Results, AttemptLedger.FileName)).Attempts.Single();
        (attempt.State, attempt.IsUnresolved).ShouldBe(("open", true));
    }

    private string Results
    {
        get
        {
            string results = Path.Combine(_folder, "results");
            Directory.CreateDirectory(results);
            return results;
        }
    }

    /// <summary>The one child of a process, the messenger that it started.</summary>
    private static int ChildOf(int parent) => Directory.GetDirectories("/proc")
        .Select(d => int.TryParse(Path.GetFileName(d), out int id) ? id : 0)
        .Single(id => id > 0 && ParentOf(id) == parent);

    private static int ParentOf(int id)
    {
        try
        {
            // The fourth field; the second, the name, is in parentheses and may hold anything.
            string stat = File.ReadAllText($"/proc/{id}/stat");
            return int.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return 0;
        }
    }
}
