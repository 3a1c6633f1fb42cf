using SpikeBench.Core.Recording;
using SpikeBench.Core.Verdict;
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

    /// <summary>1,000/s planned for 10 s, stopped after 5.</summary>
    private static RunRecord Stopped(long serviceNs)
    {
        using var stop = new CancellationTokenSource();
        var run = new VirtualRun
        {
            TimesNs = [.. Enumerable.Range(0, 10_000).Select(i => i * MsNs)],
            DurationNs = 10 * SecondNs,
            DeadlineNs = SecondNs,
            Stop = stop.Token,
        };
        RunRecord record = run.Run(clock => new VirtualLane(clock, 0)
        {
            ServiceOf = i =>
            {
                if (i == 4_999)
                {
                    stop.Cancel();
                }

                return serviceNs;
            },
        });
        record.Cells.Sum(0, record.Cells.Grid.PlanCells, -1, CellField.NotSentStopped).ShouldBe(5_000);
        return record with { Summary = record.Summary with { Interrupted = null, StoppedBy = "stop_if errors > 50%" } };
    }
}
