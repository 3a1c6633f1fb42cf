using System.Text.Json;
using SpikeBench.Cli;
using SpikeBench.Core.Evidence;
using SpikeBench.Core.Recording;
using SpikeBench.Core.Verdict;

namespace SpikeBench.IntegrationTests.Cli;

/// <summary>
/// The main job, small: real processes, real sockets. A shared machine may void a PASS, so what is asserted is the books, the files and
/// the exit code that belongs to the verdict. That the messenger does not FAIL takes a machine without other tests on it.
/// </summary>
[Collection(MachineToItself.Name)]
public sealed class MidnightRunTests : IDisposable
{
    private const string Small = """
        name: small
        reference: {rate: 200/s, window: 1s, what: "test"}
        load:
          - hold: {rate: 1x, for: 1s, phase: before}
          - midnight: {lead: 3s, rise: 2s, spike: 3s, peak_after: 1s, for: 7s, phases: [approach, spike, decay]}
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

    public MidnightRunTests()
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

    private string Results
    {
        get
        {
            string results = Path.Combine(_folder, "results");
            Directory.CreateDirectory(results);
            return results;
        }
    }
}
