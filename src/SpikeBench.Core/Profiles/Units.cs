using System.Globalization;

namespace SpikeBench.Core.Profiles;

/// <summary>The units that profiles and flags are written in, read and written without regard to the user's locale.</summary>
public static class Units
{
    private const double MostPerSecond = 1e9;

    private static readonly (string Suffix, double Ns)[] Durations =
    [
        ("ns", 1), ("us", 1e3), ("µs", 1e3), ("ms", 1e6), ("min", 60e9), ("s", 1e9), ("m", 60e9), ("h", 3600e9),
    ];

    /// <summary>Reads a duration such as <c>5ms</c>, <c>1.5s</c>, <c>2m</c> or <c>1h</c> into nanoseconds. A bare number is refused: it could mean anything.</summary>
    public static bool TryDuration(string text, out long ns)
    {
        ns = 0;
        foreach ((string suffix, double unitNs) in Durations)
        {
            if (text.EndsWith(suffix, StringComparison.Ordinal) && TryNumber(text[..^suffix.Length], out double value))
            {
                double result = value * unitNs;
                if (result is < 0 or > 1e17)
                {
                    return false;
                }

                ns = (long)Math.Round(result);
                return true;
            }
        }

        return false;
    }

    /// <summary>Reads a rate such as <c>2000/s</c>, <c>2k/s</c>, <c>1.5M/s</c> or <c>90/min</c> into calls per second.</summary>
    public static bool TryRate(string text, out double ratePerSecond)
    {
        ratePerSecond = 0;
        int slash = text.IndexOf('/', StringComparison.Ordinal);
        if (slash < 1)
        {
            return false;
        }

        double per = text[(slash + 1)..] switch { "s" => 1, "min" or "m" => 60, "h" => 3600, _ => 0 };
        string amount = text[..slash];
        double factor = amount[^1] switch { 'k' => 1e3, 'M' => 1e6, _ => 1 };
        if (per == 0 || !TryNumber(factor == 1 ? amount : amount[..^1], out double value))
        {
            return false;
        }

        // k and M are decimal shifts: 1.1k is 1100 exactly, where 1.1 × 1000 in binary is not always.
        // More than a decimal holds is more than any rate.
        ratePerSecond = factor == 1 || value > MostPerSecond ? value * factor / per : (double)((decimal)value * (decimal)factor) / per;
        return ratePerSecond is >= 0 and <= MostPerSecond;
    }

    /// <summary>Reads a multiple such as <c>1.5x</c>.</summary>
    public static bool TryMultiple(string text, out double multiple)
    {
        multiple = 0;
        return text.EndsWith('x') && TryNumber(text[..^1], out multiple) && multiple is >= 0 and <= 1e6;
    }

    /// <summary>Reads a share such as <c>0.1%</c> into a fraction.</summary>
    public static bool TryPercent(string text, out double fraction)
    {
        fraction = 0;
        if (!text.EndsWith('%') || !TryNumber(text[..^1], out double percent) || percent is < 0 or > 100)
        {
            return false;
        }

        fraction = (double)((decimal)percent / 100);
        return true;
    }

    /// <summary>Reads a size such as <c>512B</c>, <c>64KiB</c>, <c>4MiB</c> or <c>1MB</c> into bytes. A bare number is refused.</summary>
    public static bool TrySize(string text, out long bytes)
    {
        (string Suffix, double Bytes)[] units = [("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30), ("kB", 1e3), ("MB", 1e6), ("GB", 1e9), ("B", 1)];
        bytes = 0;
        foreach ((string suffix, double unit) in units)
        {
            if (text.EndsWith(suffix, StringComparison.Ordinal) && TryNumber(text[..^suffix.Length], out double value) && value * unit is >= 0 and <= 1e15)
            {
                bytes = (long)Math.Round(value * unit);
                return true;
            }
        }

        return false;
    }

    /// <summary>A finite number without sign tricks, thousands separators or locale.</summary>
    public static bool TryNumber(string text, out double value) =>
        double.TryParse(text, NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value)
        && double.IsFinite(value);

    /// <summary>A duration with three significant digits and a fitting unit: <c>1.5 s</c>, <c>200 ms</c>, <c>9.1 µs</c>.</summary>
    public static string Duration(double ns) => Math.Abs(ns) switch
    {
        >= 1e9 => string.Create(CultureInfo.InvariantCulture, $"{Significant(ns / 1e9)} s"),
        >= 1e6 => string.Create(CultureInfo.InvariantCulture, $"{Significant(ns / 1e6)} ms"),
        >= 1e3 => string.Create(CultureInfo.InvariantCulture, $"{Significant(ns / 1e3)} µs"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{ns:0} ns"),
    };

    /// <summary>A duration with all its digits, where two must be told apart: <c>200.1 ms</c>.</summary>
    public static string ExactDuration(long ns) => Math.Abs(ns) switch
    {
        >= 1_000_000_000 => string.Create(CultureInfo.InvariantCulture, $"{ns / 1e9m:0.#########} s"),
        >= 1_000_000 => string.Create(CultureInfo.InvariantCulture, $"{ns / 1e6m:0.######} ms"),
        >= 1_000 => string.Create(CultureInfo.InvariantCulture, $"{ns / 1e3m:0.###} µs"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{ns} ns"),
    };

    /// <summary>A rate with thousands separated: <c>12,000/s</c>.</summary>
    public static string Rate(double perSecond) =>
        string.Create(CultureInfo.InvariantCulture, $"{(perSecond >= 100 ? perSecond.ToString("#,0", CultureInfo.InvariantCulture) : Significant(perSecond))}/s");

    /// <summary>A count with thousands separated.</summary>
    public static string Count(double count) => count.ToString("#,0", CultureInfo.InvariantCulture);

    /// <summary>A share in per cent with up to three significant digits: <c>0.021 %</c>.</summary>
    public static string Percent(double fraction) => fraction == 0 ? "0 %" : $"{Significant(fraction * 100)} %";

    /// <summary>A multiple: <c>2x</c>.</summary>
    public static string Multiple(double multiple) => string.Create(CultureInfo.InvariantCulture, $"{multiple:0.###}x");

    private static string Significant(double value)
    {
        double magnitude = Math.Abs(value);
        if (magnitude >= 100)
        {
            return value.ToString("#,0", CultureInfo.InvariantCulture);
        }

        // G3 would turn to exponents below 0.0001; a reader of a report would not.
        int decimals = magnitude >= 10 ? 1 : magnitude >= 1 ? 2 : magnitude == 0 ? 0 : Math.Min(12, 2 - (int)Math.Floor(Math.Log10(magnitude)));
        return value.ToString("0." + new string('#', decimals), CultureInfo.InvariantCulture);
    }
}
