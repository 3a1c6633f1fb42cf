using System.Runtime.Intrinsics;
using SpikeBench.Core.Schedule;

namespace SpikeBench.Tests.Schedule;

/// <summary>Compiled curves against the formulas that they were compiled from.</summary>
public sealed class SmoothRateTests
{
    private const long SecondNs = 1_000_000_000;

    [Theory]
    [InlineData("chat", 1_000_000)]
    [InlineData("cue", 200_000)]
    [InlineData("sticker", 3)]
    [InlineData("carrier", 5_000)]
    [InlineData("hump", 20_000)]
    public void The_compiled_midnight_is_the_formula_to_a_ten_millionth_of_a_call_at_any_time(string preset, double perSecond)
    {
        MidnightShape shape = MidnightShape.Presets[preset];
        const long lead = 40 * SecondNs, length = 200 * SecondNs;
        var rate = new MidnightRate(perSecond, shape, lead, length);
        double atStart = shape.Integral(-lead / 1e9);
        double total = perSecond * (shape.Integral((length - lead) / 1e9) - atStart);

        // The formula's own rounding grows with its value; 2e-14 of it is some hundred units in the last place.
        double tolerance = 2 * (SmoothRate.ToleranceCalls + 2e-14 * total);
        for (long t = 0; t <= length; t += 7_654_321)
        {
            rate.Integral(t).ShouldBe(perSecond * (shape.Integral((t - lead) / 1e9) - atStart), tolerance, $"at {t} ns");
        }

        rate.Integral(length).ShouldBe(total, tolerance);
        rate.Pieces.ShouldBeLessThan(5_000);
    }

    [Fact]
    public void The_compiled_integral_never_steps_back_from_one_nanosecond_to_the_next()
    {
        var rate = new MidnightRate(100_000, MidnightShape.Presets["cue"], 5 * SecondNs, 20 * SecondNs);
        foreach (long border in rate.Breaks)
        {
            for (long t = border - 20; t < border + 20; t++)
            {
                rate.Integral(t + 1).ShouldBeGreaterThanOrEqualTo(rate.Integral(t), $"at {t} ns");
            }
        }
    }

    [Fact]
    public void A_sine_has_its_mean_over_whole_waves_and_its_extremes()
    {
        var sine = new SineRate(1000, 1000, 10 * SecondNs, 0.75, 60 * SecondNs);
        sine.Integral(60 * SecondNs).ShouldBe(60_000, 1e-6);
        sine.RateAt(0).ShouldBe(0, 1e-9);
        sine.RateAt(5 * SecondNs).ShouldBe(2000, 1e-9);
        sine.PeakRate.ShouldBe(2000);
        sine.Integral(5 * SecondNs).ShouldBe(5000, 1e-6, "half a wave from the trough is half the calls");
    }

    [Fact]
    public void An_overlay_is_the_sum_of_its_curves_at_every_time()
    {
        OverlayLayer[] layers =
        [
            new(0, new RateCurve([new MidnightRate(500, MidnightShape.Presets["chat"], 12 * SecondNs, 60 * SecondNs)])),
            new(20 * SecondNs + 7, new RateCurve([new MidnightRate(300, MidnightShape.Presets["chat"], 12 * SecondNs, 60 * SecondNs)])),
            new(5 * SecondNs, new RateCurve([new ConstantRate(100, 10 * SecondNs), new LinearRate(0, 700, 9 * SecondNs)])),
        ];
        var sum = new OverlayRate(layers, 80 * SecondNs + 7);
        for (long t = 0; t <= sum.DurationNs; t += 12_345_678)
        {
            sum.Integral(t).ShouldBe(layers.Sum(l => l.Curve.Integral(t - l.StartNs)), 1e-6);
        }

        sum.PeakRate.ShouldBeGreaterThan(2500);
    }

    [Fact]
    public void Logarithm_exponential_and_sine_are_within_a_few_units_in_the_last_place_of_the_systems()
    {
        var random = new CounterRandom(3, CounterRandom.Stream.Gaps);
        for (int i = 0; i < 200_000; i++)
        {
            double unit = random.OpenUnit(i);
            Near(PortableMath.Log(unit), Math.Log(unit), 4);
            Near(PortableMath.Exp(-50 * unit), Math.Exp(-50 * unit), 4);
            PortableMath.SinTurns(10 * unit).ShouldBe(Math.Sin(2 * Math.PI * (10 * unit - Math.Floor(10 * unit))), 4e-15);
        }

        for (int i = 0; i < 200_000; i += 4)
        {
            double[] units = [random.OpenUnit(i), random.OpenUnit(i + 1), random.OpenUnit(i + 2) * 1e-9, 1 - random.OpenUnit(i + 3) * 1e-9];
            Vector256<double> logs = PortableMath.Log(Vector256.Create(units));
            Enumerable.Range(0, 4).Select(k => logs.GetElement(k)).ShouldBe(units.Select(PortableMath.Log), "four at once are the same, digit for digit");
        }

        PortableMath.Log(1).ShouldBe(0);
        PortableMath.Exp(0).ShouldBe(1);
        PortableMath.Exp(-800).ShouldBe(0);

        static void Near(double ours, double systems, int ulps) =>
            Math.Abs(ours - systems).ShouldBeLessThanOrEqualTo(ulps * Math.BitIncrement(Math.Abs(systems)) - ulps * Math.Abs(systems));
    }
}
