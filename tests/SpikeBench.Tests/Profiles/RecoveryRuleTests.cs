using SpikeBench.Core.Profiles;

namespace SpikeBench.Tests.Profiles;

public sealed class RecoveryRuleTests
{
    [Fact]
    public void A_recovery_that_the_load_can_show_is_bound()
    {
        Profile profile = ProfileTexts.Bind(With("{within: 2s, clear_for: 3s, of: before}"));
        profile.Recoveries.ShouldBe([new RecoveryRule(2_000_000_000, 3_000_000_000, "before", "recovers within 2 s of before")]);
        profile.Slo.Count.ShouldBe(1, "a recovery is no SLO of calls");
    }

    [Fact]
    public void A_recovery_that_the_load_ends_too_early_to_show_is_an_error()
    {
        string error = ProfileTexts.ErrorsOf(With("{within: 3s, clear_for: 3s, of: before}")).Single();
        error.ShouldContain("slo[1].recovers.within");
        error.ShouldContain("cannot be observed: the load ends 5 s after before");
        error.ShouldContain("takes 6 s to show");
    }

    [Fact]
    public void Compression_shrinks_the_load_and_the_recovery_alike() =>
        ProfileTexts.ErrorsOf(With("{within: 2s, clear_for: 3s, of: before}").Replace("name: small", "name: small\ncompress: 2", StringComparison.Ordinal)).ShouldBeEmpty();

    [Theory]
    [InlineData("{within: 2s, clear_for: 3s, of: nowhere}", "there is no phase 'nowhere'")]
    [InlineData("{within: 2s, clear_for: 3s}", "slo[1].recovers.of: is missing")]
    [InlineData("{within: soon, of: before}", "'soon' is not a duration")]
    [InlineData("{within: 2s, clear_for: 1s, of: before}, p99: \"<= 1ms\"", "does not go with recovers")]
    public void A_wrong_recovery_is_said_with_its_place(string recovers, string expected) =>
        ProfileTexts.ErrorsOf(With(recovers)).ShouldContain(e => e.Contains(expected, StringComparison.Ordinal));

    private static string With(string recovers) =>
        ProfileTexts.Valid.Replace("p99: \"<= 200ms\"}", $"p99: \"<= 200ms\"}}\n  - {{recovers: {recovers}}}", StringComparison.Ordinal);
}
