using SpikeBench.Core.Recording;
using SpikeBench.Core.Verdict;
using SpikeBench.Reporting;
using SpikeBench.Tests.Engine;

namespace SpikeBench.Tests.Verdict;

public sealed class StoppedRunTests
{
    private const long MsNs = 1_000_000;
    private const long SecondNs = 1_000_000_000;

    [Fact]
    public void A_stopped_run_whose_calls_were_good_is_inconclusive_and_says_why()
    {
        RunVerdict verdict = Judge.Decide(Stopped(20 * MsNs));
        verdict.Outcome.ShouldBe(Outcome.Inconclusive);
        verdict.Reasons[0].ShouldBe("The load was stopped: stop_if errors > 50%.");
    }

    [Fact]
    public void A_stopped_run_that_had_missed_its_slo_already_is_a_fail()
    {
        RunVerdict verdict = Judge.Decide(Stopped(300 * MsNs));
        verdict.Outcome.ShouldBe(Outcome.Fail);
        verdict.Slos.Single().Bad.ShouldBe(5_000);
        verdict.Reasons[0].ShouldContain("was missed before the load ended: 5,000 calls were bad, the budget of 0.1 % allows 10 of the 10,000 planned");
    }

    /// <summary>Ctrl-C is nobody's fault: neither the generator's for what it did not send, nor the target's for what it did not get.</summary>
    [Fact]
    public void An_interrupted_run_blames_nobody_for_what_was_not_sent()
    {
        RunRecord run = Stopped(20 * MsNs, cutNs: 3 * SecondNs);
        run = run with { Summary = run.Summary with { Interrupted = "interrupted after 5 s", StoppedBy = null } };
        RunVerdict verdict = Judge.Decide(run);
        verdict.Outcome.ShouldBe(Outcome.Invalid);
        verdict.Reasons[0].ShouldBe("The load ended early: interrupted after 5 s.");
        ValidityCheck offered = verdict.Checks.Single(c => c.Id == "V2");
        offered.Holds.ShouldBeTrue(offered.Measured);
        offered.Measured.ShouldStartWith("100 % sent until the load was ended; ");
        verdict.Spikes.ShouldBeEmpty();
        OfferedRate.Of(run).Shortfall.ShouldBeNull();
        string page = HtmlReport.Render(run, verdict);
        page.ShouldContain("Run the same command again and let it end. This load did not (interrupted after");
        page.ShouldNotContain("calls harmed");
        page.ShouldNotContain("Mend the generator");
    }

    /// <summary>The excuse is for those who ended the load: unsent calls of one that ran to its end stay unsent.</summary>
    [Fact]
    public void Calls_booked_as_stopped_in_a_run_that_nobody_ended_break_the_load_check()
    {
        RunRecord run = Stopped(20 * MsNs);
        Judge.Decide(run with { Summary = run.Summary with { StoppedBy = null } }).Checks.Single(c => c.Id == "V2").Holds.ShouldBeFalse();
    }

    /// <summary>A phase with an interval: what was sent may be too bad already, whatever the rest had brought.</summary>
    [Theory]
    [InlineData(300, 40, Outcome.Fail)]
    [InlineData(300, 1, Outcome.Inconclusive)]
    [InlineData(20, 40, Outcome.Inconclusive)]
    public void A_long_phase_that_was_stopped_fails_only_if_it_would_have_with_the_rest_good(int serviceMs, int stopSeconds, Outcome expected)
    {
        RunRecord run = Stopped(serviceMs * MsNs, seconds: 60, stopSeconds);
        RunVerdict verdict = Judge.Decide(run);
        verdict.Outcome.ShouldBe(expected);
        verdict.Slos.Single().SingleEvent.ShouldBeFalse();
        Judge.Decide(run with { Summary = run.Summary with { StoppedBy = null, Interrupted = "interrupted after 40 s" } }).Outcome
            .ShouldBe(expected == Outcome.Fail ? Outcome.Fail : Outcome.Invalid);
        if (expected == Outcome.Fail)
        {
            verdict.Reasons[0].ShouldContain("was broken before the load ended: 40,000 calls were bad, the budget of 0.1 % allows 60 of the 60,000 planned; were every call good that was not sent");
        }
    }

    /// <summary>1,000/s planned for 10 s, stopped after 5.</summary>
    private static RunRecord Stopped(long serviceNs, int seconds = 10, int stopSeconds = 5, long cutNs = 0)
    {
        using var stop = new CancellationTokenSource();
        var run = new VirtualRun
        {
            TimesNs = [.. Enumerable.Range(0, seconds * 1_000).Select(i => i * MsNs)],
            DurationNs = seconds * SecondNs,
            DeadlineNs = SecondNs,
            Stop = stop.Token,
            CutNs = cutNs,
        };
        RunRecord record = run.Run(clock => new VirtualLane(clock, 0)
        {
            ServiceOf = i =>
            {
                if (i == stopSeconds * 1_000 - 1)
                {
                    stop.Cancel();
                }

                return serviceNs;
            },
        });
        record.Cells.Sum(0, record.Cells.Grid.PlanCells, -1, CellField.NotSentStopped).ShouldBe((seconds - stopSeconds) * 1_000);
        return record with { Summary = record.Summary with { Interrupted = null, StoppedBy = "stop_if errors > 50%" } };
    }
}
