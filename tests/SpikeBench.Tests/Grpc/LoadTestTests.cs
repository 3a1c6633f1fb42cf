using SpikeBench.Core;
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

    [Fact]
    public async Task A_target_elsewhere_needs_a_word() =>
        (await Should.ThrowAsync<UsageException>(() => new LoadTest(ProfileJson.Read(Lunch)).RunAsync(new Uri("http://192.0.2.1:5000"))))
            .Message.ShouldContain("set OwnsTarget if it is");
}
