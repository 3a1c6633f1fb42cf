using SpikeBench.Core.Profiles;
using SpikeBench.Core.Schedule;

namespace SpikeBench.Tests.Profiles;

public sealed class ProfileBinderTests
{
    [Fact]
    public void A_profile_binds_to_base_units_with_its_defaults()
    {
        Profile profile = ProfileTexts.Bind(ProfileTexts.Valid);
        profile.Reference.RatePerSecond.ShouldBe(100);
        profile.Load.ShouldBe([new HoldStep(100, 10_000_000_000, "before"), new RampStep(null, 300, 5_000_000_000, "rise")]);
        profile.Slo.ShouldBe([new SloRule("*", "*", 0.01, 200_000_000, "p99 <= 200ms")]);
        profile.Claim.ShouldBe(new Claim("holds", 2, 0.95, 1));
        (profile.Compress, profile.Seed, profile.Arrivals).ShouldBe((1, 1UL, ArrivalKind.Poisson));
        (profile.Client.Connections, profile.Client.DeadlineNs).ShouldBe((null, 1_000_000_000));
    }

    [Fact]
    public void A_hold_without_a_rate_goes_on_with_the_rate_before_and_a_pause_is_written_out()
    {
        ProfileTexts.ErrorsOf(ProfileTexts.Valid.Replace(
            "  - ramp: {to: 3x, for: 5s, phase: rise}",
            "  - hold: {rate: 0/s, for: 1s, phase: silence}\n  - jump: {to: 2x}\n  - hold: {for: 1s, phase: on}\n  - repeat: {times: 2, load: [{hold: {for: 1s, phase: more}}]}",
            StringComparison.Ordinal)).ShouldBeEmpty();
    }

    [Fact]
    public void Five_mistakes_are_reported_at_once_each_with_its_place_and_a_way_out()
    {
        IReadOnlyList<string> errors = ProfileTexts.ErrorsOf("""
            name: Small!
            reference: {rate: 100, window: 1s, what: "test"}
            load:
              - hold: {rate: 1x, fro: 10s, phase: before}
            operations:
              - {name: send, weigth: 3, call: spikebench.messenger.v1.Messenger/Send}
            slo:
              - {phase: befor, p99: "< 200ms"}
            """);
        errors.ShouldBe(
        [
            "test.yaml(1,7): name: 'Small!' must be lower-case letters, digits and hyphens",
            "test.yaml(2,19): reference.rate: '100' is not a rate; write it like 2000/s or 2k/s",
            "test.yaml(4,11): load[0].hold.for: is missing: how long.",
            "test.yaml(4,22): load[0].hold.fro: is not a key here; did you mean 'for'?",
            "test.yaml(6,18): operations[0].weigth: is not a key here; did you mean 'weight'?",
            "test.yaml(8,13): slo[0].phase: there is no phase 'befor'; there are before; did you mean 'before'?",
            "test.yaml(8,25): slo[0].p99: '< 200ms' is not a limit; write it like \"<= 200ms\"",
        ]);
    }

    [Theory]
    [InlineData("  - hold: {rate: 1x, for: 10s, phase: before}", "  - hold: {rate: 1x, for: 10, phase: before}", "'10' is not a duration; write it with a unit")]
    [InlineData("  - hold: {rate: 1x, for: 10s, phase: before}", "  - hold: {rate: 1x, for: 0s, phase: before}", "must be above 0")]
    [InlineData("  - hold: {rate: 1x, for: 10s, phase: before}", "  - hold: {rate: -1x, for: 10s, phase: before}", "is not a rate")]
    [InlineData("  - hold: {rate: 1x, for: 10s, phase: before}", "  - hold: {rate: fast, for: 10s, phase: before}", "or as a multiple of the reference rate like 1.5x")]
    [InlineData("  - hold: {rate: 1x, for: 10s, phase: before}", "  - hold: {for: 10s, phase: before}", "load[0].hold.rate: is missing, and no step before it has a rate that could go on: give one, or write a pause as 'rate: 0/s'")]
    [InlineData("  - hold: {rate: 1x, for: 10s, phase: before}", "  - pause: {during: 2s}\n  - hold: {for: 1s, phase: z}", "load[1].hold.rate: is missing")]
    [InlineData("  - hold: {rate: 1x, for: 10s, phase: before}", "  - hold: {rate: 1x, for: 1s, phase: a}\n  - repeat: {times: 2, load: [{hold: {for: 1s}}, {pause: {during: 1s}}]}", "load[1].repeat.load: starts with a hold without a rate")]
    [InlineData("  - hold: {rate: 1x, for: 10s, phase: before}", "  - hold: {rate: 1x, for: 1s}\n  - overlay: {waves: [{load: [{hold: {for: 1s}}]}]}", "waves[0].load[0].hold.rate: is missing")]
    [InlineData("  - hold: {rate: 1x, for: 10s, phase: before}", "  - keep_constant: {copies: 1}", "load[0].keep_constant.during: is missing")]
    [InlineData("  - hold: {rate: 1x, for: 10s, phase: before}", "  - keep_constant: {copies: 1, during: 5s}", "is of the closed model")]
    [InlineData("  - hold: {rate: 1x, for: 10s, phase: before}", "  - iterations_for_constant: {copies: 1, iterations: 5}", "nothing can come before or after it")]
    [InlineData("  - hold: {rate: 1x, for: 10s, phase: before}", "  - sine: {mean: 1x, amplitude: 2x, period: 5s, for: 9s}", "a rate cannot go below 0")]
    [InlineData("  - hold: {rate: 1x, for: 10s, phase: before}", "  - steps: {from: 1x, to: 2x, count: 1, each: 5s}", "1 is outside 2 to 10000")]
    [InlineData("  - hold: {rate: 1x, for: 10s, phase: before}", "  - repeat: {times: 2, load: [{jump: {to: 2x}}]}", "load[0].repeat.load: offers no call")]
    [InlineData("  - hold: {rate: 1x, for: 10s, phase: before}", "  - repeat: {times: 2, load: [{hold: {rat: 2x, for: 1s}}]}", "load[0].repeat.load[0].hold.rat: is not a key here; did you mean 'rate'?")]
    [InlineData("  - hold: {rate: 1x, for: 10s, phase: before}", "  - repeat: {times: 2, load: [{keep_constant: {copies: 2, during: 1s}}]}", "cannot be repeated or added")]
    [InlineData("  - hold: {rate: 1x, for: 10s, phase: before}", "  - overlay: {waves: [{load: [{hold: {rate: 1x, for: 1s, phase: x}}]}]}", "the phases are the overlay's: name them there")]
    [InlineData("  - hold: {rate: 1x, for: 10s, phase: before}", "  - overlay: {waves: [{load: [{hold: {rate: 1x, for: 1s}}]}], phases: [{name: a}, {name: b}]}", "only the last phase lasts")]
    [InlineData("  - hold: {rate: 1x, for: 10s, phase: before}", "  - trace: {file: x.csv}", "has no folder to read from")]
    [InlineData("client: {deadline: 1s}", "arrivals: nbomber-4", "places calls by NBomber's own ticks")]
    [InlineData("client: {deadline: 1s}", "client: {deadline: 1s}\ncompress: 200", "under 100 ms nothing shows that it was offered: at most 50")]
    [InlineData("client: {deadline: 1s}", "client: {deadline: 200ms}\ncompress: 40", "makes the client's deadline of 200 ms 5 ms; round trips and services do not shrink and need 10 ms: at most 20")]
    [InlineData("  - hold: {rate: 1x, for: 10s, phase: before}", "  - hold: {rate: 1x, for: 10s, phase: rise}\n  - hold: {for: 1s, phase: x}", "phase 'rise' is over already")]
    [InlineData("  - hold: {rate: 1x, for: 10s, phase: before}", "  - {hold: {for: 1s}, pause: {during: 1s}}", "a step is one thing")]
    [InlineData("  - hold: {rate: 1x, for: 10s, phase: before}", "  - inject: {rate: 14, interval: 1m, during: 1s}", "are the two swapped?")]
    [InlineData("  - hold: {rate: 1x, for: 10s, phase: before}", "  - inject_random: {min_rate: 9, max_rate: 3, interval: 1s, during: 9s}", "3 is below min_rate, 9")]
    [InlineData("  - hold: {rate: 1x, for: 10s, phase: before}", "  - midnight: {lead: 1s, for: 90s}", "is shorter than the rise")]
    [InlineData("  - hold: {rate: 1x, for: 10s, phase: before}", "  - midnight: {lead: 10s, for: 20s}", "ends before the spike's phase does")]
    [InlineData("  - hold: {rate: 1x, for: 10s, phase: before}", "  - midnight: {preset: caht, lead: 10s, for: 99s}", "did you mean 'chat'?")]
    [InlineData("  - hold: {rate: 1x, for: 10s, phase: before}", "  - midnight: {amplitude: 1.2x, lead: 10s, for: 99s}", "must be at least 1x more than the anticipation")]
    [InlineData("client: {deadline: 1s}", "client: {deadline: 1s, retry: {attempts: 3}}", "client.retry: is not supported by this version; remove it")]
    [InlineData("client: {deadline: 1s}", "client: {deadline: 100ms}", "200ms is above the deadline of 100 ms")]
    [InlineData("client: {deadline: 1s}", "client: {deadline: 2s, give_up: 1s}", "must not be shorter than the deadline")]
    [InlineData("client: {deadline: 1s}", "client: {connections: none}", "'none' is not a whole number")]
    [InlineData("client: {deadline: 1s}", "client: {connect: late}", "is not one of")]
    [InlineData("client: {deadline: 1s}", "client: {connect_rate: 0/s}", "must be above 0")]
    [InlineData("client: {deadline: 1s}", "events: []", "events: is not supported by this version")]
    [InlineData("client: {deadline: 1s}", "arrivals: even\narrivals: poisson", "arrivals: is given twice")]
    [InlineData("client: {deadline: 1s}", "compress: 20", "200ms is above the deadline of 50 ms")]
    [InlineData("  - {phase: \"*\", p99: \"<= 200ms\"}", "  - {phase: \"*\"}", "has no limit")]
    [InlineData("  - {phase: \"*\", p99: \"<= 200ms\"}", "  - {errors: \"<= 2\"}", "'2' is not a share above 0% and below 100%")]
    [InlineData("  - {phase: \"*\", p99: \"<= 200ms\"}", "  - {operation: sned, p99: \"<= 200ms\"}", "did you mean 'send'?")]
    [InlineData("claim: {text: \"holds\", scale: 2x}", "claim: {text: \"holds\", confidence: 50%}", "must be 80% to 99.99%")]
    [InlineData("claim: {text: \"holds\", scale: 2x}", "claim: {scale: 2x}", "claim.text: is missing")]
    [InlineData("name: small", "", "name: is missing")]
    public void A_wrong_value_is_one_clear_error(string line, string instead, string expected)
    {
        ProfileTexts.Valid.ShouldContain(line);
        ProfileTexts.ErrorsOf(ProfileTexts.Valid.Replace(line, instead, StringComparison.Ordinal)).ShouldContain(e => e.Contains(expected, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("", "is empty")]
    [InlineData("a: [", "is not YAML")]
    [InlineData("a: &x 1\nb: *x", "anchors and aliases are not supported")]
    [InlineData("a: 1\n---\nb: 2", "a second document begins here")]
    [InlineData("{[1]: 2}", "a key must be a single word")]
    [InlineData("just words", "expected keys and values")]
    public void Text_that_is_no_profile_is_one_clear_error(string text, string expected) =>
        ProfileTexts.ErrorsOf(text).ShouldContain(e => e.Contains(expected, StringComparison.Ordinal));

    [Fact]
    public void Nesting_without_end_is_refused() =>
        ProfileTexts.ErrorsOf(new string('[', 1_000)).Single().ShouldContain("levels deep");

    [Fact]
    public void A_budget_is_exactly_what_its_digits_say()
    {
        Profile profile = ProfileTexts.Bind(ProfileTexts.Valid.Replace("p99: ", "p99.9: ", StringComparison.Ordinal));
        profile.Slo[0].Budget.ShouldBe(0.001);
    }
}
