using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;

namespace SpikeBench.IntegrationTests.Target;

public sealed class LifecycleTests
{
    [Fact]
    public async Task Target_ignores_the_interrupt_and_leaves_with_its_truth_when_its_input_closes()
    {
        await using TargetRun target = await TargetRun.StartAsync("--store", "memory");
        using (var client = new RawGrpcClient(target.Address))
        {
            (await client.SendAsync("hi")).Status.ShouldBe(0);
            target.Interrupt();
            (await client.SendAsync("still there")).Status.ShouldBe(0);
            (await client.SendAsync(new string('x', 5000))).Status.ShouldBe(3);
        }

        (int exit, JsonElement truth) = await target.StopAsync();
        exit.ShouldBe(0);
        (truth.GetProperty("received").GetInt64(), truth.GetProperty("ok").GetInt64()).ShouldBe((3, 2));
        truth.GetProperty("rejected").GetProperty("INVALID_ARGUMENT").GetInt64().ShouldBe(1);
        truth.GetProperty("stored").GetInt64().ShouldBe(2);
        truth.GetProperty("arrivals_100ms").GetProperty("counts").EnumerateArray().Sum(c => c.GetInt64()).ShouldBe(3);
    }

    [Fact]
    public async Task Call_in_flight_is_answered_and_a_live_stream_told_when_the_target_stops()
    {
        await using TargetRun target = await TargetRun.StartAsync("--store", "memory", "--slots", "1", "--service", "300ms", "--law", "fixed", "--drain", "15s");
        using var client = new RawGrpcClient(target.Address);
        Task<RawReply> live = client.CallAsync(
            RawGrpcClient.Messenger + "Sync", [.. RawGrpcClient.Number(1, 1), .. RawGrpcClient.Number(4, 1)]);
        Task<RawReply> sending = client.SendAsync("before the end");
        while ((await client.TruthAsync()).GetProperty("methods").EnumerateObject().Count() < 3)
        {
        }

        (int exit, JsonElement truth) = await target.StopAsync();
        exit.ShouldBe(0);
        (await sending).Status.ShouldBe(0);
        (await live).Status.ShouldBe(14);
        truth.GetProperty("stored").GetInt64().ShouldBe(1);
    }

    [Theory]
    [InlineData("--slots", "many")]
    [InlineData("--nonsense")]
    [InlineData("--law", "file:/no/such/histogram")]
    public async Task Bad_flag_gives_one_line_and_exit_64(params string[] flags)
    {
        (int exit, string output, string error) = await TargetRun.RunToEndAsync(flags);
        exit.ShouldBe(64);
        output.ShouldBeEmpty();
        error.TrimEnd().Split('\n').Length.ShouldBe(1);
    }

    [Fact]
    public async Task Port_that_is_taken_gives_one_line_and_exit_70()
    {
        await using TargetRun target = await TargetRun.StartAsync("--store", "memory");
        (int exit, string output, string error) = await TargetRun.RunToEndAsync("--store", "memory", "--listen", target.Authority);
        exit.ShouldBe(70);
        output.ShouldBeEmpty();
        error.TrimEnd().Split('\n').Length.ShouldBe(1);
    }

    [Fact]
    public async Task Help_names_every_flag()
    {
        (int exit, string output, _) = await TargetRun.RunToEndAsync("--help");
        exit.ShouldBe(0);
        foreach (string flag in (string[])["--listen", "--parent-stdin", "--truth", "--slots", "--service", "--law", "--queue", "--seed", "--store"])
        {
            output.ShouldContain("  " + flag);
        }
    }

    [Fact]
    public async Task Health_is_answered_over_HTTP_1_on_its_own_port()
    {
        await using TargetRun target = await TargetRun.StartAsync("--store", "memory", "--health-http", "127.0.0.1:0");
        string? line = await target.ReadLineAsync();
        using var http = new HttpClient();
        (await http.GetAsync(new Uri(line!["health ".Length..]))).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await http.GetAsync(new Uri(line["health ".Length..] + "/x"))).StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Own_certificate_is_trusted_by_a_client_that_was_given_it()
    {
        string file = Path.Combine(Path.GetTempPath(), $"spikebench-{Guid.NewGuid():N}.pem");
        await using TargetRun target = await TargetRun.StartAsync("--store", "memory", "--tls", "--tls-cert-out", file);
        using X509Certificate2 certificate = X509Certificate2.CreateFromPem(await File.ReadAllTextAsync(file));
        File.Delete(file);
        var handler = new SocketsHttpHandler
        {
            SslOptions = new SslClientAuthenticationOptions
            {
                CertificateChainPolicy = new X509ChainPolicy
                {
                    TrustMode = X509ChainTrustMode.CustomRootTrust,
                    CustomTrustStore = { certificate },
                    RevocationMode = X509RevocationMode.NoCheck,
                },
            },
        };
        using var client = new RawGrpcClient(target.Address, handler);
        (await client.SendAsync("in private")).Status.ShouldBe(0);
    }
}
