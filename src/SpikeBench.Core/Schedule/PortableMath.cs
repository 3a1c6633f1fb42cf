using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace SpikeBench.Core.Schedule;

/// <summary>
/// Logarithm, exponential and sine from additions, multiplications and divisions alone, which IEEE 754 rounds the same everywhere.
/// </summary>
/// <remarks>
/// The system's own differ in the last digit between C libraries and processors. One digit moves a call by a nanosecond, the plan's
/// fingerprint changes, and two hosts of one run would no longer offer the same plan. All three are within some 2 ulp.
/// </remarks>
internal static class PortableMath
{
    private const double Ln2 = 0.693147180559945309;

    // ln 2 in two parts: the first has its last 32 bits clear, so that small whole multiples of it are exact.
    private const double Ln2High = 0.693147180369123816490;
    private const double Ln2Low = 1.90821492927058770002e-10;

    /// <summary>ln x for a normal x above 0.</summary>
    /// <remarks>x = m·2^e with m in [√½, √2); ln m = 2·artanh(s), s = (m − 1)/(m + 1), |s| ≤ 0.1716; the series ends below 10⁻¹⁶.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double Log(double x)
    {
        const long sqrtHalfBits = 0x3FE6A09E667F3BCD;
        long bits = BitConverter.DoubleToInt64Bits(x);
        long exponent = (bits - sqrtHalfBits) >> 52;
        double m = BitConverter.Int64BitsToDouble(bits - (exponent << 52));
        double s = (m - 1) / (m + 1);
        double z = s * s;
        double z2 = z * z;

        // Σ z^k/(2k+1), k = 1 to 9, in pairs: they do not wait for one another.
        double low = (1 / 3.0 + z * (1 / 5.0)) + z2 * (1 / 7.0 + z * (1 / 9.0));
        double high = (1 / 11.0 + z * (1 / 13.0)) + z2 * (1 / 15.0 + z * (1 / 17.0)) + z2 * z2 * (1 / 19.0);
        double series = z * (low + z2 * z2 * high);
        return exponent * Ln2 + (2 * s + 2 * s * series);
    }

    /// <summary>ln of four numbers, digit for digit what <see cref="Log(double)"/> gives for each: the same operations in the same order.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<double> Log(Vector256<double> x)
    {
        // The exponent is moved above 0, for there is no signed 64-bit shift before AVX-512, and made a double by the 2⁵² trick.
        const long bias = 1024;
        const double twoTo52 = 4503599627370496;
        Vector256<long> bits = x.AsInt64();
        Vector256<long> biased = Vector256.ShiftRightLogical(bits - Vector256.Create(0x3FE6A09E667F3BCD - (bias << 52)), 52);
        Vector256<double> exponent = (biased | Vector256.Create(twoTo52).AsInt64()).AsDouble() - Vector256.Create(twoTo52 + bias);
        Vector256<double> m = (bits - Vector256.ShiftLeft(biased - Vector256.Create(bias), 52)).AsDouble();
        Vector256<double> one = Vector256<double>.One;
        Vector256<double> s = (m - one) / (m + one);
        Vector256<double> z = s * s;
        Vector256<double> z2 = z * z;
        Vector256<double> low = (Vector256.Create(1 / 3.0) + z * (1 / 5.0)) + z2 * (Vector256.Create(1 / 7.0) + z * (1 / 9.0));
        Vector256<double> high = (Vector256.Create(1 / 11.0) + z * (1 / 13.0)) + z2 * (Vector256.Create(1 / 15.0) + z * (1 / 17.0)) + z2 * z2 * (1 / 19.0);
        Vector256<double> series = z * (low + z2 * z2 * high);
        Vector256<double> twice = s + s;
        return exponent * Ln2 + (twice + twice * series);
    }

    /// <summary>e^x for |x| below 700.</summary>
    /// <remarks>x = k·ln 2 + r with |r| ≤ 0.347; Taylor's series of e^r to r¹³ ends below 10⁻¹⁷.</remarks>
    public static double Exp(double x)
    {
        double k = Math.Round(x * (1 / Ln2));
        if (k < -1000)
        {
            return 0;
        }

        double r = (x - k * Ln2High) - k * Ln2Low;
        double r2 = r * r;
        double r4 = r2 * r2;

        // Σ rⁱ/i!, i = 0 to 13, in pairs: they do not wait for one another.
        double low = (1 + r) + r2 * ((1 / 2.0) + r * (1 / 6.0));
        double middle = ((1 / 24.0) + r * (1 / 120.0)) + r2 * ((1 / 720.0) + r * (1 / 5040.0));
        double high = ((1 / 40320.0) + r * (1 / 362880.0)) + r2 * ((1 / 3628800.0) + r * (1 / 39916800.0)) + r4 * ((1 / 479001600.0) + r * (1 / 6227020800.0));
        double sum = low + r4 * (middle + r4 * high);
        return sum * BitConverter.Int64BitsToDouble(((long)k + 1023) << 52);
    }

    /// <summary>cos(2π·turns).</summary>
    public static double CosTurns(double turns) => SinTurns(turns + 0.25);

    /// <summary>sin(2π·turns).</summary>
    public static double SinTurns(double turns)
    {
        // Into [−½, ½), then folded into [−¼, ¼]: both exact.
        double t = turns - Math.Floor(turns + 0.5);
        t = t > 0.25 ? 0.5 - t : t < -0.25 ? -0.5 - t : t;
        double a = t * (2 * Math.PI);
        double a2 = a * a;
        double sum = 1;
        for (int i = 23; i >= 3; i -= 2)
        {
            sum = 1 - a2 * sum / (i * (i - 1));
        }

        return a * sum;
    }
}
