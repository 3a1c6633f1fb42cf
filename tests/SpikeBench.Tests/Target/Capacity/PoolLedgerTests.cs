using SpikeBench.Target.Capacity;

namespace SpikeBench.Tests.Target.Capacity;

public sealed class PoolLedgerTests
{
    [Fact]
    public void Percentile_is_the_value_of_the_rank_that_covers_its_share()
    {
        ExactPercentiles.Of([.. Enumerable.Range(1, 10).Select(i => (long)i)]).ShouldBe(new ExactPercentiles(10, 5, 9, 10, 10, 10));
        ExactPercentiles.Of([.. Enumerable.Range(1, 1000).Reverse().Select(i => (long)i)])
            .ShouldBe(new ExactPercentiles(1000, 500, 900, 990, 999, 1000));
        ExactPercentiles.Of([]).ShouldBe(new ExactPercentiles(0, 0, 0, 0, 0, 0));
    }

    [Fact]
    public void Ledger_keeps_waits_and_services_of_the_served_and_counts_the_others()
    {
        var ledger = new PoolLedger();
        var model = new SlotModel(new SlotModelOptions { DropExpired = true, QueueLimit = 2 });
        var finished = new List<SlotJob>();
        model.Offer(new SlotJob { ServiceNs = 10 }, 0, finished);
        model.Offer(new SlotJob { ServiceNs = 7 }, 4, finished);
        model.Offer(new SlotJob { ServiceNs = 7, DeadlineNs = 5 }, 4, finished);
        var refused = new SlotJob { ServiceNs = 7 };
        model.Offer(refused, 4, finished).ShouldBeFalse();
        ledger.Refused(refused);
        model.Advance(1000, finished);
        finished.ForEach(ledger.Left);
        (long[] waitNs, long[] serviceNs) = ledger.Copy();
        waitNs.ShouldBe([0, 6]);
        serviceNs.ShouldBe([10, 7]);
        (ledger.ExpiredCount, ledger.RefusedCount).ShouldBe((1, 1));
    }
}
