using SpikeBench.Cli;
using SpikeBench.Core.Recording;
using SpikeBench.Core.Verdict;

namespace SpikeBench.IntegrationTests.Cli;

/// <summary>What watches a run and what ends it early: metrics, stop rules, placement.</summary>
public sealed class RunControlTests : IDisposable
{
    private const string Profile = """
        name: control
        reference: {rate: 200/s, window: 1s, what: "test"}
        load:
          - hold: {rate: 1x, for: 2s, phase: first}
          - hold: {rate: 2x, for: 2s, phase: second}
        operations:
          - {name: send, weight: 3, call: spikebench.messenger.v1.Messenger/Send, payload: {sender: "a", room: "7", text: "hi"}}
          - {name: login, weight: 1, call: spikebench.messenger.v1.Messenger/Login, payload: {user: "a"}}
        client: {deadline: 1s, max_in_flight: 500}
        slo:
          - {phase: "*", p99: "<= 500ms"}
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("spikebench-test-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Exported_metrics_end_at_the_runs_own_books()
    {
        using var receiver = new OtlpReceiver();
        (int code, string output, string error) = await RunAsync(Profile, "--otlp", receiver.Address);
        RunRecord run = RunFolder.Read(Directory.GetDirectories(Results).Single());
        code.ShouldBe(ExitCodes.Of(Judge.Decide(run).Outcome), output + error);

        receiver.Requests.Count.ShouldBeGreaterThan(2, error);
        byte[] last = receiver.Requests[^1];
        OtlpReceiver.Resource(last)["spikebench.run.id"].ShouldBe(run.Summary.RunId);
        IReadOnlyDictionary<string, long> sums = OtlpReceiver.Sums(last);
        IReadOnlyDictionary<string, (long Count, long InBuckets, long Scale)> histograms = OtlpReceiver.Histograms(last);
        for (int phase = 0; phase < 2; phase++)
        {
            for (int operation = 0; operation < 2; operation++)
            {
                string place = $"{run.Summary.Plan.Phases[phase].Name}.{run.Summary.Plan.Operations[operation]}";
                (int first, int end) = run.Cells.Grid.OfPhase(phase);
                long Sum(CellField field) => run.Cells.Sum(first, end, operation, field);
                sums[$"spikebench.calls.planned.{place}"].ShouldBe(run.Summary.Plan.Planned[phase][operation]);
                sums[$"spikebench.calls.sent.{place}"].ShouldBe(Sum(CellField.Sent));
                sums[$"spikebench.calls.ended.{place}.ok"].ShouldBe(Sum(CellField.Ok));
                sums[$"spikebench.calls.ended.{place}.error"].ShouldBe(Sum(CellField.Error));
                sums[$"spikebench.calls.ended.{place}.timed_out"].ShouldBe(Sum(CellField.TimedOut));
                sums[$"spikebench.calls.ended.{place}.not_sent"].ShouldBe(0);
                histograms[$"spikebench.response.duration.{place}"].ShouldBe((Sum(CellField.Ok), Sum(CellField.Ok), 4));
                histograms[$"spikebench.lateness.duration.{place}"].ShouldBe((Sum(CellField.Sent), Sum(CellField.Sent), 4));
            }
        }

        run.Summary.Health.WorkerAllocatedBytes.ShouldNotBeNull();
        run.Hiccups!.TotalCount.ShouldBeGreaterThan(3_000);
        run.Host.Count.ShouldBeGreaterThanOrEqualTo(2);
        run.Summary.Driver.Placement.ShouldNotBeNullOrEmpty();
    }

    [Fact]
    public async Task A_receiver_that_is_not_there_is_reported_and_costs_the_run_nothing()
    {
        (int code, _, string error) = await RunAsync(Profile, "--otlp", "http://127.0.0.1:9", "--pin", "off");
        RunRecord run = RunFolder.Read(Directory.GetDirectories(Results).Single());
        code.ShouldBe(ExitCodes.Of(Judge.Decide(run).Outcome));
        error.ShouldContain("--otlp http://127.0.0.1:9/v1/metrics: ");
        error.ShouldContain("The run is not affected.");
        run.Summary.Driver.WorkerCpus.ShouldBeNull();
    }

    [Fact]
    public async Task A_stop_rule_ends_the_load_drains_books_the_rest_and_is_no_pass()
    {
        string text = Profile.Replace("rate: 2x, for: 2s", "rate: 2x, for: 30s", StringComparison.Ordinal)
            + "\nstop_if:\n  - {phase: second, operation: send, p50: \"> 1ms\", window: 1s}\n";
        (int code, string output, string error) = await RunAsync(text);
        RunRecord run = RunFolder.Read(Directory.GetDirectories(Results).Single());
        run.Summary.StoppedBy.ShouldNotBeNull(error).ShouldStartWith("stop_if p50 > 1ms of send in second: ");
        run.Summary.Interrupted.ShouldBeNull();
        code.ShouldBeOneOf([ExitCodes.Inconclusive, ExitCodes.Invalid, ExitCodes.Fail], output);

        CellTable cells = run.Cells;
        long Sum(CellField field) => cells.Sum(0, cells.Grid.PlanCells, -1, field);
        long planned = run.Summary.Plan.Planned.Sum(p => p.Sum());
        Sum(CellField.NotSentStopped).ShouldBeGreaterThan(planned / 2);
        (Sum(CellField.Ok) + Sum(CellField.Error) + Sum(CellField.TimedOut) + Sum(CellField.Outstanding) + Sum(CellField.NotSentStopped)).ShouldBe(planned);
        Judge.Decide(run).Checks.Single(c => c.Id == "V1").Holds.ShouldBeTrue();
    }

    private string Results => Path.Combine(_folder, "results");

    private async Task<(int Code, string Output, string Error)> RunAsync(string profile, params string[] flags)
    {
        string path = Path.Combine(_folder, "control.yaml");
        await File.WriteAllTextAsync(path, profile);
        return await SpikeBenchProcess.RunAsync(["run", path, "--no-calibrate", "--out", Results, .. flags]);
    }
}
