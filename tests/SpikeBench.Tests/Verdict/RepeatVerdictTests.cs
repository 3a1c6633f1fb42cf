using SpikeBench.Cli.Commands;
using SpikeBench.Core.Profiles;
using SpikeBench.Core.Verdict;

namespace SpikeBench.Tests.Verdict;

public sealed class RepeatVerdictTests
{
    [Fact]
    public void One_valid_miss_fails_the_set_whatever_the_others_were() =>
        Combine(1, Outcome.Pass, Outcome.Invalid, Outcome.Fail).Outcome.ShouldBe(Outcome.Fail);

    [Fact]
    public void A_void_midnight_leaves_the_set_invalid() =>
        Combine(1, Outcome.Pass, Outcome.Invalid, Outcome.Pass).Outcome.ShouldBe(Outcome.Invalid);

    [Fact]
    public void All_held_passes_and_states_the_bound()
    {
        RunVerdict verdict = Combine(3, Outcome.Pass, Outcome.Pass, Outcome.Pass);
        verdict.Outcome.ShouldBe(Outcome.Pass);
        verdict.Headline.ShouldBe("PASS: 3 of 3 midnights held; P(miss) ≤ 63.2 % with 95 % confidence.");
    }

    [Fact]
    public void Fewer_midnights_than_registered_are_inconclusive() =>
        Combine(10, Outcome.Pass, Outcome.Pass).Outcome.ShouldBe(Outcome.Inconclusive);

    /// <summary>A look that PASSes over all midnights does not list each of them as INCONCLUSIVE.</summary>
    [Fact]
    public void Midnights_that_hold_together_are_not_reported_as_open()
    {
        var rule = new SloRule("*", "*", 0.02, null, "errors <= 2%");
        var open = new SloResult { Rule = rule, Phase = "all", Outcome = Outcome.Inconclusive, Calls = 120, Bad = 2, SingleEvent = false, Reason = "open" };
        RunVerdict midnight = new() { Outcome = Outcome.Inconclusive, Headline = "INCONCLUSIVE: cannot tell.", Reasons = ["open"], Limits = [], Slos = [open], Checks = [] };
        RunVerdict verdict = RepeatVerdict.Combine([midnight, midnight], 2, [open with { Outcome = Outcome.Pass, Calls = 240, Bad = 4, Reason = "held over all" }]);
        verdict.Outcome.ShouldBe(Outcome.Pass);
        verdict.Reasons.ShouldBe(["held over all", "Midnight 1 alone could not tell; it was within its budget.", "Midnight 2 alone could not tell; it was within its budget."]);
    }

    [Fact]
    public void Between_two_looks_it_is_said_which_was_open_and_why()
    {
        RunVerdict verdict = new() { Outcome = Outcome.Inconclusive, Headline = "", Reasons = ["errors <= 2% in all is open."], Limits = [], Slos = [], Checks = [] };
        var claim = new Claim("it holds", Scale: 1, Confidence: 0.95, Repeats: 1, Looks: 2);
        LookText.GoesOn(claim, verdict, look: 1, more: 1).ShouldBe(
            "look 1 of 2, at an error of 2.94 % each, is INCONCLUSIVE: errors <= 2% in all is open. 1 more midnight, as the claim registered");
    }

    [Fact]
    public void A_single_run_of_a_claim_of_one_is_its_own_verdict() =>
        Combine(1, Outcome.Pass).Headline.ShouldBe("run 1");

    private static RunVerdict Combine(int required, params Outcome[] outcomes) => RepeatVerdict.Combine(
        [.. outcomes.Select((o, i) => new RunVerdict { Outcome = o, Headline = $"run {i + 1}", Reasons = ["why"], Limits = [], Slos = [], Checks = [] })], required);
}
