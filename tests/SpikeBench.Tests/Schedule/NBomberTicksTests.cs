using SpikeBench.Core.Schedule;

namespace SpikeBench.Tests.Schedule;

/// <summary>NBomber 4's totals, as its source gives them and its own runs counted them.</summary>
public sealed class NBomberTicksTests
{
    private const long SecondNs = 1_000_000_000;
    private const long MsNs = 1_000_000;

    [Fact]
    public void A_ramp_of_1000_a_second_over_10_s_sends_4500_in_steps_of_100()
    {
        IReadOnlyList<InjectionTick> ticks = NBomberTicks.Of([Ramp(1000, SecondNs, 10 * SecondNs)], seed: 1);
        ticks.Select(t => t.Calls).ShouldBe([0, 100, 200, 300, 400, 500, 600, 700, 800, 900]);
        ticks.Sum(t => t.Calls).ShouldBe(4500);
    }

    [Fact]
    public void A_ramp_of_100_over_10_s_sends_450() =>
        NBomberTicks.Of([Ramp(100, SecondNs, 10 * SecondNs)], seed: 1).Sum(t => t.Calls).ShouldBe(450);

    [Fact]
    public void A_ramp_by_100_ms_ticks_has_49_500_and_one_plateau_per_percent()
    {
        // A hundred ticks, one per percent: 1000 · (0 + 1 + … + 99) / 100.
        IReadOnlyList<InjectionTick> ticks = NBomberTicks.Of([Ramp(1000, 100 * MsNs, 10 * SecondNs)], seed: 1);
        ticks.Sum(t => t.Calls).ShouldBe(49_500);
        IReadOnlyList<InjectionTick> fine = NBomberTicks.Of([Ramp(1000, 10 * MsNs, 10 * SecondNs)], seed: 1);
        fine.Count.ShouldBe(1000);
        fine.Select(t => t.Calls).Distinct().Count().ShouldBe(101);
    }

    [Fact]
    public void Whole_percents_round_away_from_zero()
    {
        // 8 ticks of 12.5 %: 0, 13, 25, 38, 50, 63, 75, 88.
        NBomberTicks.Of([Ramp(100, SecondNs, 8 * SecondNs)], seed: 1).Select(t => t.Calls).ShouldBe([0, 13, 25, 38, 50, 63, 75, 88]);
    }

    [Fact]
    public void The_rate_before_has_no_unit_so_a_shorter_interval_starts_with_a_hidden_spike()
    {
        IReadOnlyList<InjectionTick> ticks = NBomberTicks.Of([Inject(1000, SecondNs, SecondNs), Ramp(100, 100 * MsNs, SecondNs)], seed: 1);
        ticks[1].ShouldBe(new InjectionTick(SecondNs, 100 * MsNs, 1000), "1000 per 100 ms: 10,000 a second");
    }

    [Fact]
    public void After_a_pause_a_ramp_starts_from_0_and_after_a_random_one_from_its_maximum()
    {
        Injection random = new(InjectionKind.Random, 50, 70, SecondNs, 100 * SecondNs);
        IReadOnlyList<InjectionTick> ticks = NBomberTicks.Of([random, Ramp(70, SecondNs, SecondNs), new Injection(InjectionKind.Pause, 0, 0, SecondNs, 2 * SecondNs), Ramp(70, SecondNs, 2 * SecondNs)], seed: 9);
        ticks.Take(100).ShouldAllBe(t => t.Calls >= 50 && t.Calls < 70);
        ticks.Take(100).Select(t => t.Calls).Distinct().Count().ShouldBe(20, "every rate but the excluded maximum");
        ticks[100].Calls.ShouldBe(70);
        ticks.Skip(101).Select(t => t.Calls).ShouldBe([0, 0, 0, 35]);
    }

    [Fact]
    public void A_simulation_lasts_whole_ticks()
    {
        IReadOnlyList<InjectionTick> ticks = NBomberTicks.Of([Inject(3, 400 * MsNs, SecondNs), Inject(1, SecondNs, SecondNs)], seed: 1);
        ticks.Select(t => t.StartNs).ShouldBe([0, 400 * MsNs, 800 * MsNs, 1200 * MsNs]);
    }

    [Fact]
    public void Calls_come_at_once_or_at_whole_milliseconds_of_their_interval()
    {
        List<long> burst = Times(ArrivalKind.NBomber4Burst, out IReadOnlyList<InjectionTick> ticks);
        burst.ShouldBe(ticks.SelectMany(t => Enumerable.Repeat(t.StartNs, t.Calls)));

        List<long> spread = Times(ArrivalKind.NBomber4, out _);
        spread.ShouldBeInOrder();
        spread.ShouldAllBe(t => t % MsNs == 0);
        foreach (InjectionTick tick in ticks)
        {
            spread.Count(t => t >= tick.StartNs && t < tick.StartNs + tick.IntervalNs).ShouldBe(tick.Calls);
        }

        // Uniform in the interval: the mean offset is half of it, within four standard deviations.
        double mean = spread.Average(t => t % SecondNs / (double)SecondNs);
        mean.ShouldBe(0.4995, 4 / Math.Sqrt(12.0 * spread.Count));
    }

    private static List<long> Times(ArrivalKind kind, out IReadOnlyList<InjectionTick> ticks)
    {
        ticks = NBomberTicks.Of([Inject(500, SecondNs, 10 * SecondNs)], seed: 4);
        var curve = new RateCurve(ticks.Select(t => new ConstantRate(t.Calls, t.IntervalNs)));
        ArrivalCursor cursor = new ArrivalSchedule(curve, kind, 4, ticks).Open();
        var times = new List<long>();
        while (cursor.MoveNext())
        {
            times.Add(cursor.IntendedNs);
        }

        return times;
    }

    private static Injection Inject(int rate, long intervalNs, long duringNs) => new(InjectionKind.Inject, rate, 0, intervalNs, duringNs);

    private static Injection Ramp(int rate, long intervalNs, long duringNs) => new(InjectionKind.Ramping, rate, 0, intervalNs, duringNs);
}
