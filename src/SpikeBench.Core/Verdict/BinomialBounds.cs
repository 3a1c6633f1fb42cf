using MathNet.Numerics;

namespace SpikeBench.Core.Verdict;

/// <summary>
/// Exact one-sided confidence bounds of a bad share (Clopper and Pearson 1934), for whole and for effective (real-valued) counts.
/// </summary>
public static class BinomialBounds
{
    /// <summary>
    /// The upper bound U at confidence 1 − α: the x such that P(Bin(n, x) ≤ bad) = α, which is Beta⁻¹(1 − α; bad + 1, n − bad). Never too
    /// low, whatever the true share; 3/n where no call is bad (α = 5 %).
    /// </summary>
    public static double Upper(double bad, double calls, double alpha) =>
        bad >= calls ? 1 : BetaQuantile(bad + 1, calls - bad, 1 - alpha);

    /// <summary>The lower bound L at confidence 1 − α: Beta⁻¹(α; bad, n − bad + 1); 0 where no call is bad.</summary>
    public static double Lower(double bad, double calls, double alpha) =>
        bad <= 0 ? 0 : BetaQuantile(bad, calls - bad + 1, alpha);

    /// <summary>
    /// P(Bin(n, share) ≥ bad): how likely at least so many bad calls are where the true share is just the budget. The p-value of "the
    /// budget is broken".
    /// </summary>
    public static double PValueAbove(double share, double bad, double calls) =>
        bad <= 0 ? 1 : SpecialFunctions.BetaRegularized(bad, calls - bad + 1, share);

    /// <summary>
    /// P(Bin(n, share) ≤ bad): how likely so few bad calls are where the true share is just the budget; <see cref="Upper"/> is at most
    /// the share where this is at most α.
    /// </summary>
    public static double PValueBelow(double share, double bad, double calls) =>
        bad >= calls ? 1 : 1 - SpecialFunctions.BetaRegularized(bad + 1, calls - bad, share);

    /// <summary>
    /// The fewest calls that can show a share of at most <paramref name="budget"/> when none of them is bad: ⌈ln α / ln(1 − ε)⌉, the n at
    /// which (1 − ε)ⁿ ≤ α. 2,995 for 0.1 % at 95 %.
    /// </summary>
    public static long CleanCallsNeeded(double budget, double alpha) => (long)Math.Ceiling(Math.Log(alpha) / Math.Log(1 - budget));

    /// <summary>The x at which the regularised incomplete Beta function I_x(a, b) reaches <paramref name="probability"/>.</summary>
    private static double BetaQuantile(double a, double b, double probability)
    {
        // I_x rises in x: bisection on a logarithmic scale keeps relative precision for shares of 10⁻⁵ and less, and always ends.
        double low = 1e-300;
        double high = 1;
        for (int i = 0; i < 200 && high / low > 1 + 1e-14; i++)
        {
            double middle = low < high / 4 ? Math.Sqrt(low) * Math.Sqrt(high) : (low + high) / 2;
            if (SpecialFunctions.BetaRegularized(a, b, middle) < probability)
            {
                low = middle;
            }
            else
            {
                high = middle;
            }
        }

        return high;
    }
}
