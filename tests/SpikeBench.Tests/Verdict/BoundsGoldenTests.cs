using System.Text.Json;
using SpikeBench.Core.Verdict;

namespace SpikeBench.Tests.Verdict;

/// <summary>The judge's bounds against vectors computed with exact arithmetic.</summary>
public sealed class BoundsGoldenTests
{
    private const double Alpha = 0.05;

    private static readonly JsonElement Vectors = JsonDocument.Parse(File.ReadAllText(Repository.Golden("Verdict", "claims-vectors.json"))).RootElement;

    [Fact]
    public void Clopper_pearson_bounds_match_to_seven_digits()
    {
        foreach (JsonElement v in Vectors.GetProperty("clopper_pearson").EnumerateArray())
        {
            double x = v.GetProperty("x").GetDouble(), n = v.GetProperty("n").GetDouble();
            double upper = v.GetProperty("upper95").GetDouble(), lower = v.GetProperty("lower95").GetDouble();
            BinomialBounds.Upper(x, n, Alpha).ShouldBe(upper, upper * 5e-7, $"{x}/{n}");
            BinomialBounds.Lower(x, n, Alpha).ShouldBe(lower, Math.Max(1e-12, lower * 5e-7), $"{x}/{n}");
        }
    }

    [Fact]
    public void The_fewest_calls_that_pass_with_so_many_bad_match()
    {
        foreach (JsonElement v in Vectors.GetProperty("min_n").EnumerateArray())
        {
            double budget = v.GetProperty("eps").GetDouble(), alpha = v.GetProperty("alpha").GetDouble();
            foreach ((JsonElement x, JsonElement n) in v.GetProperty("x").EnumerateArray().Zip(v.GetProperty("n").EnumerateArray()))
            {
                BinomialBounds.Upper(x.GetDouble(), n.GetDouble(), alpha).ShouldBeLessThanOrEqualTo(budget);
                BinomialBounds.Upper(x.GetDouble(), n.GetDouble() - 1, alpha).ShouldBeGreaterThan(budget);
                if (x.GetInt32() == 0)
                {
                    BinomialBounds.CleanCallsNeeded(budget, alpha).ShouldBe(n.GetInt64());
                }
            }
        }
    }

    [Fact]
    public void The_pass_and_fail_limits_of_a_tail_of_one_in_a_thousand_match()
    {
        const double budget = 0.001;
        foreach (JsonElement v in Vectors.GetProperty("decision_p999").EnumerateArray())
        {
            double n = v.GetProperty("n").GetDouble(), pass = v.GetProperty("pass_max").GetDouble(), fail = v.GetProperty("fail_min").GetDouble();
            BinomialBounds.Upper(pass, n, Alpha).ShouldBeLessThanOrEqualTo(budget);
            BinomialBounds.Upper(pass + 1, n, Alpha).ShouldBeGreaterThan(budget);
            BinomialBounds.PValueAbove(budget, fail, n).ShouldBeLessThanOrEqualTo(Alpha);
            BinomialBounds.PValueAbove(budget, fail - 1, n).ShouldBeGreaterThan(Alpha);
        }
    }

    [Fact]
    public void Clustered_bounds_match_case_by_case()
    {
        JsonElement set = Vectors.GetProperty("korn_graubard");
        int batches = set.GetProperty("batches").GetInt32();
        long[] calls = [.. Enumerable.Repeat(set.GetProperty("calls_per_batch").GetInt64(), batches)];
        double budget = set.GetProperty("eps").GetDouble();
        foreach (JsonElement v in set.GetProperty("cases").EnumerateArray())
        {
            ClusteredBounds bounds = ClusteredBounds.Of(calls, BadPerBatch(v, batches), [], Alpha);
            bounds.DesignEffect.ShouldBe(v.GetProperty("deff").GetDouble(), 1e-5);
            bounds.EffectiveCalls.ShouldBe(v.GetProperty("n_e").GetDouble(), v.GetProperty("n_e").GetDouble() * 1e-6);
            bounds.Upper.ShouldBe(v.GetProperty("U").GetDouble(), v.GetProperty("U").GetDouble() * 1e-6);
            bounds.Lower.ShouldBe(v.GetProperty("L").GetDouble(), Math.Max(1e-12, v.GetProperty("L").GetDouble() * 1e-6));
            string verdict = bounds.Upper <= budget ? "PASS" : bounds.Lower > budget ? "FAIL" : "INCONCLUSIVE";
            verdict.ShouldBe(v.GetProperty("verdict").GetString(), v.GetProperty("id").GetString());
        }
    }

    /// <summary>K equal clumps in B batches: a share p = K/B of them has the kurtosis 1/(p(1 − p)) − 3, worth 2B/(that − 1), and never more than B − 1.</summary>
    [Theory]
    [InlineData(1, 2.2, 2.25)]
    [InlineData(5, 18.7, 18.8)]
    [InlineData(15, 29, 29)]
    public void A_variance_that_few_clumps_carry_has_few_degrees_of_freedom(int clumps, double least, double most)
    {
        long[] calls = [.. Enumerable.Repeat(2000L, 30)];
        long[] bad = [.. Enumerable.Range(0, 30).Select(b => b < clumps ? 40L : 0)];
        ClusteredBounds.DegreesOfFreedom(calls, bad).ShouldBeInRange(least, most);
        ClusteredBounds.DegreesOfFreedom(calls, new long[30]).ShouldBe(29);
        ClusteredBounds.Of(calls, bad, [], Alpha, fewClumps: true).Upper.ShouldBeGreaterThanOrEqualTo(ClusteredBounds.Of(calls, bad, [], Alpha).Upper);
    }

    /// <summary>A variance of 30 like batches is known with 29 degrees of freedom, whatever the other counter's clumps are worth: each pays for its own.</summary>
    [Fact]
    public void Few_clumps_of_bad_calls_do_not_widen_what_the_looser_counter_decides()
    {
        long[] calls = [.. Enumerable.Repeat(2000L, 30)];
        long[] oneClump = [.. Enumerable.Range(0, 30).Select(b => b == 7 ? 3L : 0)];
        long[] wave = [.. Enumerable.Range(0, 30).Select(b => b % 2 == 0 ? 100L : 300L)];
        ClusteredBounds bounds = ClusteredBounds.Of(calls, oneClump, wave, Alpha, fewClumps: true);
        bounds.EffectiveCalls.ShouldBe(60_000 / bounds.DesignEffect * ClusteredBounds.DegreesOfFreedomFactor(29, Alpha), 1e-6);
        bounds.DesignEffect.ShouldBeGreaterThan(ClusteredBounds.Of(calls, oneClump, [], Alpha, fewClumps: true).DesignEffect);
    }

    [Fact]
    public void Few_clumps_in_the_looser_counter_widen_the_bounds_of_a_run_without_a_bad_call()
    {
        long[] calls = [.. Enumerable.Repeat(2000L, 30)];
        long[] slow = [.. Enumerable.Range(0, 30).Select(b => b == 3 ? 2000L : 137L)];
        ClusteredBounds.Of(calls, new long[30], slow, Alpha, fewClumps: true).Upper
            .ShouldBeGreaterThan(2 * ClusteredBounds.Of(calls, new long[30], slow, Alpha).Upper);
    }

    /// <summary>p99.9: of 100,000 independent calls 83 bad ones pass and 118 fail; what would have changed a verdict is said from either side.</summary>
    [Fact]
    public void What_would_have_changed_a_verdict_is_the_limit_of_the_published_table()
    {
        var independent = new ClusteredBounds(1, 100_000, 50, 0, 0);
        independent.MostBadThatDoNotFail(100_000, 0.001, Alpha).ShouldBe(117);
        independent.MostBadThatPass(100_000, 0.001, Alpha).ShouldBe(83);
    }

    [Fact]
    public void Clumps_in_the_looser_counter_widen_the_bounds_of_a_calm_run()
    {
        long[] calls = [.. Enumerable.Repeat(2000L, 30)];
        long[] slow = [.. Enumerable.Range(0, 30).Select(b => b < 3 ? 200L : 0)];
        ClusteredBounds calm = ClusteredBounds.Of(calls, new long[30], [], Alpha);
        ClusteredBounds clumped = ClusteredBounds.Of(calls, new long[30], slow, Alpha);
        calm.DesignEffect.ShouldBe(1);
        clumped.DesignEffect.ShouldBeGreaterThan(100);
        clumped.Upper.ShouldBeGreaterThan(calm.Upper * 100);
    }

    [Fact]
    public void Repeats_bound_the_chance_of_a_miss_as_published()
    {
        foreach (JsonProperty v in Vectors.GetProperty("spike_repeats_bound").EnumerateObject())
        {
            RepeatVerdict.MissBound(int.Parse(v.Name, System.Globalization.CultureInfo.InvariantCulture)).ShouldBe(v.Value.GetDouble(), 6e-5);
        }
    }

    private static long[] BadPerBatch(JsonElement v, int batches)
    {
        if (v.TryGetProperty("all", out JsonElement all))
        {
            return [.. Enumerable.Repeat(all.GetInt64(), batches)];
        }

        if (v.TryGetProperty("nonzero", out JsonElement nonzero))
        {
            var bad = new long[batches];
            foreach (JsonProperty p in nonzero.EnumerateObject())
            {
                bad[int.Parse(p.Name, System.Globalization.CultureInfo.InvariantCulture)] = p.Value.GetInt64();
            }

            return bad;
        }

        return [.. v.GetProperty("list").EnumerateArray().Select(b => b.GetInt64())];
    }
}
