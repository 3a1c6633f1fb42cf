using System.Globalization;

namespace SpikeBench.Target.Hosting;

/// <summary>Numbers with units as people type them: <c>4ms</c>, <c>250us</c>, <c>1.5s</c>, <c>4MiB</c>.</summary>
public static class Quantity
{
    private static readonly (string Unit, double Ns)[] TimeUnits =
        [("ns", 1), ("us", 1e3), ("µs", 1e3), ("ms", 1e6), ("s", 1e9), ("m", 60e9)];

    private static readonly (string Unit, double Bytes)[] SizeUnits =
        [("KiB", 1024), ("MiB", 1024 * 1024), ("B", 1), ("", 1)];

    public static bool TryParseNs(string text, out long ns) => TryParse(text, TimeUnits, out ns);

    public static bool TryParseBytes(string text, out long bytes) => TryParse(text, SizeUnits, out bytes);

    private static bool TryParse(string text, (string Unit, double Factor)[] units, out long value)
    {
        int split = text.AsSpan().TrimEnd().Length;
        while (split > 0 && !char.IsAsciiDigit(text[split - 1]))
        {
            split--;
        }

        value = 0;
        string unit = text[split..].Trim();
        foreach ((string name, double factor) in units)
        {
            if (string.Equals(name, unit, StringComparison.Ordinal)
                && double.TryParse(text.AsSpan(0, split), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double number)
                && number * factor < long.MaxValue)
            {
                value = (long)Math.Round(number * factor);
                return true;
            }
        }

        return false;
    }
}
