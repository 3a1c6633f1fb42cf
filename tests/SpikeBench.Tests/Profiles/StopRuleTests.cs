using SpikeBench.Core.Profiles;

namespace SpikeBench.Tests.Profiles;

public sealed class StopRuleTests
{
    [Fact]
    public void Rules_bind_with_their_defaults()
    {
        Profile profile = ProfileTexts.Bind(With("{errors: \"> 50%\"}", "{phase: rise, operation: send, p99: \"> 800ms\", window: 5s, delay: 2s, calls: 1000}"));
        profile.StopIf.ShouldBe(
        [
            new StopRule("*", "*", 0.5, null, 10_000_000_000, 0, 100, "errors > 50%"),
            new StopRule("rise", "send", 0.01, 800_000_000, 5_000_000_000, 2_000_000_000, 1000, "p99 > 800ms"),
        ]);
    }

    [Theory]
    [InlineData("{errors: \"<= 50%\"}", "stop_if[0].errors: '<= 50%' is not a limit to stop at; write it like \"> 50%\"")]
    [InlineData("{errors: \"> 100%\"}", "is not a share above 0% and below 100%")]
    [InlineData("{p99: \"> 2s\"}", "'2s' is not a duration up to the deadline of 1 s")]
    [InlineData("{window: 5s}", "stop_if[0]: needs exactly one limit")]
    [InlineData("{errors: \"> 50%\", p99: \"> 500ms\"}", "stop_if[0]: needs exactly one limit")]
    [InlineData("{errors: \"> 50%\", window: 100ms}", "stop_if[0].window: must be at least 1 s")]
    [InlineData("{errors: \"> 50%\", phase: befor}", "there is no phase 'befor'")]
    [InlineData("{errors: \"> 50%\", for: 5s}", "stop_if[0].for: is not a key here")]
    public void A_wrong_rule_says_what_is_wrong_with_it(string rule, string message) =>
        ProfileTexts.ErrorsOf(With(rule)).ShouldHaveSingleItem().ShouldContain(message);

    [Fact]
    public void Ceilings_bind_and_must_be_above_nothing()
    {
        ClientOptions client = ProfileTexts.Bind(ProfileTexts.Valid.Replace("{deadline: 1s}", "{deadline: 1s, max_in_flight: 200, max_rate: 4x}", StringComparison.Ordinal)).Client;
        (client.MaxInFlight, client.MaxRatePerSecond).ShouldBe((200, 400));
        ProfileTexts.ErrorsOf(ProfileTexts.Valid.Replace("{deadline: 1s}", "{max_in_flight: 0, max_rate: 0/s}", StringComparison.Ordinal)).Count.ShouldBe(2);
    }

    private static string With(params string[] rules) => ProfileTexts.Valid + "\nstop_if:\n" + string.Concat(rules.Select(r => $"  - {r}\n"));
}
