using SpikeBench.Core;
using SpikeBench.Core.Profiles;
using SpikeBench.Core.Verdict;
using SpikeBench.Tests.Evidence;

namespace SpikeBench.Tests.Verdict;

public sealed class LaterSloTests
{
    private static readonly SloRule Counted = new("spike", "read", 0.05, 200_000_000, "p95 <= 200ms");

    [Fact]
    public void A_later_slo_is_judged_and_marked()
    {
        RunVerdict verdict = LaterSlo.Decide(new PlayedRun().Record(), new SloSet([Counted], []), "later.yaml");
        verdict.Outcome.ShouldBe(Outcome.Pass);
        verdict.Headline.ShouldStartWith("PASS of the SLOs");
        verdict.Headline.ShouldEndWith("claim not tested; not pre-registered.");
        verdict.Limits[0].ShouldStartWith("Not pre-registered:");
        verdict.Limits.ShouldContain("Claim not tested: its SLOs were not pre-registered.");
        verdict.Slos.Single().Rule.ShouldBe(Counted);
    }

    [Fact]
    public void The_registered_slos_themselves_are_not_later_ones()
    {
        PlayedRun played = new();
        RunVerdict verdict = LaterSlo.Decide(played.Record(), new SloSet([.. played.Profile.Slo], []), "same.yaml");
        verdict.Headline.ShouldBe(Judge.Decide(played.Record()).Headline);
        verdict.Limits.ShouldNotContain(l => l.StartsWith("Not pre-registered", StringComparison.Ordinal));
    }

    [Fact]
    public void A_threshold_that_was_not_counted_is_refused_however_near()
    {
        SloRule near = Counted with { ThresholdNs = 201_000_000, Text = "p95 <= 201ms" };
        Should.Throw<UsageException>(() => LaterSlo.Decide(new PlayedRun().Record(), new SloSet([near], []), "later.yaml")).Message
            .ShouldBe("later.yaml: p95 <= 201ms: the run counted calls over 200 ms, 1 s exactly, not over 201 ms; a verdict is never read off a histogram. "
                + "Use a counted threshold, or run again with this SLO in the profile");
    }
}
