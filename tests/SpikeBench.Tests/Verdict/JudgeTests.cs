using SpikeBench.Core.Engine;
using SpikeBench.Core.Profiles;
using SpikeBench.Core.Recording;
using SpikeBench.Core.Schedule;
using SpikeBench.Core.Verdict;
using SpikeBench.Tests.Engine;

namespace SpikeBench.Tests.Verdict;

public sealed class JudgeTests
{
    private const long MsNs = 1_000_000;
    private const long SecondNs = 1_000_000_000;

    private static readonly SloRule P999 = new("*", "*", 0.001, 200 * MsNs, "p99.9 <= 200ms");

    // 10,000/s for a minute: 30 batches of 2 s at a deadline of 1 s.
    private static readonly VirtualRun Minute = new()
    {
        TimesNs = [.. Enumerable.Range(0, 600_000).Select(i => i * MsNs / 10)],
        DurationNs = 60 * SecondNs,
        DeadlineNs = SecondNs,
    };

    // 1,000/s for 10 s: one event.
    private static readonly VirtualRun Short = new()
    {
        TimesNs = [.. Enumerable.Range(0, 10_000).Select(i => i * MsNs)],
        DurationNs = 10 * SecondNs,
        DeadlineNs = SecondNs,
    };

    [Fact]
    public void A_target_that_answers_in_time_passes()
    {
        RunVerdict verdict = Judge.Decide(Minute.Run(Serving(20 * MsNs)));
        verdict.Outcome.ShouldBe(Outcome.Pass);
        verdict.Headline.ShouldStartWith("PASS: \"holds\" held, at 1x of 100/s (test)");
        SloResult slo = verdict.Slos.Single();
        (slo.Calls, slo.Bad, slo.SingleEvent).ShouldBe((600_000, 0, false));
        slo.Upper!.Value.ShouldBeLessThan(0.001);
        verdict.Checks.Where(c => !c.Holds).Select(c => c.Id).ShouldBe(["V12"], "there is no calibration; it bars the certificate alone");
    }

    [Fact]
    public void A_target_that_is_too_slow_for_one_call_in_a_hundred_fails()
    {
        RunVerdict verdict = Judge.Decide(Minute.Run(clock => new VirtualLane(clock, 0) { ServiceOf = i => i % 100 == 0 ? 300 * MsNs : 20 * MsNs }));
        verdict.Outcome.ShouldBe(Outcome.Fail);
        verdict.Slos.Single().Lower!.Value.ShouldBeGreaterThan(0.001);
        verdict.Reasons[0].ShouldContain("6,000 of 600,000 calls were bad (1 %)");
    }

    [Fact]
    public void Bad_calls_in_one_clump_at_the_budget_are_inconclusive()
    {
        RunVerdict verdict = Judge.Decide(Minute.Run(clock => new VirtualLane(clock, 0) { ServiceOf = i => i is >= 100_000 and < 100_590 ? 300 * MsNs : 20 * MsNs }));
        verdict.Outcome.ShouldBe(Outcome.Inconclusive);
        verdict.Slos.Single().DesignEffect!.Value.ShouldBeGreaterThan(100);
    }

    /// <summary>The batches say that bad calls clump: a run that lost them is no calm one.</summary>
    [Fact]
    public void A_run_that_lost_its_batches_is_void()
    {
        RunRecord run = Minute.Run(Serving(20 * MsNs));
        RunVerdict verdict = Judge.Decide(run with { Batches = [.. run.Batches.Select(_ => RecordingPlan.NewBatchHistogram())] });
        verdict.Outcome.ShouldBe(Outcome.Invalid);
        Check(verdict, "V1").Measured.ShouldBe("call in all: 600,000 OK, 0 of them in the batches");
    }

    /// <summary>The generator pauses for 250 ms; the target serves all calls in 20 ms. A naive p99.9 is 210 ms.</summary>
    [Fact]
    public void A_late_generator_voids_what_only_it_caused()
    {
        RunRecord run = Minute.Run(clock => new VirtualLane(clock, 0) { ServiceOf = _ => 20 * MsNs, GeneratorPause = (30 * SecondNs, 30 * SecondNs + 250 * MsNs) });
        run.Distribution(-1, -1, TimeKind.Lateness).ValueAtPercentile(99.9).ShouldBeInRange(190 * MsNs - MsNs, 190 * MsNs + MsNs);
        RunVerdict verdict = Judge.Decide(run);
        verdict.Outcome.ShouldBe(Outcome.Invalid);
        Check(verdict, "V3").Holds.ShouldBeFalse();
        Check(verdict, "V3").Measured.ShouldStartWith("2,300 of 600,000 calls later than 20 ms");
        Check(verdict, "V3").Bound.ShouldBe("at most 60 calls");
    }

    /// <summary>The same pause, but the target itself takes 450 ms for one call in a hundred.</summary>
    [Fact]
    public void A_late_generator_does_not_excuse_a_slow_target()
    {
        VirtualRun edge = Minute with { Edges = [new Stretch(30 * SecondNs, 31 * SecondNs)] };
        RunVerdict verdict = Judge.Decide(edge.Run(clock => new VirtualLane(clock, 0)
        {
            ServiceOf = i => i % 100 == 0 ? 450 * MsNs : 20 * MsNs,
            GeneratorPause = (30 * SecondNs, 30 * SecondNs + 250 * MsNs),
        }));
        verdict.Outcome.ShouldBe(Outcome.Fail);
        Check(verdict, "V2").Holds.ShouldBeFalse("a broken fidelity voids a PASS only");
    }

    /// <summary>97 % of a second's calls sent within it and every SLO met: a load that was not offered cannot be passed.</summary>
    [Fact]
    public void A_pass_without_the_load_is_invalid()
    {
        RunVerdict verdict = Judge.Decide(Short.Run(clock => new VirtualLane(clock, 0) { ServiceOf = _ => 20 * MsNs, GeneratorPause = (4 * SecondNs - 30 * MsNs, 4 * SecondNs + 20 * MsNs) }));
        verdict.Outcome.ShouldBe(Outcome.Invalid);
        verdict.Reasons.Single().ShouldStartWith("V2, the load was really offered");
        verdict.Slos.Single().Outcome.ShouldBe(Outcome.Pass);
    }

    [Theory]
    [InlineData(10, Outcome.Pass)]
    [InlineData(11, Outcome.Fail)]
    public void A_short_phase_is_met_or_missed_by_its_exact_share(int bad, Outcome expected)
    {
        RunVerdict verdict = Judge.Decide(Short.Run(clock => new VirtualLane(clock, 0) { ServiceOf = i => i < bad ? 300 * MsNs : MsNs }));
        verdict.Outcome.ShouldBe(expected);
        SloResult slo = verdict.Slos.Single();
        (slo.SingleEvent, slo.Bad, slo.Upper).ShouldBe((true, bad, (double?)null));
        verdict.Limits.ShouldContain(l => l.Contains("P(miss) ≤ 95 %", StringComparison.Ordinal));
    }

    [Fact]
    public void Too_few_calls_never_pass_however_good()
    {
        VirtualRun few = Short with { TimesNs = [.. Enumerable.Range(0, 2_994).Select(i => i * MsNs)] };
        Judge.Decide(few.Run(Serving(MsNs))).Outcome.ShouldBe(Outcome.Inconclusive);
        VirtualRun enough = Short with { TimesNs = [.. Enumerable.Range(0, 2_995).Select(i => i * MsNs)] };
        Judge.Decide(enough.Run(Serving(MsNs))).Outcome.ShouldBe(Outcome.Pass);
    }

    [Fact]
    public void A_call_that_is_not_ok_is_bad_however_quick()
    {
        RunVerdict verdict = Judge.Decide(Short.Run(clock => new VirtualLane(clock, MsNs / 10)
        {
            Outcomes = i => i % 50 == 0 ? (GrpcStatus.ResourceExhausted, Failure.Status) : (GrpcStatus.Ok, Failure.None),
        }));
        verdict.Outcome.ShouldBe(Outcome.Fail);
        verdict.Slos.Single().Bad.ShouldBe(200);
    }

    [Fact]
    public void Our_own_ceiling_voids_everything()
    {
        RunVerdict verdict = Judge.Decide((Short with { Slots = 50 }).Run(Serving(100 * MsNs)));
        verdict.Outcome.ShouldBe(Outcome.Invalid);
        Check(verdict, "V13").Holds.ShouldBeFalse();
    }

    [Fact]
    public void Books_that_do_not_balance_void_everything()
    {
        RunRecord run = Short.Run(Serving(MsNs));
        run.Cells[3, 0, CellField.Ok]--;
        RunVerdict verdict = Judge.Decide(run);
        verdict.Outcome.ShouldBe(Outcome.Invalid);
        verdict.Reasons[0].ShouldStartWith("V1,");
    }

    [Fact]
    public void Another_plan_than_the_registered_one_voids_everything()
    {
        RunRecord run = Short.Run(Serving(MsNs));
        RunVerdict verdict = Judge.Decide(run with { Summary = run.Summary with { OfferedFingerprint = "other" } });
        verdict.Outcome.ShouldBe(Outcome.Invalid);
        verdict.Reasons[0].ShouldStartWith("plan,");
    }

    [Fact]
    public void A_pass_at_another_scale_does_not_read_as_a_pass_of_the_claim()
    {
        RunRecord run = Short.Run(Serving(MsNs));
        RunVerdict verdict = Judge.Decide(run with { Summary = run.Summary with { ClaimNotTested = "it is about 2x, this run offered 1x" } });
        verdict.Headline.ShouldStartWith("PASS of the SLOs");
        verdict.Headline.ShouldEndWith("claim not tested.");
        verdict.Limits.ShouldContain("Claim not tested: it is about 2x, this run offered 1x.");
    }

    [Fact]
    public void A_stopped_run_never_passes_and_its_unsent_calls_are_not_the_targets()
    {
        using var stop = new CancellationTokenSource();
        RunRecord run = (Short with { Stop = stop.Token, CutNs = 5 * SecondNs }).Run(clock => new VirtualLane(clock, 0)
        {
            ServiceOf = i =>
            {
                if (i == 7_000)
                {
                    stop.Cancel();
                }

                return MsNs;
            },
        });
        RunVerdict verdict = Judge.Decide(run);
        verdict.Outcome.ShouldBe(Outcome.Invalid);
        verdict.Slos.Select(s => s.Outcome).ShouldBe([Outcome.Pass, Outcome.Inconclusive]);
    }

    [Fact]
    public void Holm_takes_a_marginal_fail_back_when_many_slos_are_tested()
    {
        // 76 bad of 60,000 are significant alone at 5 %, not as one of five.
        VirtualRun sparse = Minute with { TimesNs = [.. Enumerable.Range(0, 60_000).Select(i => i * MsNs)] };
        Func<VirtualClock, VirtualLane> target = clock => new VirtualLane(clock, 0) { ServiceOf = i => i % 790 == 5 ? 300 * MsNs : MsNs };
        Judge.Decide(sparse.Run(target)).Outcome.ShouldBe(Outcome.Fail);
        SloRule[] many = [P999, .. Enumerable.Range(1, 4).Select(i => new SloRule("*", "*", 0.01 * i, 200 * MsNs, $"p{100 - i} <= 200ms"))];
        RunVerdict verdict = Judge.Decide((sparse with { Slo = many }).Run(target));
        verdict.Outcome.ShouldBe(Outcome.Inconclusive);
        verdict.Slos[0].Reason.ShouldEndWith("not enough for a FAIL (Holm).");
    }

    [Fact]
    public void The_same_record_always_gets_the_same_verdict()
    {
        RunRecord run = Minute.Run(Serving(20 * MsNs));
        RunVerdict first = Judge.Decide(run), second = Judge.Decide(run);
        second.Headline.ShouldBe(first.Headline);
        second.Reasons.ShouldBe(first.Reasons);
        second.Slos.ShouldBe(first.Slos);
    }

    private static Func<VirtualClock, VirtualLane> Serving(long serviceNs) => clock => new VirtualLane(clock, 0) { ServiceOf = _ => serviceNs };

    private static ValidityCheck Check(RunVerdict verdict, string id) => verdict.Checks.Single(c => c.Id == id);
}
