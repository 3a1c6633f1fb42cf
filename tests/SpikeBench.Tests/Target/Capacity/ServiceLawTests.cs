using SpikeBench.Target.Capacity;

namespace SpikeBench.Tests.Target.Capacity;

public sealed class ServiceLawTests
{
    private const int Draws = 200_000;
    private const double MeanNs = 4_000_000;

    [Theory]
    [InlineData("fixed", 0)]
    [InlineData("exponential", 1)]
    [InlineData("lognormal:0.5", 0.5329)]
    [InlineData("lognormal:1", 1.3108)]
    public void Mean_is_the_one_asked_for(string text, double coefficientOfVariation)
    {
        var random = new SeededRandom(42);
        ServiceLaw law = ServiceLaw.Parse(text);
        double mean = Enumerable.Range(0, Draws).Average(_ => (double)law.Draw(MeanNs, random));

        // Four standard errors: a fixed seed, so it holds or fails for ever.
        mean.ShouldBe(MeanNs, (4 * coefficientOfVariation * MeanNs / Math.Sqrt(Draws)) + 1);
    }

    [Fact]
    public void Draws_are_the_same_when_the_seed_is()
    {
        long[] Twenty(ulong seed)
        {
            var random = new SeededRandom(seed);
            return [.. Enumerable.Range(0, 20).Select(_ => ExponentialLaw.Instance.Draw(MeanNs, random))];
        }

        Twenty(7).ShouldBe(Twenty(7));
        Twenty(7).ShouldNotBe(Twenty(8));
    }

    [Fact]
    public void Histogram_law_draws_each_value_by_its_share_of_the_counts()
    {
        HistogramLaw law = HistogramLaw.Parse(["# measured at night", "1ms 90", "", "11ms 10 # the slow ones", "5ms 0"]);
        law.OwnMeanNs.ShouldBe(2_000_000);
        var random = new SeededRandom(3);
        long[] draws = [.. Enumerable.Range(0, Draws).Select(_ => law.Draw(2_000_000, random))];
        draws.Distinct().Order().ShouldBe([1_000_000, 11_000_000]);

        // Binomial: four standard deviations around 10 %.
        ((double)draws.Count(d => d == 11_000_000)).ShouldBe(0.1 * Draws, 4 * Math.Sqrt(Draws * 0.1 * 0.9));
        law.Draw(4_000_000, random).ShouldBeOneOf(2_000_000, 22_000_000);
    }

    [Theory]
    [InlineData("gamma")]
    [InlineData("lognormal:")]
    [InlineData("lognormal:-1")]
    [InlineData("lognormal:9")]
    public void Law_that_is_not_known_is_refused(string text) => Should.Throw<FormatException>(() => ServiceLaw.Parse(text));

    [Theory]
    [InlineData("4ms")]
    [InlineData("4 120")]
    [InlineData("4ms -1")]
    [InlineData("# nothing")]
    [InlineData("0ms 7")]
    public void Histogram_that_is_none_is_refused(string line) => Should.Throw<FormatException>(() => HistogramLaw.Parse([line]));
}
