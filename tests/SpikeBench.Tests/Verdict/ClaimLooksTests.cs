using MathNet.Numerics.Distributions;
using SpikeBench.Core;
using SpikeBench.Core.Verdict;

namespace SpikeBench.Tests.Verdict;

/// <summary>What extended looks cost, exactly: the chance that a target just at its limit passes at any of several doubling looks.</summary>
public sealed class ClaimLooksTests
{
    private const double Budget = 0.01;
    private const int FirstCalls = 3_000;

    [Theory]
    [InlineData(1, 0.05)]
    [InlineData(2, 0.0294)]
    [InlineData(3, 0.0221)]
    [InlineData(5, 0.0158)]
    public void Each_look_gets_the_published_share(int looks, double level) => ClaimLooks.LevelOf(looks, 0.05).ShouldBe(level, 1e-12);

    [Fact]
    public void One_look_may_have_any_confidence_and_several_only_the_one_that_there_are_constants_for()
    {
        ClaimLooks.LevelOf(1, 0.01).ShouldBe(0.01);
        Should.Throw<InvariantException>(() => ClaimLooks.LevelOf(2, 0.01));
        Should.Throw<InvariantException>(() => ClaimLooks.LevelOf(6, 0.05));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public void Together_the_looks_pass_a_target_at_its_limit_in_no_more_than_one_of_twenty_sets(int looks) =>
        FalsePass(looks, ClaimLooks.LevelOf(looks, 0.05)).ShouldBeInRange(0.025, 0.05);

    /// <summary>Published: five doubling looks at 5 % each pass 12.9 %.</summary>
    [Fact]
    public void Looks_that_share_nothing_out_pass_far_more() => FalsePass(5, 0.05).ShouldBe(0.129, 0.012);

    [Fact]
    public void A_set_doubles_from_look_to_look()
    {
        Enumerable.Range(1, 4).Select(look => ClaimLooks.MidnightsAfter(look, 3)).ShouldBe([3, 6, 12, 24]);
        Enumerable.Range(1, 13).Select(midnight => ClaimLooks.LookOf(midnight, 3)).ShouldBe([1, 1, 1, 2, 2, 2, 3, 3, 3, 3, 3, 3, 4]);
        ClaimLooks.LookOf(int.MaxValue, 0).ShouldBe(32, "a forged set must not keep a verifier for ever");
    }

    /// <summary>
    /// Exact: the distribution of the bad calls of all sets that did not pass yet, moved on from look to look by the calls that a look adds.
    /// </summary>
    private static double FalsePass(int looks, double level)
    {
        double[] open = [1];
        double passed = 0;
        int calls = 0;
        for (int look = 1; look <= looks; look++)
        {
            int more = ClaimLooks.MidnightsAfter(look, FirstCalls) - calls;
            calls += more;
            int most = (int)(Budget * calls + 12 * Math.Sqrt(Budget * calls));
            double[] added = [.. Enumerable.Range(0, most + 1).Select(k => Binomial.PMF(Budget, more, Math.Min(k, more)))];
            var next = new double[most + 1];
            for (int have = 0; have < open.Length; have++)
            {
                for (int k = 0; open[have] > 1e-15 && have + k <= most; k++)
                {
                    next[have + k] += open[have] * added[k];
                }
            }

            for (int bad = 0; bad <= most && BinomialBounds.Upper(bad, calls, level) <= Budget; bad++)
            {
                passed += next[bad];
                next[bad] = 0;
            }

            open = next;
        }

        return passed;
    }
}
