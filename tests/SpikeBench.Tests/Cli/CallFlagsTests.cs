using System.Text;
using SpikeBench.Cli.Commands;
using SpikeBench.Cli.Running;
using SpikeBench.Core;
using SpikeBench.Core.Engine;
using SpikeBench.Core.Profiles;
using SpikeBench.Grpc;
using SpikeBench.Grpc.Http;

namespace SpikeBench.Tests.Cli;

public sealed class CallFlagsTests
{
    private static readonly DateTimeOffset Now = new(2026, 12, 31, 15, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Flags_change_the_profiles_calls_and_leave_the_rest()
    {
        var profile = new ClientOptions
        {
            Transport = new TransportOptions { CertificateFile = "/p/me.pem", KeyFile = "/p/me.key", Authority = "a" },
            Metadata = [new MetadataField("x-a", "1"), new MetadataField("x-b", "2")],
            Token = new TokenSource { Command = "print" },
        };
        ClientOptions calls = Of("--cert", "mine.pem", "--cacert", "ca.pem", "-m", "x-a: new", "--token-file", "t", "--compression", "gzip", "--max-reply", "64KiB", "--connect-timeout", "10s").ApplyTo(profile);
        calls.Transport.ShouldBe(new TransportOptions { CaFile = "ca.pem", CertificateFile = "mine.pem", Authority = "a" });
        calls.Metadata.Select(m => (m.Name, m.Template)).ShouldBe([("x-b", "2"), ("x-a", "new")]);
        calls.Token.ShouldBe(new TokenSource { File = "t" });
        (calls.Compression, calls.MaxReplyBytes, calls.ConnectTimeoutNs).ShouldBe((MessageCompression.Gzip, 65_536, 10_000_000_000));

        Of("--token-refresh", "1m").ApplyTo(profile).Token.ShouldBe(new TokenSource { Command = "print", RefreshNs = 60_000_000_000 });
        ClientOptions same = Of().ApplyTo(profile);
        (same with { Metadata = profile.Metadata }).ShouldBe(profile, "nothing given, nothing changed");
        same.Metadata.ShouldBe(profile.Metadata);
    }

    [Theory]
    [InlineData("--metadata: write it as 'name: value'", "-m", "x-a")]
    [InlineData("--metadata 'X-A': metadata names are lower case", "-m", "X-A: secret")]
    [InlineData("--compression gzpi: there are none, replies, gzip; did you mean 'gzip'?", "--compression", "gzpi")]
    [InlineData("--token-file and --token-command: give one of them", "--token-file", "a", "--token-command", "b")]
    [InlineData("--max-reply 5: write it like 64KiB or 4MiB", "--max-reply", "5")]
    [InlineData("--connect-timeout 5: write it with a unit", "--connect-timeout", "5")]
    public void A_flag_that_does_not_read_is_told_without_any_secret(string expected, params string[] args)
    {
        string message = Should.Throw<UsageException>(() => Of(args)).Message;
        message.ShouldStartWith(expected);
        message.ShouldNotContain("secret");
    }

    [Fact]
    public void What_changes_the_load_does_not_test_the_claim_and_the_way_to_the_target_does()
    {
        Reason("-m", "x-a: 1").ShouldBe("--metadata changes what was registered with the claim");
        Reason("--compression", "gzip").ShouldBe("--compression changes what was registered with the claim");
        Reason("--insecure", "--authority", "a", "--token-file", "t").ShouldBeNull();
    }

    [Theory]
    [InlineData("-m|authorization: Bearer abc", "-m 'authorization:***'")]
    [InlineData("--metadata=x-a: abc", "'--metadata=x-a:***'")]
    [InlineData("-m=x-a: abc", "'-m=x-a:***'")]
    [InlineData("--token-command|vault read abc", "--token-command '***'")]
    [InlineData("--token-command=vault read abc", "--token-command=***")]
    [InlineData("--set|client.metadata.x-a=abc", "--set 'client.metadata.x-a=***'")]
    [InlineData("--set|operations[0].metadata.x-a=abc", "--set 'operations[0].metadata.x-a=***'")]
    [InlineData("--set|client.token.command=print abc", "--set 'client.token.command=***'")]
    [InlineData("--token-file|/run/token", "--token-file /run/token")]
    [InlineData("--cacert|ca.pem", "--cacert ca.pem")]
    public void Secrets_do_not_get_into_the_stored_command(string args, string expected)
    {
        string shown = Redaction.Command(args.Split('|'));
        shown.ShouldNotContain("abc");
        shown.Replace("'", "", StringComparison.Ordinal).ShouldBe("spikebench " + expected.Replace("'", "", StringComparison.Ordinal));
    }

    [Fact]
    public void A_profiles_own_command_needs_the_users_word()
    {
        RunRequest request = Request() with { Sets = ["client.token.command=print abc"] };
        string message = Should.Throw<UsageException>(() => RunSetup.Of(request)).Message;
        message.ShouldContain("add --allow-commands");
        message.ShouldNotContain("abc");
        RunSetup.Of(request with { AllowCommands = true }).Calls.Token!.Command.ShouldBe("print abc");
    }

    [Fact]
    public void The_driver_is_chosen_by_whether_the_target_speaks_TLS_and_says_why()
    {
        TargetLocation Of(string target) => TargetLocation.Of(new Uri(target), new TransportOptions());
        Drivers.Choose(null, Of("https://a")).Name.ShouldBe("http");
        Drivers.Choose(null, Of("https://a")).Why.ShouldNotBeNull();
        Drivers.Choose("http", Of("https://a")).Why.ShouldBeNull("it was asked for");
        Should.Throw<UsageException>(() => Drivers.Choose("raw", Of("https://a"))).Message.ShouldContain("leave it out to use the http driver");
        if (RawDriver.IsSupported)
        {
            Drivers.Choose(null, Of("unix:///run/a.sock")).ShouldBe(new DriverChoice("raw", null));
            Drivers.Choose(null, Of("dns:///a:1")).ShouldBe(new DriverChoice("raw", null));
        }
    }

    [Fact]
    public void A_tokens_end_is_read_from_a_JWT_and_from_nothing_else()
    {
        TokenExpiry.Of(Jwt($$"""{"sub":"u","exp":{{Now.ToUnixTimeSeconds()}}}""")).ShouldBe(Now);
        foreach (string other in new[] { "opaque", "a.b.c", Jwt("[]"), Jwt("""{"exp":"soon"}"""), Jwt("""{"sub":"u"}"""), "" })
        {
            TokenExpiry.Of(other).ShouldBeNull(other);
        }
    }

    [Theory]
    [InlineData(3600, null, 3540)] // a minute before the end
    [InlineData(100, null, 80)] // a fifth of what is left
    [InlineData(3600, 300, 300)]
    [InlineData(100, 300, 80)]
    [InlineData(0, null, 1)] // ended already: soon, not at once without end
    [InlineData(null, 300, 300)]
    [InlineData(null, null, null)]
    public void A_token_is_fetched_before_it_ends_or_as_often_as_asked(int? left, int? interval, int? expected) =>
        TokenExpiry.RefreshIn(Now, left is { } l ? Now.AddSeconds(l) : null, interval is { } i ? TimeSpan.FromSeconds(i) : null)
            .ShouldBe(expected is { } e ? TimeSpan.FromSeconds(e) : null);

    private static string? Reason(params string[] args) => RunSetup.Of(Request() with { Calls = Of(args) }).ClaimNotTested;

    private static RunRequest Request() => new() { Profile = "ny-midnight", Command = "" };

    private static CallOverrides Of(params string[] args)
    {
        var flags = new CallFlags();
        var command = new System.CommandLine.Command("test");
        flags.AddTo(command);
        return flags.Of(command.Parse(args));
    }

    private static string Jwt(string claims) => $"e30.{Convert.ToBase64String(Encoding.UTF8.GetBytes(claims)).TrimEnd('=').Replace('+', '-').Replace('/', '_')}.sig";
}
