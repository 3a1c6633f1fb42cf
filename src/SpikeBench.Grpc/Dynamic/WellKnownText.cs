using System.Globalization;
using System.Text;

namespace SpikeBench.Grpc.Dynamic;

/// <summary>The texts of Timestamp, Duration and FieldMask, both ways (protobuf.dev/programming-guides/json).</summary>
internal static class WellKnownText
{
    private const long FirstSecond = -62_135_596_800; // 0001-01-01T00:00:00Z
    private const long LastSecond = 253_402_300_799; // 9999-12-31T23:59:59Z
    private const long MostSeconds = 315_576_000_000; // 10,000 years
    private const int NanosPerSecond = 1_000_000_000;
    private const int FractionDigits = 9;

    /// <summary>Reads RFC 3339: <c>2026-01-01T00:00:00.5+09:00</c>, up to nine digits of fraction, years 1 to 9999.</summary>
    public static bool TryTimestamp(string text, out long seconds, out int nanos)
    {
        seconds = 0;
        nanos = 0;
        const string shape = "0000-00-00T00:00:00";
        if (text.Length <= shape.Length || !text.Take(shape.Length).Zip(shape).All(c => c.Second == '0' ? char.IsAsciiDigit(c.First) : c.First == c.Second))
        {
            return false;
        }

        if (!DateTime.TryParseExact(text[..shape.Length], "yyyy-MM-dd'T'HH:mm:ss", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out DateTime utc))
        {
            return false;
        }

        int at = shape.Length;
        if (!TryFraction(text, ref at, out nanos) || !TryOffset(text[at..], out int offsetSeconds))
        {
            return false;
        }

        seconds = (utc.Ticks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerSecond - offsetSeconds;
        return seconds is >= FirstSecond and <= LastSecond;
    }

    /// <summary>RFC 3339 in UTC with 0, 3, 6 or 9 digits of fraction; null outside its range.</summary>
    public static string? Timestamp(long seconds, int nanos) => seconds is < FirstSecond or > LastSecond || nanos is < 0 or >= NanosPerSecond
        ? null
        : DateTime.UnixEpoch.AddTicks(seconds * TimeSpan.TicksPerSecond).ToString("yyyy-MM-dd'T'HH:mm:ss", CultureInfo.InvariantCulture) + Fraction(nanos) + "Z";

    /// <summary>Reads seconds such as <c>1.5s</c> or <c>-0.000000001s</c>; both parts get the sign.</summary>
    public static bool TryDuration(string text, out long seconds, out int nanos)
    {
        seconds = 0;
        nanos = 0;
        bool negative = text.StartsWith('-');
        int start = negative ? 1 : 0, at = start;
        while (at < text.Length && char.IsAsciiDigit(text[at]))
        {
            at++;
        }

        if (at == start || !long.TryParse(text[start..at], NumberStyles.None, CultureInfo.InvariantCulture, out seconds)
            || !TryFraction(text, ref at, out nanos) || text[at..] != "s" || seconds > MostSeconds || (seconds == MostSeconds && nanos > 0))
        {
            return false;
        }

        seconds = negative ? -seconds : seconds;
        nanos = negative ? -nanos : nanos;
        return true;
    }

    /// <summary>Seconds with 0, 3, 6 or 9 digits of fraction; null outside its range or when the parts differ in sign.</summary>
    public static string? Duration(long seconds, int nanos)
    {
        if (seconds is < -MostSeconds or > MostSeconds || nanos is <= -NanosPerSecond or >= NanosPerSecond || (seconds > 0 && nanos < 0) || (seconds < 0 && nanos > 0))
        {
            return null;
        }

        string sign = seconds < 0 || nanos < 0 ? "-" : "";
        return sign + Math.Abs(seconds).ToString(CultureInfo.InvariantCulture) + Fraction(Math.Abs(nanos)) + "s";
    }

    /// <summary>The mask's paths: <c>user.displayName,photo</c> names <c>user.display_name</c> and <c>photo</c>.</summary>
    public static bool TryFieldMask(string text, out IReadOnlyList<string> paths)
    {
        string[] given = text.Length == 0 ? [] : text.Split(',');
        paths = [.. given.Select(Snake)];
        return given.All(p => p.Length > 0 && p.All(c => char.IsAsciiLetterOrDigit(c) || c == '.'));
    }

    /// <summary>The mask's JSON; null when a path would not come back as it is.</summary>
    public static string? FieldMask(IEnumerable<string> paths)
    {
        string[] written = [.. paths.Select(Camel)];
        return written.Select(Snake).SequenceEqual(paths) ? string.Join(',', written) : null;
    }

    private static string Snake(string path)
    {
        var text = new StringBuilder();
        foreach (char c in path)
        {
            _ = char.IsAsciiLetterUpper(c) ? text.Append('_').Append(char.ToLowerInvariant(c)) : text.Append(c);
        }

        return text.ToString();
    }

    private static string Camel(string path)
    {
        var text = new StringBuilder();
        bool raise = false;
        foreach (char c in path)
        {
            if (c == '_')
            {
                raise = true;
                continue;
            }

            text.Append(raise ? char.ToUpperInvariant(c) : c);
            raise = false;
        }

        return text.ToString();
    }

    /// <summary>Nothing, or a point and one to nine digits.</summary>
    private static bool TryFraction(string text, ref int at, out int nanos)
    {
        nanos = 0;
        if (at >= text.Length || text[at] != '.')
        {
            return true;
        }

        int start = ++at;
        while (at < text.Length && char.IsAsciiDigit(text[at]))
        {
            at++;
        }

        return at - start is > 0 and <= FractionDigits
            && int.TryParse(text[start..at].PadRight(FractionDigits, '0'), NumberStyles.None, CultureInfo.InvariantCulture, out nanos);
    }

    /// <summary><c>Z</c>, or hours and minutes east of Greenwich.</summary>
    private static bool TryOffset(string text, out int seconds)
    {
        seconds = 0;
        if (text == "Z")
        {
            return true;
        }

        if (text.Length != 6 || text[0] is not ('+' or '-') || text[3] != ':'
            || !int.TryParse(text[1..3], NumberStyles.None, CultureInfo.InvariantCulture, out int hours)
            || !int.TryParse(text[4..], NumberStyles.None, CultureInfo.InvariantCulture, out int minutes)
            || hours > 23 || minutes > 59)
        {
            return false;
        }

        seconds = (text[0] == '-' ? -1 : 1) * (hours * 3600 + minutes * 60);
        return true;
    }

    private static string Fraction(int nanos) => nanos switch
    {
        0 => "",
        _ when nanos % 1_000_000 == 0 => string.Create(CultureInfo.InvariantCulture, $".{nanos / 1_000_000:000}"),
        _ when nanos % 1_000 == 0 => string.Create(CultureInfo.InvariantCulture, $".{nanos / 1_000:000000}"),
        _ => string.Create(CultureInfo.InvariantCulture, $".{nanos:000000000}"),
    };
}
