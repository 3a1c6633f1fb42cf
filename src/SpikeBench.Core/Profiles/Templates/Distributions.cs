using System.Globalization;
using SpikeBench.Core.Schedule;

namespace SpikeBench.Core.Profiles.Templates;

/// <summary>The distributions that templates draw from; the same numbers on every machine.</summary>
internal static class Distributions
{
    /// <summary>A whole number of units of the last decimal, as text.</summary>
    public static string Decimal(long value, int decimals)
    {
        if (decimals == 0)
        {
            return value.ToString(CultureInfo.InvariantCulture);
        }

        string digits = Math.Abs(value).ToString(CultureInfo.InvariantCulture).PadLeft(decimals + 1, '0');
        return $"{(value < 0 ? "-" : "")}{digits[..^decimals]}.{digits[^decimals..]}";
    }

    /// <summary>Running sums of 1/(k+1)^s.</summary>
    public static double[] ZipfWeights(int count, double exponent)
    {
        var cumulative = new double[count];
        double sum = 0;
        for (int k = 0; k < count; k++)
        {
            sum += PortableMath.Exp(-exponent * PortableMath.Log(k + 1));
            cumulative[k] = sum;
        }

        return cumulative;
    }

    /// <summary>The k that a draw in [0, 1) falls on.</summary>
    public static int Zipf(double[] cumulative, double unit)
    {
        int found = Array.BinarySearch(cumulative, unit * cumulative[^1]);
        return Math.Min(found >= 0 ? found + 1 : ~found, cumulative.Length - 1);
    }

    /// <summary>median · e^(σ·z), z normal by Box and Muller's transform of two draws, rounded.</summary>
    public static long Lognormal(double median, double sigma, CounterRandom draws, long number)
    {
        double radius = Math.Sqrt(-2 * PortableMath.Log(draws.OpenUnit(2 * number)));
        double z = radius * PortableMath.CosTurns(draws.Unit(2 * number + 1));

        // Beyond e^40 nothing is meant any more, and a long overflows at e^43.
        double exponent = Math.Min(sigma * z, 40 - PortableMath.Log(Math.Max(1, median)));
        return (long)Math.Round(median * PortableMath.Exp(exponent));
    }
}
