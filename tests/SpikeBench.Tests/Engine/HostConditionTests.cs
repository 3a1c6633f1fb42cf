using System.Text;
using SpikeBench.Core.Engine;
using SpikeBench.Core.Recording;

namespace SpikeBench.Tests.Engine;

public sealed class HostConditionTests
{
    private const long MsNs = 1_000_000;
    private const long SecondNs = 1_000_000_000;

    private const string Stat = "cpu  60 0 40 850 0 0 0 50 0 0\ncpu0 50 0 30 400 0 0 0 20 7 0\ncpu1 10 0 10 450 0 0 0 30 0 0\nintr 12 3 4\n";

    [Fact]
    public void Every_tick_of_a_pause_is_late_by_what_was_left_of_it()
    {
        var ticks = new HiccupTicks(startNs: 0, t0Ns: 10 * MsNs, lengthNs: SecondNs);
        for (long now = MsNs; now <= 500 * MsNs; now += MsNs)
        {
            ticks.Woke(now);
        }

        // The ticks of 501 to 520 ms were due; the next is at 521 ms.
        ticks.Woke(520 * MsNs + MsNs / 2);
        ticks.NextNs.ShouldBe(521 * MsNs);
        ticks.Lateness.TotalCount.ShouldBe(520 - 10 + 1);
        ticks.Lateness.CountBetween(MsNs, 20 * MsNs).ShouldBe(19);
        ticks.Lateness.Max.ShouldBe(ticks.Lateness.HighestEquivalent(19 * MsNs + MsNs / 2));
        ticks.WorstIn(0, 400 * MsNs).ShouldBe(0);
        ticks.WorstIn(400 * MsNs, 600 * MsNs).ShouldBe(19 * MsNs + MsNs / 2);
    }

    [Fact]
    public void Stolen_time_is_that_of_the_generators_own_processors()
    {
        StealReading.TryParse(Encoding.ASCII.GetBytes(Stat), null, out StealReading all).ShouldBeTrue();
        all.ShouldBe(new StealReading(50, 1000));
        CpuList.TryParse("1", out CpuList second).ShouldBeTrue();
        StealReading.TryParse(Encoding.ASCII.GetBytes(Stat), second, out StealReading one).ShouldBeTrue();
        one.ShouldBe(new StealReading(30, 500));
        new StealReading(80, 700).Since(one).ShouldBe(0.25);
        one.Since(one).ShouldBeNull();
        StealReading.TryParse(default, null, out _).ShouldBeFalse();
        StealReading.TryParse("cpu0 1 2"u8, null, out _).ShouldBeFalse();
    }

    [Theory]
    [InlineData("0-3,8", "0-3,8")]
    [InlineData("3,1,2,1", "1-3")]
    [InlineData("5", "5")]
    public void A_list_of_processors_reads_and_writes_as_the_kernel_does(string text, string written)
    {
        CpuList.TryParse(text, out CpuList list).ShouldBeTrue();
        list.ToString().ShouldBe(written);
        CpuList.TryParse(written, out CpuList again).ShouldBeTrue();
        again.ShouldBe(list);
    }

    [Theory]
    [InlineData("")]
    [InlineData("a")]
    [InlineData("3-1")]
    [InlineData("1-2-3")]
    [InlineData("-1")]
    [InlineData("0-99999999")]
    public void What_is_no_list_of_processors_is_refused(string text) => CpuList.TryParse(text, out _).ShouldBeFalse();

    [Fact]
    public void A_wall_clock_that_runs_away_or_is_set_is_seen()
    {
        var clock = new VirtualClock();
        var wall = new SettableTime();
        using var meter = new HostMeter(clock, wall, 0, new WorkerThreads(1), null, 2);
        meter.Prepare();
        meter.Begin();
        for (int second = 1; second <= 60; second++)
        {
            clock.NowNs = second * SecondNs;
            wall.Utc = DateTimeOffset.UnixEpoch.AddTicks(second * (TimeSpan.TicksPerSecond + 100) - (second == 30 ? 20_000 : 0));
            meter.Take();
        }

        meter.TakeLast();
        using var hiccups = new HiccupMeter(clock, 0, SecondNs);
        (IReadOnlyList<HostSecond> seconds, GeneratorHealth health) = meter.Finish(hiccups);
        seconds.Count.ShouldBe(60);
        seconds.Select(s => s.StartNs).ShouldBe(Enumerable.Range(0, 60).Select(s => s * SecondNs));
        seconds.ShouldAllBe(s => s.WorkerRunDelayNs == null && s.BusiestWorkerShare == null);
        health.WallSeconds.ShouldBe(60);
        health.ClockDriftNs.ShouldBe(600_000);
        health.ClockStepNs.ShouldBe(2_010_000);
    }

    private sealed class SettableTime : TimeProvider
    {
        public DateTimeOffset Utc { get; set; } = DateTimeOffset.UnixEpoch;

        public override DateTimeOffset GetUtcNow() => Utc;
    }
}
