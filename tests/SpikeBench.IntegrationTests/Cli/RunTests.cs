using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using SpikeBench.Cli;
using SpikeBench.Core.Evidence;
using SpikeBench.Core.Recording;
using SpikeBench.Core.Verdict;

namespace SpikeBench.IntegrationTests.Cli;

/// <summary>
/// The main job, small: real processes, real sockets. A shared machine may void a PASS, so what is asserted is the books, the files and
/// the exit code that belongs to the verdict.
/// </summary>
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

    [Theory]
    [InlineData("raw")]
    [InlineData("http")]
    public async Task A_run_balances_its_books_keeps_all_its_files_and_is_judged_alike_later(string driver)
    {
        (int code, string output, string error) = await SpikeBenchProcess.RunAsync("run", _profile, "--driver", driver, "--out", Results, "--json", Path.Combine(_folder, "verdict.json"));
        string folder = Directory.GetDirectories(Results).Single();
        RunRecord run = RunFolder.Read(folder);
        RunVerdict verdict = Judge.Decide(run);
        code.ShouldBe(ExitCodes.Of(verdict.Outcome), output + error);
        verdict.Outcome.ShouldNotBe(Outcome.Fail, output);

        foreach (string id in new[] { "V1", "plan", "V13" })
        {
            verdict.Checks.Single(c => c.Id == id).Holds.ShouldBeTrue(id);
        }

        long planned = run.Summary.Plan.Planned.Sum(p => p.Sum());
        run.Cells.Sum(0, run.Cells.Grid.PlanCells, -1, CellField.Planned).ShouldBe(planned);
        run.Cells.Sum(0, run.Cells.Grid.PlanCells, -1, CellField.Ok).ShouldBe(planned, output);
        run.Summary.Driver.Name.ShouldBe(driver);
        run.Summary.Target.SameHost.ShouldBeTrue();
        Directory.GetFiles(folder).Select(f => Path.GetFileName(f)).Order().ShouldBe(
            ["batches.hlog", "errors.csv", "hiccups.hlog", "host.csv", "intervals.hlog", "report.html", "run.json", "timeline.csv", "verdict.json"]);
        (await File.ReadAllTextAsync(Path.Combine(folder, "report.html"))).ShouldContain(verdict.Headline.Split(':')[0]);

        using JsonDocument json = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(_folder, "verdict.json")));
        json.RootElement.GetProperty("exitCode").GetInt32().ShouldBe(code);
        json.RootElement.GetProperty("claimTested").GetBoolean().ShouldBeTrue();

        (int again, string judged, _) = await SpikeBenchProcess.RunAsync("judge", folder, "--json", "-");
        again.ShouldBe(code);
        judged.ShouldBe(await File.ReadAllTextAsync(Path.Combine(folder, "verdict.json")), "the stored run's verdict is the live one's, byte for byte");

        Attempt attempt = LedgerBook.Read(Path.Combine(Results, AttemptLedger.FileName)).Attempts.Single();
        (attempt.RunId, attempt.End!.Outcome, attempt.End.Offered).ShouldBe((run.Summary.RunId, verdict.Outcome, true));
        attempt.OpenedUtc.ShouldBeLessThan(run.Summary.T0Utc);
        attempt.Terms.ShouldBe(Registration.TermsOf(run.Summary, run.Summary.Set!));
        attempt.End.Files.OrderBy(f => f.Key).ShouldBe(RunFolder.HashFiles(folder).OrderBy(f => f.Key));
        error.ShouldContain("no earlier attempts known");
    }

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
        (int code, string output, string error) = await SpikeBenchProcess.RunAsync("run", _profile, "--workers", "2", "--out", Results, "--quiet");
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

    [Fact]
    public async Task A_set_of_midnights_is_judged_together_each_against_a_target_of_its_own()
    {
        (int code, string output, _) = await SpikeBenchProcess.RunAsync("run", _profile, "--repeat", "2", "--peak", "50/s", "--out", Results, "--no-calibrate", "--quiet");
        RunRecord[] runs = [.. Directory.GetDirectories(Results).Order().Select(RunFolder.Read)];
        runs.Length.ShouldBe(2);
        (runs[1].Summary.Seed - runs[0].Summary.Seed).ShouldBe(1UL);
        runs[0].Summary.Target.Address.ShouldNotBe(runs[1].Summary.Target.Address);
        output.ShouldContain("of 2 midnights held");
        code.ShouldBeOneOf(ExitCodes.Pass, ExitCodes.Inconclusive, ExitCodes.Invalid);
    }

    [Theory]
    [InlineData("raw")]
    [InlineData("http")]
    public async Task A_target_that_does_not_listen_is_exit_4_and_leaves_nothing_behind(string driver)
    {
        using var port = new TcpListener(IPAddress.Loopback, 0);
        port.Start();
        int number = ((IPEndPoint)port.LocalEndpoint).Port;
        port.Stop();
        (int code, string output, string error) = await SpikeBenchProcess.RunAsync("run", _profile, "--driver", driver, "--target", $"http://127.0.0.1:{number}", "--out", Results, "--no-calibrate");
        code.ShouldBe(ExitCodes.TargetUnreachable, error);
        error.ShouldContain($"127.0.0.1:{number}");
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
        using SpikeBenchProcess process = SpikeBenchProcess.Start("run", _profile, "--out", Results);
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
