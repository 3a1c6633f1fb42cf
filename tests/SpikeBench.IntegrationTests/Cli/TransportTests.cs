using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using SpikeBench.Cli;
using SpikeBench.Core.Recording;
using SpikeBench.Core.Verdict;

namespace SpikeBench.IntegrationTests.Cli;

/// <summary>
/// TLS, Unix sockets, names with several addresses, and what calls carry, against Kestrel: what fails is one line before anything is offered,
/// what works arrives at the target, byte by byte.
/// </summary>
public sealed class TransportTests : IDisposable
{
    private const string Operations = """
        operations:
          - name: send
            call: spikebench.messenger.v1.Messenger/Send
            payload: {sender: "u-${seq}", room: "1", text: "새해 복 많이 받으세요 새해 복 많이 받으세요"}
            metadata: {x-user: "u-${seq}", trace-bin: "3q2+7w=="}
            reply: {message_id: 5}
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("spikebench-test-").FullName;
    private readonly TestAuthority _authority;
    private int _run;

    public TransportTests() => _authority = new TestAuthority(_folder, "private-ca");

    public void Dispose()
    {
        _authority.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task What_cannot_be_reached_is_one_line_with_the_way_out_before_anything_is_offered()
    {
        using var stranger = new TestAuthority(_folder, "stranger");
        X509Certificate2 good = _authority.Issue("good", ["127.0.0.1"]).Certificate;
        X509Certificate2 expired = _authority.Issue("expired", ["127.0.0.1"], validForDays: -3).Certificate;
        X509Certificate2 misnamed = _authority.Issue("misnamed", ["chat.internal"]).Certificate;
        (_, string clientFile, string clientKey) = stranger.Issue("client-of-a-stranger", []);
        (_, _, string otherKey) = stranger.Issue("other", []);
        await using MessengerDouble secure = await StartAsync(good);
        await using MessengerDouble stale = await StartAsync(expired);
        await using MessengerDouble named = await StartAsync(misnamed);
        await using MessengerDouble http1 = await StartAsync(good, HttpProtocols.Http1);
        await using MessengerDouble mutual = await StartAsync(good, client: _authority);
        await using MessengerDouble clear = await MessengerDouble.StartAsync(k => k.Listen(IPAddress.Loopback, 0, l => l.Protocols = HttpProtocols.Http2));
        string ca = _authority.File, nothing = $"unix://{_folder}/nothing.sock";
        int closed = clear.Port == 1 ? 2 : 1;
        (string Target, string[] Flags, int Code, string Says)[] cases =
        [
            (secure.Address, [], 4, "which this machine does not trust: give that authority's certificate with --cacert FILE"),
            (secure.Address, ["--cacert", stranger.File], 4, "does not vouch for"),
            (stale.Address, ["--cacert", ca], 4, "UTC, not now: renew it, or mend the clock"),
            (named.Address, ["--cacert", ca], 4, "its certificate is for chat.internal, not for 127.0.0.1: call it by that name, or give the name with --authority"),
            (http1.Address, ["--cacert", ca], 4, "speaks TLS, but HTTP/1.1 only: gRPC needs HTTP/2; offer h2 there (ALPN), or give its gRPC port"),
            (mutual.Address, ["--cacert", ca], 4, "does it want a client certificate (--cert FILE --key FILE)"),
            (mutual.Address, ["--cacert", ca, "--cert", clientFile, "--key", clientKey], 4, "does it want a client certificate (--cert FILE --key FILE), one of an authority that it knows?"),
            (clear.Address.Replace("http:", "https:", StringComparison.Ordinal), [], 4, "does not speak TLS: it is HTTP/2 in cleartext (h2c), write http://"),
            (secure.Address.Replace("https:", "http:", StringComparison.Ordinal), ["--driver", "raw"], 4, "is it a TLS port (then write https://)"),
            (secure.Address.Replace("https:", "http:", StringComparison.Ordinal), ["--driver", "http"], 4, "speaks TLS: write https://"),
            ($"https://127.0.0.1:{closed}", [], 4, "nothing listens there"),
            (nothing, ["--driver", "raw"], 4, "there is no such socket: is the target up, and the path right?"),
            (nothing, ["--driver", "http"], 4, "there is no such socket: is the target up, and the path right?"),
            ("dns:///no-such-host.invalid:5000", ["--i-own-this-target"], 4, "the name no-such-host.invalid does not resolve"),
            ("https://no-such-host.invalid", ["--i-own-this-target"], 4, "the name no-such-host.invalid does not resolve"),
            (secure.Address, ["--cacert", $"{_folder}/none.pem"], 64, "none.pem: cannot be read"),
            (secure.Address, ["--cacert", ca, "--cert", clientFile, "--key", otherKey], 64, "is not the private key of --cert"),
            (clear.Address, ["--driver", "raw", "--compression", "gzip"], 64, "--driver raw packs requests before the run, and these differ from call to call: leave it out to use the http driver"),
            (secure.Address, ["--driver", "raw"], 64, "--driver raw has no TLS: leave it out to use the http driver"),
            (clear.Address, ["--insecure"], 64, "speaks no TLS, but certificates are given for it: write https://"),
            (clear.Address, ["--token-file", $"{_folder}/none"], 64, "none cannot be read"),
            (clear.Address, ["--token-command", "echo oh no >&2; exit 3"], 64, "token: its command ended with exit code 3: oh no"),
        ];

        (int Code, string Output, string Error, string Out)[] ends = await Task.WhenAll(cases.Select(c => RunAsync(Operations, c.Target, c.Flags)));

        for (int i = 0; i < cases.Length; i++)
        {
            string what = $"{cases[i].Target} {string.Join(' ', cases[i].Flags)}: {ends[i].Error}";
            ends[i].Code.ShouldBe(cases[i].Code, what);
            ends[i].Error.ShouldContain(cases[i].Says, Case.Sensitive, what);
            ends[i].Error.TrimEnd().ShouldNotContain("\n", Case.Sensitive, what);
            ends[i].Output.ShouldBeEmpty(what);
            (Directory.Exists(ends[i].Out) ? Directory.GetDirectories(ends[i].Out) : []).ShouldBeEmpty(what);
        }

        secure.Calls.ShouldBeEmpty("nothing was offered");
    }

    [Fact]
    public async Task Calls_arrive_over_TLS_mutual_TLS_sockets_and_names_with_all_that_they_carry()
    {
        X509Certificate2 good = _authority.Issue("chat", ["chat.internal"]).Certificate;
        (_, string clientFile, string clientKey) = _authority.Issue("client", []);
        string socket = Path.Combine(_folder, "chat.sock"), token = Path.Combine(_folder, "token");
        await File.WriteAllTextAsync(token, "first-token\n");
        await using MessengerDouble secure = await StartAsync(good);
        await using MessengerDouble mutual = await StartAsync(good, client: _authority);
        await using MessengerDouble unix = await MessengerDouble.StartAsync(k => k.ListenUnixSocket(socket, l => l.Protocols = HttpProtocols.Http2), t => t.With(packsReplies: true));
        await using MessengerDouble named = await MessengerDouble.StartAsync(k => k.ListenLocalhost(FreePort(), l => l.Protocols = HttpProtocols.Http2), t => t.With(packsReplies: true));
        string[] reach = ["--cacert", _authority.File, "--authority", "chat.internal"];

        Task<(int Code, string Output, string Error, string Out)>[] runs =
        [
            RunAsync(Operations, secure.Address, [.. reach, "--token-file", token, "--compression", "gzip", "-m", "x-all: yes"]),
            RunAsync(Operations, mutual.Address, [.. reach, "--cert", clientFile, "--key", clientKey]),
            RunAsync(Operations, secure.Address, ["--insecure"]),
            RunAsync(Operations.Replace("u-${seq}", "u-${uniform 1 9}", StringComparison.Ordinal), $"unix://{socket}", ["--driver", "raw", "--token-file", token, "--compression", "gzip", "--authority", "chat.internal"]),
            RunAsync(Operations, $"unix://{socket}", ["--driver", "http", "--compression", "replies"]),
            RunAsync(Operations, $"dns:///localhost:{named.Port}", ["--driver", "raw", "--compression", "replies"]),
        ];
        (int Code, string Output, string Error, string Out)[] ends = await Task.WhenAll(runs);

        foreach ((int code, string output, string error, string folder) in ends)
        {
            RunRecord run = RunFolder.Read(Directory.GetDirectories(folder).Single());
            run.Cells.Sum(0, run.Cells.Grid.Count, -1, CellField.Ok).ShouldBe(run.Summary.Plan.Planned.Sum(p => p.Sum()), output + error);
            (await File.ReadAllTextAsync(Path.Combine(Directory.GetDirectories(folder).Single(), "run.json"))).ShouldNotContain("first-token");
            output.ShouldNotContain("first-token");
            code.ShouldBeOneOf(ExitCodes.Pass, ExitCodes.Invalid, ExitCodes.Inconclusive);
        }

        ends[2].Error.ShouldStartWith("WARNING: --insecure: the target's certificate is not checked.");
        RunRecord insecure = RunFolder.Read(Directory.GetDirectories(ends[2].Out).Single());
        insecure.Summary.Calls.ShouldSatisfyAllConditions(c => c!.Tls.ShouldBeTrue(), c => c!.CertificateUnchecked.ShouldBeTrue(), c => c!.DriverReason.ShouldNotBeNull().ShouldContain("has no TLS"));
        Judge.Decide(insecure).Limits.ShouldContain(l => l.Contains("was not checked (--insecure)"));

        SeenCall first = secure.Calls.First(c => c.Headers.ContainsKey("x-all"));
        (first.Authority, first.Headers["x-all"], first.Headers["trace-bin"], first.Headers["authorization"]).ShouldBe(("chat.internal", "yes", "3q2+7w", "Bearer first-token"));
        first.Packed.ShouldBeTrue();
        unix.Calls.Where(c => c.Packed).ShouldAllBe(c => c.Headers["authorization"] == "Bearer first-token" && c.Authority == "chat.internal" && c.Headers["grpc-encoding"] == "gzip");
        foreach (SeenCall call in secure.Of("Send").Concat(unix.Of("Send").Where(c => !c.Packed)).Concat(named.Of("Send")))
        {
            // Field 1 is the sender: the same number in message and metadata.
            string sender = System.Text.Encoding.UTF8.GetString(call.Message, 2, call.Message[1]);
            call.Headers["x-user"].ShouldBe(sender);
        }
    }

    [Fact]
    public async Task A_token_is_refreshed_under_way_and_a_failing_refresh_keeps_the_old_one_and_is_told()
    {
        string counter = Path.Combine(_folder, "counter");

        // The second and later times it fails every other time.
        string command = $"n=$(cat {counter} 2>/dev/null || echo 0); echo $((n+1)) > {counter}; [ $((n % 2)) = 0 ] && echo token-$n || exit 7";
        await using MessengerDouble raw = await MessengerDouble.StartAsync(k => k.Listen(IPAddress.Loopback, 0, l => l.Protocols = HttpProtocols.Http2));
        (int _, string output, string error, string folder) = await RunAsync(
            Operations, raw.Address, ["--driver", "raw", "--token-command", command, "--token-refresh", "1s"], seconds: 8);

        string[] tokens = [.. raw.Of("Send").Select(c => c.Headers["authorization"]).Distinct()];
        tokens.Length.ShouldBeGreaterThan(1, error);
        tokens.ShouldAllBe(t => t.StartsWith("Bearer token-"));
        error.ShouldContain("the access token could not be refreshed, calls go on with the old one: token: its command ended with exit code 7");
        error.ShouldNotContain("token-0");
        RunRecord run = RunFolder.Read(Directory.GetDirectories(folder).Single());
        run.Summary.Calls!.TokenRefreshes!.Value.ShouldBePositive();
        run.Summary.Calls.TokenFailures.ShouldNotBeEmpty();
        run.Cells.Sum(0, run.Cells.Grid.Count, -1, CellField.Ok).ShouldBe(run.Summary.Plan.Planned.Sum(p => p.Sum()), output);
        run.Summary.Command.ShouldContain("--token-command ***");
    }

    [Fact]
    public async Task A_reply_that_says_something_else_is_an_error_of_its_own_status_in_both_drivers()
    {
        await using MessengerDouble target = await MessengerDouble.StartAsync(k => k.Listen(IPAddress.Loopback, 0, l => l.Protocols = HttpProtocols.Http2));
        string wrong = Operations.Replace("message_id: 5", "message_id: 6", StringComparison.Ordinal);
        (int Code, string Output, string Error, string Out)[] ends = await Task.WhenAll(RunAsync(wrong, target.Address, ["--driver", "raw"]), RunAsync(wrong, target.Address, ["--driver", "http"]));
        foreach ((int code, string output, string error, string folder) in ends)
        {
            code.ShouldBe(ExitCodes.Fail, output + error);
            output.ShouldContain("CHECK_FAILED");
            RunRecord run = RunFolder.Read(Directory.GetDirectories(folder).Single());
            run.Summary.Errors.ShouldAllBe(e => e.Status == "CHECK_FAILED");
            run.Summary.Errors.Sum(e => e.Count).ShouldBe(run.Summary.Plan.Planned.Sum(p => p.Sum()));
            Judge.Decide(run).Checks.Single(c => c.Id == "V1").Holds.ShouldBeTrue();
        }
    }

    [Fact]
    public async Task Calls_before_and_after_the_load_are_in_no_book_and_series_are_recorded_beside_it()
    {
        const string Answer = """{"status":"success","data":{"resultType":"matrix","result":[{"metric":{"instance":"db"},"values":[[NOW,"0.5"],[LATER,"0.75"]]}]}}""";
        await using MessengerDouble prometheus = await MessengerDouble.StartAsync(
            k => k.Listen(IPAddress.Loopback, 0),
            t => t.With(prometheus: request => Answer
                .Replace("NOW", request.Query["start"].ToString() is { Length: > 0 } start ? start : "0", StringComparison.Ordinal)
                .Replace("LATER", request.Query["end"].ToString() is { Length: > 0 } end ? end : "0", StringComparison.Ordinal)));
        await using MessengerDouble target = await MessengerDouble.StartAsync(k => k.Listen(IPAddress.Loopback, 0, l => l.Protocols = HttpProtocols.Http2));
        await using MessengerDouble refusing = await MessengerDouble.StartAsync(
            k => k.Listen(IPAddress.Loopback, 0, l => l.Protocols = HttpProtocols.Http2), t => t.With(statusOf: m => m == "CreateRooms" ? 7 : 0));
        string beside = Operations + $$$"""

            prepare: [{call: spikebench.messenger.v1.Messenger/CreateRooms, payload: {count: "${seq}"}, times: 40}, {call: spikebench.messenger.v1.Messenger/Login, payload: {user: "a"}}]
            cleanup: [{call: spikebench.messenger.v1.Messenger/MarkRead, payload: {reader: "a"}, reply: {unread: 6}}]
            observe: [{name: db cpu, prometheus: "{{{prometheus.Address}}}", query: "cpu", unit: cores}]
            """;
        (int Code, string Output, string Error, string Out)[] ends = await Task.WhenAll(
            RunAsync(beside, target.Address, []),
            RunAsync(beside, refusing.Address, []),
            RunAsync(beside.Replace(prometheus.Address, "http://127.0.0.1:1", StringComparison.Ordinal), target.Address, []));

        RunRecord run = RunFolder.Read(Directory.GetDirectories(ends[0].Out).Single());
        long planned = run.Summary.Plan.Planned.Sum(p => p.Sum());
        run.Cells.Sum(0, run.Cells.Grid.Count, -1, CellField.Ok).ShouldBe(planned, ends[0].Error);
        (target.Of("CreateRooms").Count, target.Of("Login").Count, target.Of("MarkRead").Count).ShouldBe((40, 1, 1));
        SeenCall[] all = [.. target.Calls];
        Array.FindLastIndex(all, c => c.Method == "CreateRooms").ShouldBeLessThan(Array.FindIndex(all, c => c.Method == "Login"), "one item after the other");
        Array.FindIndex(all, c => c.Method == "Login").ShouldBeLessThan(Array.FindIndex(all, c => c.Method == "Send"));
        all[^1].Method.ShouldBe("MarkRead");
        ends[0].Error.ShouldBe("spikebench: cleanup[0] spikebench.messenger.v1.Messenger/MarkRead: answered OK, but not what 'reply' asks for. What it was to clean up may still be there.\n");
        run.Observed.Single().ShouldSatisfyAllConditions(s => s.Name.ShouldBe("db cpu"), s => s.Labels.ShouldBe("instance=db"), s => s.Points[0].ShouldBe(new ObservedPoint(s.Points[0].AtNs, 0.5)));
        (await File.ReadAllTextAsync(Path.Combine(Directory.GetDirectories(ends[0].Out).Single(), "report.html"))).ShouldContain("Beside the run: db cpu");

        ends[1].Code.ShouldBe(ExitCodes.TargetUnreachable);
        ends[1].Error.ShouldEndWith("spikebench: prepare[0] spikebench.messenger.v1.Messenger/CreateRooms, call 1 of 40: answered PERMISSION_DENIED: not today. Nothing of the load was offered.\n");
        refusing.Of("Send").ShouldBeEmpty();
        refusing.Of("MarkRead").Count.ShouldBe(1, "what was prepared in part is cleaned up");
        ends[2].Code.ShouldBe(ExitCodes.Usage);
        ends[2].Error.ShouldStartWith("spikebench: observe[0] db cpu: http://127.0.0.1:1 does not answer");
    }

    private static Task<MessengerDouble> StartAsync(X509Certificate2 certificate, HttpProtocols protocols = HttpProtocols.Http2, TestAuthority? client = null) =>
        MessengerDouble.StartAsync(k => k.Listen(IPAddress.Loopback, 0, l =>
        {
            l.Protocols = protocols;
            l.UseHttps(https =>
            {
                https.ServerCertificate = certificate;
                if (client is not null)
                {
                    https.ClientCertificateMode = ClientCertificateMode.RequireCertificate;
                    https.ClientCertificateValidation = (shown, _, _) => IsOf(shown, client);
                }
            });
        }));

    private static bool IsOf(X509Certificate2 certificate, TestAuthority authority)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.CustomTrustStore.ImportFromPemFile(authority.File);
        return chain.Build(certificate);
    }

    private static int FreePort()
    {
        using var listener = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private async Task<(int Code, string Output, string Error, string Out)> RunAsync(string operations, string target, string[] flags, int seconds = 1)
    {
        string name = $"run-{Interlocked.Increment(ref _run)}", profile = Path.Combine(_folder, name + ".yaml"), results = Path.Combine(_folder, name);
        await File.WriteAllTextAsync(profile, $$"""
            name: transport
            reference: {rate: 40/s, window: 1s, what: "test"}
            load:
              - hold: {rate: 1x, for: {{seconds}}s, phase: all}
            slo:
              - {phase: all, errors: "<= 10%"}
            client: {deadline: 5s, connections: 2, connect_timeout: 20s}
            {{operations}}
            """);
        using var output = new StringWriter { NewLine = "\n" };
        using var error = new StringWriter { NewLine = "\n" };
        int code = await SpikeBenchCommand.RunAsync(
            ["run", profile, "--target", target, "--workers", "1", "--no-calibrate", "--out", results, "--quiet", .. flags],
            new Terminal(output, TextWriter.Synchronized(error)), TimeProvider.System);
        return (code, output.ToString(), error.ToString(), results);
    }
}
