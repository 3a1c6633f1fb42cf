using FsCheck;
using FsCheck.Fluent;
using SpikeBench.Target.Capacity;

namespace SpikeBench.Tests.Target.Capacity;

public sealed class SlotModelTests
{
    private readonly List<SlotJob> _finished = [];

    [Fact]
    public void Job_starts_at_once_when_a_slot_is_free()
    {
        var model = new SlotModel(new SlotModelOptions { Slots = 2 });
        SlotJob job = Offer(model, nowNs: 100, serviceNs: 40);
        job.StartNs.ShouldBe(100);
        job.DepartureNs.ShouldBe(140);
        model.NextDepartureNs.ShouldBe(140);
    }

    [Fact]
    public void Next_job_starts_when_the_slot_fell_free_however_late_the_model_is_asked()
    {
        var model = new SlotModel(new SlotModelOptions());
        Offer(model, 0, serviceNs: 10);
        SlotJob second = Offer(model, 1, serviceNs: 10);
        SlotJob third = Offer(model, 2, serviceNs: 10);
        model.Advance(1_000_000, _finished);
        (second.StartNs, third.StartNs).ShouldBe((10, 20));
        _finished.Select(j => j.DepartureNs).ShouldBe([10, 20, 30]);
    }

    [Fact]
    public void Slot_that_fell_idle_serves_the_next_arrival_from_its_arrival()
    {
        var model = new SlotModel(new SlotModelOptions());
        Offer(model, 0, serviceNs: 10);
        Offer(model, 50, serviceNs: 10).StartNs.ShouldBe(50);
    }

    [Fact]
    public void Arrival_is_refused_when_the_queue_is_full()
    {
        var model = new SlotModel(new SlotModelOptions { QueueLimit = 1 });
        Offer(model, 0, 10);
        Offer(model, 0, 10);
        Offer(model, 0, 10).Outcome.ShouldBe(SlotOutcome.Refused);
        model.Queued.ShouldBe(1);
        Offer(model, 10, 10).Outcome.ShouldBe(SlotOutcome.Pending, "the departure at 10 makes room for the arrival at 10");
    }

    [Fact]
    public void Newest_goes_first_when_the_order_is_lifo()
    {
        var model = new SlotModel(new SlotModelOptions { Order = QueueOrder.Lifo });
        Offer(model, 0, 10);
        SlotJob older = Offer(model, 1, 10);
        SlotJob newer = Offer(model, 2, 10);
        model.Advance(100, _finished);
        (newer.StartNs, older.StartNs).ShouldBe((10, 20));
    }

    [Fact]
    public void Lower_priority_number_goes_first_whenever_it_came()
    {
        var model = new SlotModel(new SlotModelOptions { Priorities = 2 });
        Offer(model, 0, 10);
        SlotJob late = Offer(model, 1, 10, priority: 1);
        SlotJob first = Offer(model, 2, 10, priority: 0);
        model.Advance(100, _finished);
        (first.StartNs, late.StartNs).ShouldBe((10, 20));
    }

    [Theory]
    [InlineData(true, SlotOutcome.Expired, 10)]
    [InlineData(false, SlotOutcome.Served, 20)]
    public void Job_past_its_deadline_takes_no_slot_only_when_expired_ones_are_dropped(bool drop, SlotOutcome outcome, long nextStartNs)
    {
        var model = new SlotModel(new SlotModelOptions { DropExpired = drop });
        Offer(model, 0, 10);
        SlotJob dead = Offer(model, 1, 10, deadlineNs: 10);
        SlotJob next = Offer(model, 2, 10);
        model.Advance(100, _finished);
        dead.Outcome.ShouldBe(outcome);
        next.StartNs.ShouldBe(nextStartNs);
    }

    [Fact]
    public void Job_whose_caller_has_gone_is_dropped_at_its_turn()
    {
        var model = new SlotModel(new SlotModelOptions { DropExpired = true });
        Offer(model, 0, 10);
        SlotJob gone = Offer(model, 1, 10);
        gone.Abandoned = true;
        model.Advance(100, _finished);
        gone.Outcome.ShouldBe(SlotOutcome.Expired);
    }

    [Fact]
    public void Departures_are_those_of_the_fifo_recursion_for_any_arrivals()
    {
        // start(i) = max(arrival(i), earliest slot free), departure = start + service: Kiefer and Wolfowitz, 1955.
        var arrivals = ArbMap.Default.ArbFor<(byte Gap, byte Service)[]>();
        Prop.ForAll(arrivals, calls =>
        {
            const int Slots = 3;
            var model = new SlotModel(new SlotModelOptions { Slots = Slots });
            var finished = new List<SlotJob>();
            long[] freeNs = new long[Slots];
            var expected = new List<long>();
            var jobs = new List<SlotJob>();
            long nowNs = 0;
            foreach ((byte gap, byte service) in calls)
            {
                nowNs += gap;
                var job = new SlotJob { ServiceNs = service };
                model.Offer(job, nowNs, finished).ShouldBeTrue();
                jobs.Add(job);
                Array.Sort(freeNs);
                freeNs[0] = Math.Max(nowNs, freeNs[0]) + service;
                expected.Add(freeNs[0]);
            }

            model.Advance(long.MaxValue, finished);
            jobs.Select(j => j.DepartureNs).ShouldBe(expected);
            finished.Count.ShouldBe(jobs.Count);
            finished.Select(j => j.DepartureNs).ShouldBeInOrder();
        }).QuickCheckThrowOnFailure();
    }

    private SlotJob Offer(SlotModel model, long nowNs, long serviceNs, int priority = 0, long deadlineNs = long.MaxValue)
    {
        var job = new SlotJob { ServiceNs = serviceNs, Priority = priority, DeadlineNs = deadlineNs };
        model.Offer(job, nowNs, _finished);
        return job;
    }
}
