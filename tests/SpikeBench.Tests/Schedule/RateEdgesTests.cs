using FsCheck;
using FsCheck.Fluent;
using SpikeBench.Core.Schedule;

namespace SpikeBench.Tests.Schedule;

public sealed class RateEdgesTests
{
    private const long MsNs = 1_000_000;
    private const long SecondNs = 1_000_000_000;

    [Fact]
    public void A_constant_rate_has_no_edge() => RateEdges.Of(new RateCurve([new ConstantRate(500, 20 * SecondNs)])).ShouldBeEmpty();

    [Fact]
    public void A_jump_is_an_edge_for_half_a_second_to_either_side()
    {
        var curve = new RateCurve([new ConstantRate(100, 5 * SecondNs), new ConstantRate(500, 5 * SecondNs)]);
        RateEdges.Of(curve).ShouldBe([new Stretch(4_500 * MsNs, 5_500 * MsNs)]);
    }

    [Fact]
    public void A_jump_of_a_tenth_is_none()
    {
        var curve = new RateCurve([new ConstantRate(100, 5 * SecondNs), new ConstantRate(110, 5 * SecondNs)]);
        RateEdges.Of(curve).ShouldBeEmpty();
    }

    [Fact]
    public void Midnights_rise_is_an_edge_and_its_decay_is_not()
    {
        var curve = new RateCurve([new MidnightRate(200, MidnightShape.Presets["chat"], 30 * SecondNs, 120 * SecondNs)]);
        IReadOnlyList<Stretch> edges = RateEdges.Of(curve);
        Stretch rise = edges.Single();
        rise.StartNs.ShouldBeInRange(27 * SecondNs - 500 * MsNs, 28 * SecondNs);
        rise.EndNs.ShouldBeInRange(31 * SecondNs, 34 * SecondNs + 500 * MsNs);
    }

    [Fact]
    public void A_slow_ramp_is_none_and_a_steep_one_is()
    {
        var slow = new RateCurve([new ConstantRate(1_000, 5 * SecondNs), new LinearRate(1_000, 2_000, 60 * SecondNs)]);
        RateEdges.Of(slow).ShouldBeEmpty();
        var steep = new RateCurve([new ConstantRate(1_000, 5 * SecondNs), new LinearRate(1_000, 4_000, 2 * SecondNs), new ConstantRate(4_000, 5 * SecondNs)]);
        RateEdges.Of(steep).Single().StartNs.ShouldBeInRange(4_500 * MsNs, 5_000 * MsNs);
    }

    [Fact]
    public void A_pause_is_an_edge_where_it_begins_and_ends()
    {
        var curve = new RateCurve([new ConstantRate(100, 5 * SecondNs), new ConstantRate(0, 5 * SecondNs), new ConstantRate(100, 5 * SecondNs)]);
        RateEdges.Of(curve).ShouldBe([new Stretch(4_500 * MsNs, 5_500 * MsNs), new Stretch(9_500 * MsNs, 10_500 * MsNs)]);
    }

    /// <summary>
    /// Why lateness alone cannot flatter a target that answers in order: with the same order and the same service times, later arrivals
    /// make every departure the same or later, and response time counts from the intended time.
    /// </summary>
    [Fact]
    public void Later_arrivals_in_the_same_order_never_shorten_a_response_time()
    {
        // Milliseconds; delays that would overtake the call before are raised to keep the order.
        Gen<(int Gap, int Service, int Delay)> call =
            from gap in Gen.Choose(0, 15)
            from service in Gen.Choose(0, 60)
            from delay in Gen.Choose(0, 400)
            select (gap, service, delay);
        Arbitrary<((int Gap, int Service, int Delay)[] Calls, int Servers)> cases = Arb.From(
            from calls in call.ArrayOf()
            from servers in Gen.Choose(1, 8)
            select (calls, servers));
        Prop.ForAll(cases, c =>
        {
            long[] intended = new long[c.Calls.Length], sent = new long[intended.Length], service = new long[intended.Length];
            for (int i = 0; i < intended.Length; i++)
            {
                intended[i] = (i == 0 ? 0 : intended[i - 1]) + c.Calls[i].Gap;
                sent[i] = Math.Max(intended[i] + c.Calls[i].Delay, i == 0 ? 0 : sent[i - 1]);
                service[i] = c.Calls[i].Service;
            }

            long[] onTime = Departures(intended, service, c.Servers), late = Departures(sent, service, c.Servers);
            return onTime.Zip(late).All(d => d.Second >= d.First);
        }).QuickCheckThrowOnFailure();
    }

    private static long[] Departures(long[] arrivals, long[] service, int servers)
    {
        var free = new PriorityQueue<long, long>(Enumerable.Repeat((0L, 0L), servers));
        return [.. arrivals.Select((a, i) =>
        {
            long end = Math.Max(a, free.Dequeue()) + service[i];
            free.Enqueue(end, end);
            return end;
        })];
    }
}
