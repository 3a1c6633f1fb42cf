using SpikeBench.Target.Capacity;

namespace SpikeBench.Tests.Target.Capacity;

/// <summary>
/// The model against queueing theory's closed forms. Twenty seeded replications each; the bound is 3.5 standard errors of their
/// mean plus 0.2 % for the start from empty. All in virtual time: nothing here depends on the machine.
/// </summary>
public sealed class SlotModelQueueingTests
{
    private const int Replications = 20;
    private const int WarmUp = 5_000;
    private const int Calls = 30_000;
    private const double MeanServiceNs = 1e9;

    [Fact]
    public void Wait_is_that_of_M_M_8_when_the_queue_has_no_bound()
    {
        // Erlang C: P(wait) = 0.70153299, Wq = 0.87691624 mean services at load 0.9.
        Run[] runs = Simulate(slots: 8, queue: int.MaxValue, ratePerService: 7.2, ExponentialLaw.Instance);
        ShouldMatch(runs.Select(r => r.MeanWait), 0.8769162377);
        ShouldMatch(runs.Select(r => r.ShareWaiting), 0.7015329901);
    }

    [Fact]
    public void Wait_is_that_of_M_D_8_when_service_is_fixed()
    {
        // Crommelin: Wq = 0.44997326 mean services, P(W = 0) = 0.31808863 at load 0.9.
        Run[] runs = Simulate(slots: 8, queue: int.MaxValue, ratePerService: 7.2, FixedLaw.Instance);
        ShouldMatch(runs.Select(r => r.MeanWait), 0.44997326);
        ShouldMatch(runs.Select(r => r.ShareWaiting), 1 - 0.31808863);
    }

    [Theory]
    [InlineData(7.2, 0.009238131931, 0.6090221281)]
    [InlineData(12.0, 0.3333545195, 2.250289706)]
    [InlineData(16.0, 0.5000000395, 2.375000495)]
    public void Refusals_and_waits_are_those_of_M_M_8_28_when_twenty_may_wait(double rate, double refused, double wait)
    {
        Run[] runs = Simulate(slots: 8, queue: 20, rate, ExponentialLaw.Instance);
        ShouldMatch(runs.Select(r => r.ShareRefused), refused);
        ShouldMatch(runs.Select(r => r.MeanWait), wait);
    }

    [Fact]
    public void Refusals_are_those_of_Erlang_B_for_any_law_when_none_may_wait()
    {
        // Insensitivity: B(8, 7.2) = 0.190313168664 whatever the law of service with that mean.
        foreach (ServiceLaw law in (ServiceLaw[])[ExponentialLaw.Instance, FixedLaw.Instance, new LognormalLaw(1)])
        {
            ShouldMatch(Simulate(slots: 8, queue: 0, ratePerService: 7.2, law).Select(r => r.ShareRefused), 0.190313168664);
        }
    }

    [Theory]
    [InlineData(7.2, 2.0, 0.01623297922)]
    [InlineData(12.0, 1.0, 0.3346285916)]
    public void Expired_share_is_that_of_M_M_8_with_deterministic_patience(double rate, double patience, double expired)
    {
        Run[] runs = Simulate(slots: 8, queue: int.MaxValue, rate, ExponentialLaw.Instance, patience);
        ShouldMatch(runs.Select(r => r.ShareExpired), expired);
    }

    private static void ShouldMatch(IEnumerable<double> samples, double exact)
    {
        double[] values = [.. samples];
        double mean = values.Average();
        double variance = values.Sum(v => (v - mean) * (v - mean)) / (values.Length - 1);
        double standardError = Math.Sqrt(variance / values.Length);
        Math.Abs(mean - exact).ShouldBeLessThanOrEqualTo((3.5 * standardError) + (0.002 * exact), $"mean {mean}, exact {exact}");
    }

    private static Run[] Simulate(int slots, int queue, double ratePerService, ServiceLaw law, double? patience = null) =>
        [.. Enumerable.Range(1, Replications).Select(seed => SimulateOne(slots, queue, ratePerService, law, patience, (ulong)seed))];

    private static Run SimulateOne(int slots, int queue, double ratePerService, ServiceLaw law, double? patience, ulong seed)
    {
        var model = new SlotModel(new SlotModelOptions { Slots = slots, QueueLimit = queue, DropExpired = patience is not null });
        var arrivals = new SeededRandom(seed * 1_000_003);
        var services = new SeededRandom(seed * 7_000_003);
        var finished = new List<SlotJob>();
        var counted = new List<SlotJob>(Calls);
        double nowNs = 0;
        for (int i = 0; i < WarmUp + Calls; i++)
        {
            nowNs += -Math.Log(arrivals.NextOpenUnit()) * MeanServiceNs / ratePerService;
            var job = new SlotJob
            {
                ServiceNs = law.Draw(MeanServiceNs, services),
                DeadlineNs = patience is null ? long.MaxValue : (long)(nowNs + (patience.Value * MeanServiceNs)),
            };
            model.Offer(job, (long)nowNs, finished);
            if (i >= WarmUp)
            {
                counted.Add(job);
            }
        }

        model.Advance(long.MaxValue, finished);
        SlotJob[] served = [.. counted.Where(j => j.Outcome == SlotOutcome.Served)];
        return new Run(
            served.Average(j => (j.StartNs - j.ArrivalNs) / MeanServiceNs),
            served.Count(j => j.StartNs > j.ArrivalNs) / (double)served.Length,
            counted.Count(j => j.Outcome == SlotOutcome.Refused) / (double)counted.Count,
            counted.Count(j => j.Outcome == SlotOutcome.Expired) / (double)counted.Count);
    }

    private sealed record Run(double MeanWait, double ShareWaiting, double ShareRefused, double ShareExpired);
}
