using MathNet.Numerics.Distributions;

namespace SpikeBench.Core.Verdict;

/// <summary>
/// Confidence bounds of a bad share when bad calls come in clumps.
/// </summary>
/// <remarks>
/// <para>A phase is cut into B = 30 equal batches with n_b calls of which e_b are bad; p̂ = Σe/Σn.</para>
/// <code>
/// v    = B/(B−1) · Σ (e_b − p̂·n_b)² / N²          variance of p̂ between batches
/// deff = v / (p̂(1−p̂)/N), at least 1               how many times more than independent calls would vary
/// n_e  = min(N, N/deff · (z_α / t_α,B−1)²)         effective calls; the ratio pays for having estimated deff from B batches
/// x_e  = p̂ · n_e
/// </code>
/// <para>and Clopper–Pearson at (x_e, n_e) (Korn and Graubard 1998). Bad calls of one run come from few clumps, so calm runs look
/// independent; deff is therefore taken as the larger of the bad counter's and that of a ten times looser one: the slowest 10ε of the
/// calls. On M/M/8 at ρ = 0.9 the plain interval passes 51 % of the runs whose true share is just the budget.</para>
/// <para>Where few clumps carry the estimate (phases of less than five minutes or so, several midnights, several looks), B − 1 degrees of
/// freedom are too many: with a freeze of 0.25 s every 20 s, phases of 93 s at the line passed in 9.5 % of 1,200 trials. Each counter then
/// has the degrees of freedom of its own batches, and n_e is the smaller of what the two counters say.</para>
/// </remarks>
/// <param name="DesignEffect">deff of the counter that decides n_e, at least 1.</param>
/// <param name="EffectiveCalls">n_e.</param>
/// <param name="EffectiveBad">x_e.</param>
/// <param name="Upper">U.</param>
/// <param name="Lower">L.</param>
public sealed record ClusteredBounds(double DesignEffect, double EffectiveCalls, double EffectiveBad, double Upper, double Lower)
{
    /// <summary>
    /// The share of α that a PASS may use. A run's share of bad calls and its estimated design effect rise and fall together, so calm
    /// runs get too narrow an interval: with all of α, 6.6 % of 2,000 trials at the line passed where 5 % should have. Seven eighths
    /// keeps that rate's upper bound below 7 % and 55 % of the passes at half the budget, on the trials it was chosen by; see results/trials.
    /// </summary>
    public const double PassShareOfAlpha = 0.875;

    /// <summary>
    /// The same where few clumps carry the estimate. Of 2,000 spikes of 93 s with five freezes, 4.0 % passed at the line and 0.55 % at
    /// twice the budget; at seven eighths 6.2 and 0.7 %. One such spike in a hundred has no freeze in it, whatever the level.
    /// </summary>
    public const double PassShareOfAlphaInFewClumps = 0.6;

    /// <summary>The error that a PASS may make: its share of α.</summary>
    /// <param name="alpha">One-sided error of the verdict.</param>
    /// <param name="fewClumps">Few clumps may carry the estimate.</param>
    public static double PassLevel(double alpha, bool fewClumps) => alpha * (fewClumps ? PassShareOfAlphaInFewClumps : PassShareOfAlpha);

    /// <summary>Bounds from batch counts.</summary>
    /// <param name="calls">n_b: calls per batch.</param>
    /// <param name="bad">e_b: bad calls per batch.</param>
    /// <param name="slow">The looser counter per batch; empty where there is none.</param>
    /// <param name="alpha">One-sided error of each bound.</param>
    /// <param name="fewClumps">Few clumps may carry the estimate: it gets the degrees of freedom of <see cref="DegreesOfFreedom"/>.</param>
    public static ClusteredBounds Of(ReadOnlySpan<long> calls, ReadOnlySpan<long> bad, ReadOnlySpan<long> slow, double alpha, bool fewClumps = false)
    {
        double total = Sum(calls);
        if (total <= 0)
        {
            return new ClusteredBounds(1, 0, 0, 1, 0);
        }

        (double designEffect, double effectiveCalls) = Worth(bad, calls);
        if (!slow.IsEmpty && Worth(slow, calls) is var looser && looser.Calls < effectiveCalls)
        {
            (designEffect, effectiveCalls) = looser;
        }

        double share = Sum(bad) / total;
        double effectiveBad = share * effectiveCalls;
        return new ClusteredBounds(
            designEffect,
            effectiveCalls,
            effectiveBad,
            BinomialBounds.Upper(effectiveBad, effectiveCalls, alpha),
            BinomialBounds.Lower(effectiveBad, effectiveCalls, alpha));

        (double DesignEffect, double Calls) Worth(ReadOnlySpan<long> counted, ReadOnlySpan<long> perBatch)
        {
            double effect = Math.Max(1, DesignEffectOf(perBatch, counted));
            double freedom = fewClumps ? DegreesOfFreedom(perBatch, counted) : perBatch.Length - 1;
            return (effect, Math.Min(total, total / effect * DegreesOfFreedomFactor(freedom, alpha)));
        }
    }

    /// <summary>The most bad calls with which a PASS would still stand if they came in clumps like these.</summary>
    /// <param name="calls">N.</param>
    /// <param name="budget">ε.</param>
    /// <param name="level">The error that a PASS may make.</param>
    public long MostBadThatPass(long calls, double budget, double level) =>
        (long)Math.Floor(calls * HighestShare(share => BinomialBounds.PValueBelow(budget, share * EffectiveCalls, EffectiveCalls) <= level));

    /// <summary>The most bad calls that would not be a FAIL if they came in clumps like these.</summary>
    public long MostBadThatDoNotFail(long calls, double budget, double alpha) =>
        (long)Math.Floor(calls * HighestShare(share => BinomialBounds.PValueAbove(budget, share * EffectiveCalls, EffectiveCalls) >= alpha));

    /// <summary>The highest share up to which a condition holds that no higher one meets again; 0 where none does.</summary>
    private static double HighestShare(Func<double, bool> holds)
    {
        (double low, double high) = (0, 1);
        for (int i = 0; i < 40; i++)
        {
            double middle = (low + high) / 2;
            (low, high) = holds(middle) ? (middle, high) : (low, middle);
        }

        return low;
    }

    /// <summary>(z_α / t_α,df)²: what it costs to have estimated the variance with so many degrees of freedom; 0.937 for 29 at 5 %.</summary>
    public static double DegreesOfFreedomFactor(double freedom, double alpha)
    {
        double ratio = Normal.InvCDF(0, 1, 1 - alpha) / StudentT.InvCDF(0, 1, freedom, 1 - alpha);
        return ratio * ratio;
    }

    /// <summary>
    /// How many degrees of freedom a variance between batches really has. For batches with excess clumps, Var(v)/v² = (κ − 1)/B, where κ
    /// is the kurtosis of the batches' deviations; so many normal ones would have 2/df. Five clumps in 30 batches are worth 19, one is
    /// worth 2; never more than B − 1.
    /// </summary>
    public static double DegreesOfFreedom(ReadOnlySpan<long> calls, ReadOnlySpan<long> bad)
    {
        const double fewest = 2, narrowest = 0.1;
        double share = Sum(bad) / Sum(calls);
        double squares = 0, fourths = 0;
        for (int b = 0; b < calls.Length; b++)
        {
            double difference = bad[b] - share * calls[b];
            squares += difference * difference;
            fourths += difference * difference * difference * difference;
        }

        if (squares <= 0)
        {
            return calls.Length - 1;
        }

        double kurtosis = calls.Length * fourths / (squares * squares);
        return Math.Clamp(2 * calls.Length / Math.Max(narrowest, kurtosis - 1), fewest, calls.Length - 1);
    }

    private static double DesignEffectOf(ReadOnlySpan<long> calls, ReadOnlySpan<long> counted)
    {
        double total = Sum(calls);
        double share = Sum(counted) / total;
        if (share is <= 0 or >= 1)
        {
            return 1;
        }

        double squares = 0;
        for (int b = 0; b < calls.Length; b++)
        {
            double difference = counted[b] - share * calls[b];
            squares += difference * difference;
        }

        double variance = calls.Length / (calls.Length - 1.0) * squares / (total * total);
        return variance / (share * (1 - share) / total);
    }

    private static double Sum(ReadOnlySpan<long> values)
    {
        double sum = 0;
        foreach (long value in values)
        {
            sum += value;
        }

        return sum;
    }
}
