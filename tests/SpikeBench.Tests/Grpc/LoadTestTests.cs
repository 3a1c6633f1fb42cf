using SpikeBench.Core;
using SpikeBench.Core.Engine;
using SpikeBench.Core.Profiles;
using SpikeBench.Grpc;
using SpikeBench.Messenger.V1;

namespace SpikeBench.Tests.Grpc;

/// <summary>What a load test in code says before it starts.</summary>
public sealed class LoadTestTests
{
    private const string Lunch = """
        {
          "name": "lunch",
          "reference": {"rate": "50/s", "window": "1s", "what": "점심"},
          "load": [{"hold": {"rate": "1x", "for": "2s", "phase": "rush"}}],
          "operations": [
            {"name": "send", "call": "spikebench.messenger.v1.Messenger/Send", "payload": {"room": "seven", "txet": "hi"}},
            {"name": "login", "weight": 0.5, "call": "spikebench.messenger.v1.Messenger/Login"}
          ],
          "slo": [{"phase": "*", "errors": "<= 1%"}]
        }
        """;

    private static readonly Uri Nowhere = new("http://127.0.0.1:1");

    [Fact]
    public void A_profile_is_read_from_json_as_from_yaml()
    {
        Profile profile = ProfileJson.Read(Lunch);
        (profile.Name, profile.Reference.What, profile.Operations[1].Weight).ShouldBe(("lunch", "점심", 0.5));
        Should.Throw<UsageException>(() => ProfileJson.Read(Lunch.Replace("\"rate\": \"50/s\"", "\"rate\": 50", StringComparison.Ordinal)))
            .Message.ShouldBe("reference.rate: '50' is not a rate; write it like 2000/s or 2k/s");
        Should.Throw<UsageException>(() => ProfileJson.Read("{")).Message.ShouldStartWith("the profile is not JSON: line 1, ");
    }

    [Fact]
    public void An_operation_that_the_profile_does_not_have_is_named() =>
        Should.Throw<UsageException>(() => new LoadTest(ProfileJson.Read(Lunch)).Send("sned", _ => new SendRequest()))
            .Message.ShouldBe("the profile 'lunch' has no operation 'sned'; it has send, login");

    [Fact]
    public async Task An_operation_without_messages_is_named()
    {
        LoadTest test = new LoadTest(ProfileJson.Read(Lunch)).Send("send", i => new SendRequest { Room = (ulong)i });
        (await Should.ThrowAsync<UsageException>(() => test.RunAsync(Nowhere))).Message.ShouldBe("nothing says what 'login' sends: add .Send(\"login\", …)");
    }

    [Fact]
    public async Task Messages_of_the_profile_are_checked_against_the_type()
    {
        LoadTest test = new LoadTest(ProfileJson.Read(Lunch)).Send("send", SendRequest.Descriptor).Send("login", _ => new LoginRequest());
        string message = (await Should.ThrowAsync<UsageException>(() => test.RunAsync(Nowhere))).Message;
        message.ShouldContain("operations[0].payload.room: expected uint64, got \"seven\"");
        message.ShouldContain("operations[0].payload.txet: spikebench.messenger.v1.SendRequest has no such field");
    }

    [Theory]
    [InlineData("http://192.0.2.1:5000")]
    [InlineData("dns:///192.0.2.1:5000")]
    [InlineData("https://joe:secret@chat.example")]
    public async Task A_target_elsewhere_needs_a_word(string target)
    {
        string message = (await Should.ThrowAsync<UsageException>(() => new LoadTest(ProfileJson.Read(Lunch)).RunAsync(new Uri(target)))).Message;
        message.ShouldContain("set OwnsTarget if it is");
        message.ShouldNotContain("secret");
    }

    [Theory]
    [InlineData("unix:///run/chat.sock", "nothing says what 'send' sends")]
    [InlineData("dns:///localhost:5000", "nothing says what 'send' sends")]
    [InlineData("http://localhost:5000/chat", "give scheme, host and port only")]
    [InlineData("ftp://localhost:5000", "write it like http://127.0.0.1:5000")]
    public async Task A_target_is_read_as_the_command_line_reads_it(string target, string says) =>
        (await Should.ThrowAsync<UsageException>(() => new LoadTest(ProfileJson.Read(Lunch)).RunAsync(new Uri(target)))).Message.ShouldContain(says);

    [Theory]
    [InlineData("\"operations\"", "\"contract\": {\"proto\": \"chat.proto\"}, \"operations\"", "profile's contract")]
    [InlineData("\"operations\"", "\"client\": {\"metadata\": {\"x-a\": \"1\"}}, \"operations\"", "profile's client.metadata")]
    [InlineData("\"operations\"", "\"client\": {\"max_rate\": \"40/s\"}, \"operations\"", "lunch: at 1x the load peaks at 50/s, above client.max_rate 40/s")]
    [InlineData("\"operations\"", "\"client\": {\"max_request\": \"8B\"}, \"operations\"", "operations[0].payload: a message has 11 bytes, above client.max_request 8")]
    [InlineData("Messenger/Login", "Messenger/Logon", "'login' calls spikebench.messenger.v1.Messenger/Logon: spikebench.messenger.v1.Messenger has no such method; it has ")]
    [InlineData("Messenger/Login", "Messenger/Sync", "'login' calls spikebench.messenger.v1.Messenger/Sync: it streams")]
    [InlineData("Messenger/Login", "Messenger/Send", "'login' calls spikebench.messenger.v1.Messenger/Send: it takes spikebench.messenger.v1.SendRequest, not spikebench.messenger.v1.LoginRequest")]
    public async Task What_the_command_line_refuses_is_refused(string old, string replacement, string says) =>
        (await Should.ThrowAsync<UsageException>(() => Ready(ProfileJson.Read(Lunch.Replace(old, replacement, StringComparison.Ordinal))).RunAsync(Nowhere))).Message.ShouldContain(says);

    [Fact]
    public async Task A_rule_about_nothing_is_refused_before_it_can_pass()
    {
        Profile profile = ProfileJson.Read(Lunch);
        await Says(profile with { Slo = [] }, "the profile 'lunch' has no SLO");
        await Says(profile with { Slo = [profile.Slo[0] with { Phase = "rsuh" }] }, "has no phase 'rsuh'");
        await Says(profile with { Slo = [profile.Slo[0] with { Operation = "sned" }] }, "has no operation 'sned'");

        static async Task Says(Profile profile, string text) => (await Should.ThrowAsync<UsageException>(() => Ready(profile).RunAsync(Nowhere))).Message.ShouldContain(text);
    }

    [Fact]
    public async Task A_scale_and_a_number_of_workers_that_the_command_line_refuses_are_refused()
    {
        foreach (double scale in new[] { 0, -1, double.NaN, 1001 })
        {
            (await Should.ThrowAsync<UsageException>(() => Ready(ProfileJson.Read(Lunch), scale: scale).RunAsync(Nowhere))).Message.ShouldContain("must be above 0 and at most 1000");
        }

        (await Should.ThrowAsync<UsageException>(() => Ready(ProfileJson.Read(Lunch), workers: 0).RunAsync(Nowhere))).Message.ShouldBe("Workers 0: must be 1 to 1024");
    }

    [Fact]
    public void Messages_of_a_program_are_told_apart_from_those_that_were_registered()
    {
        Profile profile = ProfileJson.Read(Lunch);
        CodeMessages messages = Messages("hi");
        IReadOnlyDictionary<string, string> hashes = messages.HashesOf(messages.Make(1, "lunch-1"));
        hashes.Keys.ShouldBe(["send", "login"]);
        hashes["send"].ShouldStartWith("sha256:");
        Messages("ho").HashesOf(Messages("ho").Make(1, "lunch-1"))["send"].ShouldNotBe(hashes["send"]);
        messages.WhyNotTheClaims().ShouldBe("what 'send' sent was made by code, not the payload that was registered with the claim");

        // An operation without a payload in the profile registers no messages: the limits say so, and the claim is tested.
        var own = new CodeMessages(ProfileJson.Read(Lunch.Replace("\"room\": \"seven\", \"txet\": \"hi\"", "\"text\": \"${run}\"", StringComparison.Ordinal)));
        own.Add("send", SendRequest.Descriptor);
        own.Add("login", _ => new LoginRequest());
        own.WhyNotTheClaims().ShouldBeNull();
        IReadOnlyList<PlannedOperation> made = own.Make(1, "lunch-1");
        own.HashesOf(made).Keys.ShouldBe(["login"]);
        SendRequest.Parser.ParseFrom(made[0].Payloads[0]).Text.ShouldBe("lunch-1");

        CodeMessages Messages(string text)
        {
            var made = new CodeMessages(profile);
            made.Add("send", i => new SendRequest { Room = (ulong)i, Text = text });
            made.Add("login", _ => new LoginRequest());
            return made;
        }
    }

    private static LoadTest Ready(Profile profile, double? scale = null, int? workers = null) => new LoadTest(profile) { Scale = scale, Workers = workers }
        .Send("send", _ => new SendRequest { Sender = "user", Text = "hey" })
        .Send("login", _ => new LoginRequest());
}
