using SpikeBench.Core.Schedule;

namespace SpikeBench.Tests.Schedule;

/// <summary>The shape against figures computed independently from the published parameters.</summary>
public sealed class MidnightShapeTests
{
    [Theory]
    [InlineData(-60, 1.36)]
    [InlineData(4, 4.99)]
    [InlineData(60, 2.83)]
    [InlineData(300, 1.63)]
    [InlineData(600, 1.44)]
    [InlineData(1800, 1.02)]
    public void Chat_has_the_published_multiples(double t, double expected) =>
        MidnightShape.Presets["chat"].ValueAt(t).ShouldBe(expected, 0.006);

    [Theory]
    [InlineData("chat", -2, 1.30)]
    [InlineData("chat", 0, 3.76)]
    [InlineData("chat", 1, 2.35)]
    [InlineData("chat", 4, 1.64)]
    [InlineData("hump", 5, 7.0)]
    [InlineData("sticker", 0, 6.54)]
    public void Minute_means_follow_from_the_integral(string preset, int minute, double expected)
    {
        MidnightShape shape = MidnightShape.Presets[preset];
        double mean = (shape.Integral(60 * (minute + 1)) - shape.Integral(60 * minute)) / 60;
        mean.ShouldBe(expected, expected * 0.02);
    }

    [Fact]
    public void A_carriers_five_minute_mean_is_as_published_of_its_peak_second()
    {
        MidnightShape carrier = MidnightShape.Presets["carrier"] with { RiseSeconds = 3, PeakAfterSeconds = 4, AnticipationTauSeconds = 180 };
        (carrier.Integral(300) / 300 / carrier.PeakOver(-60, 600)).ShouldBe(0.568, 0.003);
    }

    [Fact]
    public void The_integral_is_the_area_under_the_shape()
    {
        foreach (MidnightShape shape in MidnightShape.Presets.Values)
        {
            double sum = 0;
            const double step = 0.001;
            for (double t = -40; t < 90; t += step)
            {
                sum += shape.ValueAt(t + step / 2) * step;
            }

            (shape.Integral(90) - shape.Integral(-40)).ShouldBe(sum, sum * 1e-6);
        }
    }

    [Fact]
    public void Compression_keeps_multiples_and_shrinks_time()
    {
        MidnightShape real = MidnightShape.Presets["chat"];
        MidnightShape fast = real.Compressed(10);
        foreach (double t in new[] { -50.0, -2, 0, 3, 40, 400 })
        {
            fast.ValueAt(t / 10).ShouldBe(real.ValueAt(t), 1e-12);
        }
    }
}
