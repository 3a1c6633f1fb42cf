using SpikeBench.Core.Schedule;

namespace SpikeBench.Tests.Schedule;

public sealed class LoadPlanTests
{
    private const long SecondNs = 1_000_000_000;

    [Theory]
    [InlineData(ArrivalKind.Even)]
    [InlineData(ArrivalKind.Poisson)]
    [InlineData(ArrivalKind.Uniform)]
    [InlineData(ArrivalKind.NBomber4)]
    [InlineData(ArrivalKind.NBomber4Burst)]
    public void Shards_of_any_number_of_workers_make_up_the_whole_plan(ArrivalKind kind)
    {
        LoadPlan plan = Plan(kind, seed: 5);
        List<Arrival> whole = Read(plan, 0, 1);
        foreach (int workers in new[] { 2, 3, 8, 64 })
        {
            var shards = Enumerable.Range(0, workers).Select(w => Read(plan, w, workers)).ToList();
            shards.SelectMany(s => s).OrderBy(a => a.Index).ShouldBe(whole);
            shards.ForEach(s => s.Select(a => a.IntendedNs).ShouldBeInOrder());
        }
    }

    [Theory]
    [InlineData(ArrivalKind.Even)]
    [InlineData(ArrivalKind.Poisson)]
    [InlineData(ArrivalKind.Uniform)]
    [InlineData(ArrivalKind.NBomber4)]
    [InlineData(ArrivalKind.NBomber4Burst)]
    public void The_fingerprint_does_not_depend_on_the_number_of_workers(ArrivalKind kind)
    {
        LoadPlan plan = Plan(kind, seed: 5);
        PlanFingerprint expected = plan.Count().Fingerprint;
        foreach (int workers in new[] { 1, 2, 8, 64 })
        {
            var sum = default(PlanFingerprint);
            for (int w = 0; w < workers; w++)
            {
                var own = default(PlanFingerprint);
                Read(plan, w, workers).ForEach(a => own.Add(a));
                sum.Add(own);
            }

            sum.ShouldBe(expected);
        }
    }

    [Fact]
    public void The_fingerprint_changes_with_every_part_of_a_call()
    {
        var call = new Arrival(3, 1_000, 1, 17, 0);
        string[] prints = [.. new[] { call, call with { Index = 4 }, call with { IntendedNs = 1_001 }, call with { Operation = 0 }, call with { Payload = 18 } }.Select(Print)];
        prints.Distinct().Count().ShouldBe(prints.Length);

        static string Print(Arrival arrival)
        {
            var print = default(PlanFingerprint);
            print.Add(arrival);
            return print.ToString();
        }
    }

    [Fact]
    public void The_same_seed_gives_the_same_plan_and_another_gives_another()
    {
        Plan(ArrivalKind.Poisson, seed: 5).Count().Fingerprint.ShouldBe(Plan(ArrivalKind.Poisson, seed: 5).Count().Fingerprint);
        Plan(ArrivalKind.Poisson, seed: 5).Count().Fingerprint.ShouldNotBe(Plan(ArrivalKind.Poisson, seed: 6).Count().Fingerprint);
    }

    [Fact]
    public void Operations_come_in_the_shares_of_their_weights()
    {
        List<Arrival> calls = Read(Plan(ArrivalKind.Even, seed: 9), 0, 1);
        double share = calls.Count(a => a.Operation == 1) / (double)calls.Count;

        // 5 standard deviations of a binomial share of 0.25.
        share.ShouldBe(0.25, 5 * Math.Sqrt(0.25 * 0.75 / calls.Count));
        calls.Select(a => a.Payload).Distinct().Count().ShouldBe(LoadPlan.PoolSize);
    }

    [Fact]
    public void Calls_belong_to_the_phase_of_their_due_time()
    {
        LoadPlan plan = Plan(ArrivalKind.Poisson, seed: 5);
        foreach (Arrival arrival in Read(plan, 0, 1))
        {
            Phase phase = plan.Phases[arrival.Phase];
            arrival.IntendedNs.ShouldBeInRange(phase.StartNs, phase.EndNs - 1);
        }

        PlanCounts counts = plan.Count();
        (counts.InPhase(0) + counts.InPhase(1)).ShouldBe(counts.Total);
    }

    private static LoadPlan Plan(ArrivalKind kind, ulong seed)
    {
        var curve = new RateCurve([new LinearRate(500, 3000, 5 * SecondNs + 50_000_000), new ConstantRate(2000, 5 * SecondNs)]);
        Phase[] phases = [new("rise", 0, 5 * SecondNs + 50_000_000), new("top", 5 * SecondNs + 50_000_000, 10 * SecondNs + 50_000_000)];
        if (kind is ArrivalKind.NBomber4 or ArrivalKind.NBomber4Burst)
        {
            IReadOnlyList<InjectionTick> ticks = NBomberTicks.Of([new Injection(InjectionKind.Ramping, 700, 0, SecondNs / 4, 10 * SecondNs)], seed);
            curve = new RateCurve(ticks.Select(t => new ConstantRate(t.Calls / (t.IntervalNs / 1e9), t.IntervalNs)));
            return new LoadPlan(new ArrivalSchedule(curve, kind, seed, ticks), [new("rise", 0, 5 * SecondNs), new("top", 5 * SecondNs, 10 * SecondNs)], [75, 25]);
        }

        return new LoadPlan(new ArrivalSchedule(curve, kind, seed), phases, [75, 25]);
    }

    private static List<Arrival> Read(LoadPlan plan, int worker, int workers)
    {
        var calls = new List<Arrival>();
        PlanCursor cursor = plan.Open(worker, workers);
        while (cursor.MoveNext())
        {
            calls.Add(cursor.Current);
        }

        return calls;
    }
}
