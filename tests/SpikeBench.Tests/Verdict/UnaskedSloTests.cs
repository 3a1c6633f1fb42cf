using SpikeBench.Core.Profiles;
using SpikeBench.Core.Recording;
using SpikeBench.Core.Verdict;
using SpikeBench.Tests.Evidence;

namespace SpikeBench.Tests.Verdict;

/// <summary>What no call was asked of, nothing was shown of: silence passes no SLO and no recovery.</summary>
public sealed class UnaskedSloTests
{
    private const long MsNs = 1_000_000;
    private const long SecondNs = 1_000_000_000;

    private static readonly PlayedRun Usual = new();

    // So rare that a plan of a thousand calls has none of it.
    private static readonly Profile Rare = Usual.Profile with { Operations = [Usual.Profile.Operations[0], Usual.Profile.Operations[1] with { Weight = 1e-9 }] };

    private static readonly Profile ThenPause = Usual.Profile with
    {
        Load = [new HoldStep(50, 2 * SecondNs, "before"), new HoldStep(100, 4 * SecondNs, "spike"), new HoldStep(0, 6 * SecondNs, "pause")],
    };

    [Theory]
    [InlineData("*")]
    [InlineData("spike")]
    public void An_slo_on_an_operation_that_was_never_called_does_not_pass(string phase)
    {
        RunVerdict verdict = Judge.Decide(Record(Rare with { Slo = [new SloRule(phase, "read", 0.01, 200 * MsNs, "p99 <= 200ms"), Usual.Profile.Slo[0]] }));
        verdict.Outcome.ShouldBe(Outcome.Inconclusive);
        verdict.Reasons.ShouldContain(r => r.StartsWith("read p99 <= 200ms in spike: 0 calls cannot show 1 %", StringComparison.Ordinal));
        verdict.Slos.ShouldContain(s => s.Outcome == Outcome.Pass, "the other SLO was asked");
    }

    /// <summary>A profile cannot say so; a stored one that was edited, or a phase without length, can.</summary>
    [Fact]
    public void An_slo_of_no_phase_does_not_pass()
    {
        RunRecord run = Usual.Record();
        RunVerdict verdict = Judge.Decide(run with { Summary = run.Summary with { Profile = run.Summary.Profile with { Slo = [new SloRule("nowhere", "*", 0.01, null, "errors <= 1%")] } } });
        verdict.Outcome.ShouldBe(Outcome.Inconclusive);
        verdict.Reasons.ShouldBe(["all operations errors <= 1% in nowhere: no call was planned that it is about."]);
    }

    [Fact]
    public void A_pause_has_nothing_to_judge() =>
        Judge.Decide(Record(ThenPause with { Slo = [new SloRule("*", "*", 0.02, 200 * MsNs, "p98 <= 200ms")] })).Outcome.ShouldBe(Outcome.Pass);

    [Fact]
    public void A_recovery_that_no_call_could_show_is_inconclusive()
    {
        RunVerdict verdict = Judge.Decide(Record(ThenPause with { Recoveries = [new RecoveryRule(2 * SecondNs, 3 * SecondNs, "spike", "recovers within 2 s of spike")] }));
        verdict.Outcome.ShouldBe(Outcome.Inconclusive);
        verdict.Recoveries.Single().Reason.ShouldContain("no call of p99 <= 200ms was planned in the 3 s that should show it");
    }

    [Fact]
    public void A_recovery_whose_slo_was_never_called_is_inconclusive()
    {
        Profile rare = Rare with
        {
            Slo = [new SloRule("spike", "read", 0.01, 200 * MsNs, "p99 <= 200ms"), new SloRule("before", "send", 0.05, null, "errors <= 5%")],
            Recoveries = [new RecoveryRule(2 * SecondNs, SecondNs, "before", "recovers within 2 s of before"), new RecoveryRule(2 * SecondNs, SecondNs, "spike", "recovers within 2 s of spike")],
        };
        RunVerdict verdict = Judge.Decide(Record(rare with { Load = [.. rare.Load, new HoldStep(50, 4 * SecondNs, "after")] }));
        verdict.Outcome.ShouldBe(Outcome.Inconclusive);
        verdict.Recoveries.Select(r => r.Outcome).ShouldBe([Outcome.Pass, Outcome.Inconclusive]);
    }

    private static RunRecord Record(Profile profile) => (Usual with { Profile = profile }).Record();
}
