using SpikeBench.Core.Engine;
using SpikeBench.Core.Recording;
using SpikeBench.Core.Schedule;

namespace SpikeBench.Tests.Recording;

public sealed class CollectorTests
{
    /// <summary>A load that fails before T0 leaves its collector waiting: in a program that lives on, nothing may.</summary>
    [Fact]
    public void A_collector_that_is_disposed_without_an_end_has_ended()
    {
        var clock = new MonotonicClock();
        var plan = new RecordingPlan([new Phase("all", 0, 1_000_000_000)], 1, [], 1_000_000_000, 1_000_000_000);
        var taker = new IntervalTaker(new RunRecorder(plan, 1), null);
        long t0Ns = clock.NowNs + 3_600_000_000_000;
        using var host = new HostMeter(clock, TimeProvider.System, t0Ns, new WorkerThreads(1), null, 1);
        var collector = new Collector(taker, host, clock, t0Ns, 1_000_000_000, _ => true, _ => { });

        collector.Dispose();

        taker.Seconds.Count.ShouldBe(1, "the thread took its last interval before it was let go");
        host.Seconds.ShouldBeEmpty("nothing had begun");
    }
}
