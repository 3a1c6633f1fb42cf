using SpikeBench.Core.Profiles;
using SpikeBench.Core.Recording;
using SpikeBench.Core.Verdict;
using SpikeBench.Grpc;
using SpikeBench.IntegrationTests.Target;
using SpikeBench.Messenger.V1;

namespace SpikeBench.IntegrationTests.Grpc;

/// <summary>A load test from code: the same books, verdict and files as from the command line.</summary>
[Collection(MachineToItself.Name)]
public sealed class LoadTestInCodeTests : IDisposable
{
    private const string Lunch = """
        {
          "name": "lunch",
          "reference": {"rate": "100/s", "window": "1s", "what": "test"},
          "load": [{"hold": {"rate": "1x", "for": "2s", "phase": "rush"}}],
          "operations": [
            {"name": "send", "weight": 3, "call": "spikebench.messenger.v1.Messenger/Send"},
            {"name": "keyed", "call": "spikebench.messenger.v1.Messenger/Send", "payload": {"sender": "a", "text": "새해", "idempotency_key": "${uuid}"}}
          ],
          "slo": [{"phase": "rush", "p99": "<= 900ms"}]
        }
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("spikebench-test-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_test_in_code_is_booked_judged_and_kept_as_a_run_is()
    {
        await using TargetRun target = await TargetRun.StartAsync("--store", "memory");
        LoadTestResult run = await new LoadTest(ProfileJson.Read(Lunch)) { Folder = _folder }
            .Send("send", i => new SendRequest { Sender = $"user-{i}", Room = (ulong)i % 50, Text = "점심 뭐 먹을까요?" })
            .Send("keyed", SendRequest.Descriptor)
            .RunAsync(target.Address);

        // A shared machine may void a PASS; what was offered and what became of it is exact all the same.
        run.Verdict.Outcome.ShouldNotBe(Outcome.Fail, run.ToString());
        foreach (string id in new[] { "V1", "plan" })
        {
            run.Verdict.Checks.Single(c => c.Id == id).Holds.ShouldBeTrue(id);
        }

        long planned = run.Record.Summary.Plan.Planned.Sum(p => p.Sum());
        run.Record.Cells.Sum(0, run.Record.Cells.Grid.Count, -1, CellField.Ok).ShouldBe(planned, run.ToString());
        run.ToString().ShouldContain($"{planned} of {planned} calls ended OK");
        Judge.Decide(RunFolder.Read(_folder)).Outcome.ShouldBe(run.Verdict.Outcome);
    }
}
