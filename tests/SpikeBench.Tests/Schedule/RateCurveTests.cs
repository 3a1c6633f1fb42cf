using System.Numerics;
using FsCheck;
using FsCheck.Fluent;
using SpikeBench.Core.Schedule;

namespace SpikeBench.Tests.Schedule;

public sealed class RateCurveTests
{
    private const long SecondNs = 1_000_000_000;

    [Fact]
    public void Hold_counts_equal_the_exact_rational_integral_at_any_rate_and_boundary()
    {
        Gen<(int Rate, long Ns)> cases =
            from rate in Gen.Choose(1, 10_000_000)
            from whole in Gen.Choose(0, 7200)
            from part in Gen.Choose(0, 999_999)
            select (rate, whole * SecondNs + part * 1000L);
        Prop.ForAll(cases.ToArbitrary(), c =>
        {
            var curve = new RateCurve([new ConstantRate(c.Rate, 8000 * SecondNs)]);
            BigInteger exact = new BigInteger(c.Rate) * c.Ns / SecondNs;
            return (long)Math.Floor(curve.Integral(c.Ns)) == (long)exact;
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Even_arrivals_before_any_time_are_the_floor_of_the_integral()
    {
        Gen<(RateCurve Curve, double Share)> cases =
            from curve in Curves()
            from share in Gen.Choose(0, 1000)
            select (curve, share / 1000.0);
        Prop.ForAll(cases.ToArbitrary(), c =>
        {
            long until = (long)(c.Curve.DurationNs * c.Share);
            ArrivalCursor cursor = new ArrivalSchedule(c.Curve, ArrivalKind.Even, seed: 1).Open();
            long count = 0;
            while (cursor.MoveNext() && cursor.IntendedNs < until)
            {
                count++;
            }

            return count == (long)Math.Floor(c.Curve.Integral(until));
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Even_arrivals_are_exact_at_ten_million_a_second()
    {
        var curve = new RateCurve([new ConstantRate(10_000_000, SecondNs / 10)]);
        ArrivalCursor cursor = new ArrivalSchedule(curve, ArrivalKind.Even, seed: 1).Open();
        for (long n = 1; n <= 1_000_000; n++)
        {
            cursor.MoveNext().ShouldBeTrue();
            cursor.IntendedNs.ShouldBe(n * 100 - 1);
        }

        cursor.MoveNext().ShouldBeFalse();
    }

    [Theory]
    [InlineData(300_000, 10)]
    [InlineData(600_000, 10)]
    [InlineData(333_333, 3)]
    [InlineData(1, 60)]
    public void A_rate_held_for_whole_seconds_gives_exactly_rate_times_seconds(int rate, int seconds)
    {
        var curve = new RateCurve([new ConstantRate(rate, seconds * SecondNs)]);
        Count(new ArrivalSchedule(curve, ArrivalKind.Even, seed: 1)).ShouldBe(rate * (long)seconds);
    }

    [Fact]
    public void A_ramp_has_the_area_of_its_trapezoid()
    {
        var curve = new RateCurve([new LinearRate(0, 1000, 10 * SecondNs), new LinearRate(1000, 200, 5 * SecondNs)]);
        curve.TotalCalls.ShouldBe(5000 + 3000, 1e-9);
        Count(new ArrivalSchedule(curve, ArrivalKind.Even, seed: 1)).ShouldBe(8000);
        curve.RateAt(5 * SecondNs).ShouldBe(500, 1e-9);
    }

    [Fact]
    public void A_pause_has_no_arrival_and_the_curve_goes_on_behind_it()
    {
        var curve = new RateCurve([new ConstantRate(10, SecondNs), new ConstantRate(0, SecondNs), new ConstantRate(10, SecondNs)]);
        ArrivalCursor cursor = new ArrivalSchedule(curve, ArrivalKind.Even, seed: 1).Open();
        var times = new List<long>();
        while (cursor.MoveNext())
        {
            times.Add(cursor.IntendedNs);
        }

        times.Count.ShouldBe(20);
        times.ShouldAllBe(t => t < SecondNs || t >= 2 * SecondNs);
    }

    [Theory]
    [InlineData(ArrivalKind.Even)]
    [InlineData(ArrivalKind.Poisson)]
    [InlineData(ArrivalKind.Uniform)]
    public void Arrivals_never_go_back_and_stay_inside_the_curve(ArrivalKind kind)
    {
        Prop.ForAll(Curves().ToArbitrary(), curve =>
        {
            ArrivalCursor cursor = new ArrivalSchedule(curve, kind, seed: 7).Open();
            long last = 0;
            while (cursor.MoveNext())
            {
                if (cursor.IntendedNs < last || cursor.IntendedNs >= curve.DurationNs)
                {
                    return false;
                }

                last = cursor.IntendedNs;
            }

            return true;
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Uniform_arrivals_have_exact_counts_in_every_second()
    {
        Prop.ForAll(Curves().ToArbitrary(), curve =>
        {
            var perSecond = new long[curve.DurationNs / SecondNs + 1];
            ArrivalCursor cursor = new ArrivalSchedule(curve, ArrivalKind.Uniform, seed: 3).Open();
            while (cursor.MoveNext())
            {
                perSecond[cursor.IntendedNs / SecondNs]++;
            }

            return Enumerable.Range(0, perSecond.Length).All(s =>
                perSecond[s] == (long)Math.Floor(curve.Integral((s + 1) * SecondNs)) - (long)Math.Floor(curve.Integral(s * SecondNs)));
        }).QuickCheckThrowOnFailure();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(20200101)]
    public void Poisson_gaps_pass_a_kolmogorov_smirnov_test(ulong seed)
    {
        // Under time rescaling the gaps Λ(tᵢ) − Λ(tᵢ₋₁) are exponential with mean 1, whatever the curve.
        var curve = new RateCurve([new LinearRate(200, 2000, 10 * SecondNs), new ConstantRate(700, 10 * SecondNs)]);
        var levels = new List<double>();
        ArrivalCursor cursor = new ArrivalSchedule(curve, ArrivalKind.Poisson, seed).Open();
        while (cursor.MoveNext())
        {
            levels.Add(curve.Integral(cursor.IntendedNs));
        }

        double[] gaps = [.. levels.Zip(levels.Skip(1), (a, b) => b - a).Order()];
        double distance = gaps.Select((g, i) => Math.Max(Math.Abs(1 - Math.Exp(-g) - i / (double)gaps.Length), Math.Abs((i + 1.0) / gaps.Length - 1 + Math.Exp(-g)))).Max();
        distance.ShouldBeLessThan(1.628 / Math.Sqrt(gaps.Length), "the 1 % critical value");
        Math.Abs(levels.Count - curve.TotalCalls).ShouldBeLessThan(4 * Math.Sqrt(curve.TotalCalls), "four standard deviations of a Poisson count");
    }

    private static long Count(ArrivalSchedule schedule)
    {
        ArrivalCursor cursor = schedule.Open();
        long count = 0;
        while (cursor.MoveNext())
        {
            count++;
        }

        return count;
    }

    /// <summary>Short curves of one to four segments of every kind, up to some tens of thousands of calls.</summary>
    private static Gen<RateCurve> Curves()
    {
        Gen<RateSegment> constant = from rate in Gen.Choose(0, 3000) from ms in Gen.Choose(1, 3000) select (RateSegment)new ConstantRate(rate / 3.0, ms * 1_000_000L + 7);
        Gen<RateSegment> linear = from a in Gen.Choose(0, 3000) from b in Gen.Choose(0, 3000) from ms in Gen.Choose(1, 3000) select (RateSegment)new LinearRate(a, b, ms * 1_000_000L + 13);
        Gen<RateSegment> midnight =
            from basis in Gen.Choose(1, 300)
            from preset in Gen.Elements<string>([.. MidnightShape.Presets.Keys])
            from seconds in Gen.Choose(13, 20)
            select (RateSegment)new MidnightRate(basis, MidnightShape.Presets[preset], 12 * SecondNs, seconds * SecondNs);
        Gen<RateSegment> sine =
            from mean in Gen.Choose(1, 2000)
            from share in Gen.Choose(0, 100)
            from period in Gen.Choose(100, 5000)
            from offset in Gen.Choose(0, 99)
            from ms in Gen.Choose(1, 3000)
            select (RateSegment)new SineRate(mean, mean * (share / 100.0), period * 1e6, offset / 100.0, ms * 1_000_000L + 11);
        Gen<RateSegment> overlay =
            from first in Gen.OneOf(constant, linear, midnight, sine)
            from second in Gen.OneOf(constant, linear, midnight, sine)
            from at in Gen.Choose(0, 2000)
            let layers = new OverlayLayer[] { new(0, new RateCurve([first])), new(at * 1_000_000L + 3, new RateCurve([second])) }
            select (RateSegment)new OverlayRate(layers, layers.Max(l => l.StartNs + l.Curve.DurationNs));
        return from segments in Gen.OneOf(constant, linear, midnight, sine, overlay).NonEmptyListOf() where segments.Count <= 4 select new RateCurve(segments);
    }
}
