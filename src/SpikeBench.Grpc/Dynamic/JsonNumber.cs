using System.Globalization;

namespace SpikeBench.Grpc.Dynamic;

/// <summary>Numbers as JSON writes them, read exactly: <c>1e2</c> and <c>15.0</c> are whole, <c>1.5</c> is not.</summary>
internal static class JsonNumber
{
    // Int128 holds every number of 38 digits, twice what a 64-bit field needs.
    private const int MostDigits = 38;

    /// <summary>A whole number; false when the text is no number of JSON's grammar (RFC 8259, 6), has a fraction, or has more than 38 digits.</summary>
    public static bool TryWhole(string text, out Int128 value)
    {
        value = 0;
        if (!TrySplit(text, out string digits, out int exponent))
        {
            return false;
        }

        string significant = digits.TrimStart('0');
        string stripped = significant.TrimEnd('0');
        exponent += significant.Length - stripped.Length;
        if (stripped.Length == 0)
        {
            return true;
        }

        if (exponent < 0 || stripped.Length + exponent > MostDigits)
        {
            return false;
        }

        value = Int128.Parse(stripped + new string('0', exponent), NumberStyles.None, CultureInfo.InvariantCulture);
        value = text[0] == '-' ? -value : value;
        return true;
    }

    /// <summary>The nearest double; false when the text is no number of JSON's grammar or beyond every double.</summary>
    public static bool TryDouble(string text, out double value)
    {
        value = 0;
        return TrySplit(text, out _, out _)
            && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value)
            && double.IsFinite(value);
    }

    /// <summary>number = [ "-" ] ( "0" / digit1-9 *digit ) [ "." 1*digit ] [ ( "e" / "E" ) [ "+" / "-" ] 1*digit ]</summary>
    /// <returns>Its digits without the point, and the power of ten of the last of them.</returns>
    private static bool TrySplit(string text, out string digits, out int exponent)
    {
        digits = "";
        exponent = 0;
        int at = text.StartsWith('-') ? 1 : 0;
        string whole = Digits(text, ref at);
        if (whole.Length == 0 || (whole.Length > 1 && whole[0] == '0'))
        {
            return false;
        }

        string fraction = "";
        if (at < text.Length && text[at] == '.')
        {
            at++;
            fraction = Digits(text, ref at);
            if (fraction.Length == 0)
            {
                return false;
            }
        }

        if (at < text.Length && text[at] is 'e' or 'E')
        {
            at++;
            bool negative = at < text.Length && text[at] == '-';
            at += at < text.Length && text[at] is '+' or '-' ? 1 : 0;
            string power = Digits(text, ref at);
            if (power.Length == 0)
            {
                return false;
            }

            // Beyond any double and any whole number; the digits stay few enough for the sum below not to overflow.
            exponent = int.TryParse(power, NumberStyles.None, CultureInfo.InvariantCulture, out int parsed) ? Math.Min(parsed, 100_000) : 100_000;
            exponent = negative ? -exponent : exponent;
        }

        digits = whole + fraction;
        exponent -= fraction.Length;
        return at == text.Length;
    }

    private static string Digits(string text, ref int at)
    {
        int start = at;
        while (at < text.Length && char.IsAsciiDigit(text[at]))
        {
            at++;
        }

        return text[start..at];
    }
}
