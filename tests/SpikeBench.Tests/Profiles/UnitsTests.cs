using SpikeBench.Core.Profiles;

namespace SpikeBench.Tests.Profiles;

public sealed class UnitsTests
{
    [Theory]
    [InlineData("5ms", 5_000_000)]
    [InlineData("1.5s", 1_500_000_000)]
    [InlineData("250us", 250_000)]
    [InlineData("2m", 120_000_000_000)]
    [InlineData("2min", 120_000_000_000)]
    [InlineData("1h", 3_600_000_000_000)]
    [InlineData("7ns", 7)]
    public void Durations_read_with_their_units(string text, long ns)
    {
        Units.TryDuration(text, out long value).ShouldBeTrue();
        value.ShouldBe(ns);
    }

    [Theory]
    [InlineData("5")]
    [InlineData("-5s")]
    [InlineData("s")]
    [InlineData("1,5s")]
    [InlineData("1e3s")]
    [InlineData("NaNs")]
    [InlineData("99999999999999999h")]
    public void What_is_no_duration_is_refused(string text) => Units.TryDuration(text, out _).ShouldBeFalse();

    [Theory]
    [InlineData("2000/s", 2000)]
    [InlineData("2k/s", 2000)]
    [InlineData("1.1k/s", 1100)]
    [InlineData("1.5M/s", 1_500_000)]
    [InlineData("90/min", 1.5)]
    public void Rates_read_exactly(string text, double perSecond)
    {
        Units.TryRate(text, out double value).ShouldBeTrue();
        value.ShouldBe(perSecond);
    }

    [Theory]
    [InlineData("2000")]
    [InlineData("/s")]
    [InlineData("k/s")]
    [InlineData("5/day")]
    [InlineData("-5/s")]
    public void What_is_no_rate_is_refused(string text) => Units.TryRate(text, out _).ShouldBeFalse();

    [Theory]
    [InlineData(1_500_000_000, "1.5 s")]
    [InlineData(200_000_000, "200 ms")]
    [InlineData(9_100, "9.1 µs")]
    [InlineData(12, "12 ns")]
    [InlineData(0, "0 ns")]
    public void Durations_print_with_a_fitting_unit(long ns, string text) => Units.Duration(ns).ShouldBe(text);

    [Theory]
    [InlineData(0.0000423, "0.00423 %")]
    [InlineData(0.001, "0.1 %")]
    [InlineData(0, "0 %")]
    [InlineData(1, "100 %")]
    public void Shares_print_with_three_digits(double share, string text) => Units.Percent(share).ShouldBe(text);
}
