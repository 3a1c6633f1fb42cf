using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using SpikeBench.Core;
using SpikeBench.Core.Profiles;
using SpikeBench.Core.Recording;
using SpikeBench.Core.Verdict;
using SpikeBench.Grpc;
using SpikeBench.IntegrationTests.Cli;
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
        run.NotKept.ShouldBeNull();
        RunRecord kept = RunFolder.Read(_folder);
        Judge.Decide(kept).Outcome.ShouldBe(run.Verdict.Outcome);

        // What a run by command line says of itself, this one says too, or says that it is not so.
        kept.Summary.WarmUp.ShouldNotBeNull().Sent.Sum().ShouldBeGreaterThan(0);
        (kept.Summary.ToolBuild, kept.Summary.Target.SameHost, kept.Summary.FromCode).ShouldBe((run.Record.Summary.ToolBuild.ShouldNotBeNull(), true, true));
        kept.Summary.Calls.ShouldNotBeNull().MessagesFromCode.Keys.ShouldBe(["send"]);
        (kept.Host.Count, kept.Hiccups.ShouldNotBeNull().TotalCount).ShouldSatisfyAllConditions(h => h.Count.ShouldBeGreaterThan(0), h => h.TotalCount.ShouldBeGreaterThan(0));
        run.ToString().ShouldContain("! Run from code: no ledger counts its attempts");
        run.ToString().ShouldContain("! What send sent was made by code");
        run.ToString().ShouldContain("! Not a deployment claim");
        run.Verdict.Checks.Single(c => c.Id == "V12").Holds.ShouldBeFalse("nothing was calibrated: no certificate");
    }

    [Fact]
    public async Task A_certificate_that_is_not_checked_and_a_method_that_is_not_there_are_said_as_by_command_line()
    {
        using var authority = new TestAuthority(_folder, "private-ca");
        X509Certificate2 certificate = authority.Issue("elsewhere", ["elsewhere.example"]).Certificate;
        await using MessengerDouble secure = await MessengerDouble.StartAsync(
            k => k.Listen(IPAddress.Loopback, 0, l => l.UseHttps(certificate).Protocols = HttpProtocols.Http2), t => t.With(statusOf: method => method == "Login" ? 12 : 0));
        Profile profile = ProfileJson.Read(Lunch.Replace("\"operations\"", "\"client\": {\"deadline\": \"2s\", \"connect_timeout\": \"30s\", \"tls\": {\"insecure\": true}}, \"operations\"", StringComparison.Ordinal));
        string folder = Path.Combine(_folder, "kept"), nothing = Path.Combine(_folder, "nothing");
        await File.WriteAllTextAsync(Path.Combine(Directory.CreateDirectory(folder).FullName, "observed.csv"), "of an earlier run");

        Task<LoadTestResult> insecure = Ready(profile, folder).Send("keyed", SendRequest.Descriptor).RunAsync(new Uri(secure.Address));
        Task<LoadTestResult> lacking = Ready(
            profile with { Operations = [profile.Operations[0], profile.Operations[1] with { Call = "spikebench.messenger.v1.Messenger/Login" }] }, nothing).Send("keyed", _ => new LoginRequest()).RunAsync(new Uri(secure.Address));

        (await Should.ThrowAsync<TargetException>(() => lacking)).Message.ShouldContain("answered UNIMPLEMENTED to every warm-up call of spikebench.messenger.v1.Messenger/Login");
        Directory.GetFileSystemEntries(nothing).ShouldBeEmpty("nothing was offered");
        LoadTestResult run = await insecure;
        run.Record.Summary.Calls.ShouldSatisfyAllConditions(c => c!.Tls.ShouldBeTrue(), c => c!.CertificateUnchecked.ShouldBeTrue(), c => c!.DriverReason.ShouldNotBeNull().ShouldContain("has no TLS"));
        run.Verdict.Limits.ShouldContain(l => l.Contains("The target's certificate was not checked"));
        RunFolder.Read(folder).Summary.Files.Keys.ShouldNotContain("observed.csv");
    }

    private static LoadTest Ready(Profile profile, string folder) => new LoadTest(profile) { Folder = folder }
        .Send("send", i => new SendRequest { Sender = $"user-{i}", Text = "점심" });
}
