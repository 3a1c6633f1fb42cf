namespace SpikeBench.Core.Verdict;

/// <summary>
/// Extended looks: a claim may register that a set which is INCONCLUSIVE is doubled and looked at again, and what each look may cost.
/// </summary>
/// <remarks>
/// <para>Whoever looks five times at 5 % is wrong up to 13 % of the time. So each of K registered looks gets the same smaller error, taken
/// from Pocock's (1977) constants: with it, the chance that a target at its limit passes at any of the looks stays below 5 %.</para>
/// <code>
/// looks       1      2       3       4       5
/// each        5 %    2.94 %  2.21 %  1.82 %  1.58 %
/// midnights   R      2R      4R      8R      16R       in all, after that look
/// </code>
/// </remarks>
public static class ClaimLooks
{
    /// <summary>The most looks that a claim may register.</summary>
    public const int Most = 5;

    /// <summary>The error that the constants are for.</summary>
    public const double Alpha = 0.05;

    private static readonly double[] Pocock = [Alpha, 0.0294, 0.0221, 0.0182, 0.0158];

    /// <summary>The one-sided error that each of <paramref name="looks"/> looks may make.</summary>
    /// <param name="looks">1 to <see cref="Most"/>.</param>
    /// <param name="alpha">The error of all together; only 5 % where there are several.</param>
    /// <exception cref="InvariantException">There are no constants for it; a profile that asks for it is refused.</exception>
    public static double LevelOf(int looks, double alpha) => looks == 1 ? alpha
        : looks is > 1 and <= Most && Math.Abs(alpha - Alpha) < 1e-9 ? Pocock[looks - 1]
        : throw new InvariantException($"there are no constants for {looks} looks at {alpha}");

    /// <summary>How many midnights a set has after a look: each look doubles it.</summary>
    /// <param name="look">From 1.</param>
    /// <param name="repeats">R, the midnights of the first look.</param>
    public static int MidnightsAfter(int look, int repeats) => (int)Math.Min(int.MaxValue, (long)Math.Max(1, repeats) << Math.Min(31, look - 1));

    /// <summary>The look that a midnight was run for, from 1.</summary>
    /// <param name="midnight">From 1.</param>
    /// <param name="repeats">R, the midnights of the first look.</param>
    public static int LookOf(int midnight, int repeats)
    {
        int look = 1;
        while (MidnightsAfter(look, repeats) < midnight)
        {
            look++;
        }

        return look;
    }
}
