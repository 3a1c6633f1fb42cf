using SpikeBench.Cli.Profiles;
using SpikeBench.Cli.Running;
using SpikeBench.Core;
using SpikeBench.Core.Profiles;

namespace SpikeBench.Tests.Cli;

public sealed class CallOverrideTests
{
    private const string Mixed = """
        name: mixed
        reference: {rate: 10/s, window: 1s, what: "test"}
        load:
          - hold: {rate: 1x, for: 2s, phase: all}
        operations:
          - {name: login, weight: 5, call: a.B/Login}
          - {name: send, weight: 95, call: a.B/Send}
        slo:
          - {phase: all, operation: send, p99: "<= 100ms"}
          - {phase: all, operation: login, p99: "<= 1s"}
          - {phase: "*", errors: "<= 1%"}
        stop_if:
          - {operation: login, errors: "> 50%"}
        """;

    [Fact]
    public void The_call_stands_for_the_operation_that_is_called_most()
    {
        ProfileNode root = new CallOverride("chat.v1.Chat/Post", """{"room": "${seq}"}""").Apply(Read(Mixed), out IReadOnlyList<string> dropped);

        Items(root, "operations").Single().Find("name").ShouldBeOfType<ScalarNode>().Value.ShouldBe("Post");
        Items(root, "operations").Single().Find("data").ShouldBeOfType<ScalarNode>().Value.ShouldBe("""{"room": "${seq}"}""");
        Items(root, "slo").Select(r => (r.Find("operation") as ScalarNode)?.Value).ShouldBe(["Post", null]);
        ((MappingNode)root).Find("stop_if").ShouldBeNull("its only rule was about an operation that is gone");
        dropped.ShouldBe(["login"]);
    }

    [Fact]
    public void A_profile_whose_slos_are_all_of_others_is_refused()
    {
        string text = Mixed.Replace("  - {phase: all, operation: send, p99: \"<= 100ms\"}\n", "", StringComparison.Ordinal).Replace("  - {phase: \"*\", errors: \"<= 1%\"}\n", "", StringComparison.Ordinal);
        Should.Throw<UsageException>(() => new CallOverride("chat.v1.Chat/Post", null).Apply(Read(text), out _))
            .Message.ShouldContain("every SLO of the profile is about login, and the call stands for 'send'");
    }

    [Fact]
    public void The_resolved_profile_is_another_and_its_claim_stays_tested()
    {
        const string call = "spikebench.messenger.v1.Messenger/Send";
        RunSetup own = RunSetup.Of(new RunRequest { Profile = "ny-midnight", Command = "" });
        RunSetup mine = RunSetup.Of(new RunRequest { Profile = "ny-midnight", Command = "", Call = new CallOverride(call, """{"room": "${zipf 100 1.1}", "text": "새해 복 많이 받으세요"}""") });
        mine.Profile.Operations.Single().Name.ShouldBe("Send");
        mine.Profile.Slo.Select(s => s.Operation).Distinct().ShouldBe(["Send", "*"]);
        mine.ClaimNotTested.ShouldBeNull();
        mine.ProfileHash.ShouldNotBe(own.ProfileHash);
    }

    [Theory]
    [InlineData("spikebench.messenger.v1.Messenger/Sned", "{}", "did you mean 'spikebench.messenger.v1.Messenger/Send'?")]
    [InlineData("spikebench.messenger.v1.Messenger/Send", """{"room": -1}""", "expected uint64, got -1")]
    [InlineData("spikebench.messenger.v1.Messenger/Send", """{"romo": 1}""", "did you mean 'room'?")]
    [InlineData("spikebench.messenger.v1.Messenger/Send", "{room: 1}", "is not JSON")]
    public void What_is_wrong_with_it_is_told_before_anything_starts(string call, string json, string expected) =>
        Should.Throw<UsageException>(() => RunSetup.Of(new RunRequest { Profile = "ny-midnight", Command = "", Call = new CallOverride(call, json) })).Message.ShouldContain(expected);

    private static ProfileNode Read(string text) => YamlNodes.Read(text).Root!;

    private static IEnumerable<MappingNode> Items(ProfileNode root, string key) => ((SequenceNode)((MappingNode)root).Find(key)!).Items.Cast<MappingNode>();
}
