using System.Globalization;

namespace SpikeBench.Histograms;

/// <summary>Fixed-point text as Java's <c>%.nf</c> prints it, in every culture.</summary>
/// <remarks>
/// Java rounds the shortest decimal that reads back as the same double, half up; .NET rounds the exact binary value. The two differ
/// in the last digit where the decimal ends in 5: 0.9997802734375 is …438 to Java and …437 to .NET.
/// </remarks>
internal static class JavaNumber
{
    // 309 digits before the point, a sign, the point and the places.
    public const int MaxLength = 340;

    public static string Format(double value, int places)
    {
        Span<char> text = stackalloc char[MaxLength];
        return new string(text[..Format(value, places, text)]);
    }

    /// <summary>Writes a number with so many decimal places.</summary>
    /// <param name="value">Any number; infinities are written as Java's Infinity.</param>
    /// <param name="places">0 to 17.</param>
    /// <param name="destination">At least <see cref="MaxLength"/> characters.</param>
    /// <returns>The characters written.</returns>
    public static int Format(double value, int places, Span<char> destination)
    {
        if (!double.IsFinite(value))
        {
            string name = double.IsNaN(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity";
            name.CopyTo(destination);
            return name.Length;
        }

        Span<byte> digits = stackalloc byte[32];
        int count = ShortestDigits(Math.Abs(value), digits, out int pointAt);
        count = RoundHalfUp(digits, count, ref pointAt, places);

        int at = 0;
        if (double.IsNegative(value))
        {
            destination[at++] = '-';
        }

        for (int i = Math.Min(0, pointAt - 1); i < pointAt + places; i++)
        {
            if (i == pointAt)
            {
                destination[at++] = '.';
            }

            destination[at++] = (char)('0' + (i >= 0 && i < count ? digits[i] : 0));
        }

        return at;
    }

    /// <summary>The digits d of 0.ddd · 10^pointAt.</summary>
    private static int ShortestDigits(double value, Span<byte> digits, out int pointAt)
    {
        Span<char> text = stackalloc char[32];
        value.TryFormat(text, out int length, "E16", CultureInfo.InvariantCulture);
        if (value.TryFormat(text, out int shortest, "R", CultureInfo.InvariantCulture))
        {
            length = shortest;
        }

        int count = 0;
        int point = -1;
        int exponent = 0;
        for (int i = 0; i < length; i++)
        {
            if (text[i] == '.')
            {
                point = count;
            }
            else if (text[i] == 'E')
            {
                exponent = int.Parse(text[(i + 1)..length], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
                break;
            }
            else
            {
                digits[count++] = (byte)(text[i] - '0');
            }
        }

        pointAt = (point < 0 ? count : point) + exponent;
        return count;
    }

    private static int RoundHalfUp(Span<byte> digits, int count, ref int pointAt, int places)
    {
        int keep = pointAt + places;
        if (keep >= count)
        {
            return count;
        }

        if (keep < 0)
        {
            return 0;
        }

        bool up = digits[keep] >= 5;
        int i = keep - 1;
        while (up && i >= 0)
        {
            up = digits[i] == 9;
            digits[i] = (byte)(up ? 0 : digits[i] + 1);
            i--;
        }

        if (up)
        {
            digits[..keep].CopyTo(digits[1..]);
            digits[0] = 1;
            pointAt++;
            keep++;
        }

        return keep;
    }
}
