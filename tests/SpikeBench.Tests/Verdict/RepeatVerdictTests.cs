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

    [Fact]
    public void A_single_run_of_a_claim_of_one_is_its_own_verdict() =>
        Combine(1, Outcome.Pass).Headline.ShouldBe("run 1");

    private static RunVerdict Combine(int required, params Outcome[] outcomes) => RepeatVerdict.Combine(
        [.. outcomes.Select((o, i) => new RunVerdict { Outcome = o, Headline = $"run {i + 1}", Reasons = ["why"], Limits = [], Slos = [], Checks = [] })], required);
}
