using System.Globalization;
using SpikeBench.Core;

namespace SpikeBench.Cli.Running;

/// <summary>Reads <c>--start-at</c>: the wall time of T0.</summary>
internal static class StartTime
{
    private static readonly string[] TimesWithOffset = ["HH:mm:sszzz", "HH:mmzzz", "HH:mm:ss'Z'", "HH:mm'Z'"];
    private static readonly string[] TimesOnly = ["HH:mm:ss", "HH:mm"];

    /// <summary>
    /// The next moment that matches: a time of day (with an offset, or in the machine's zone) is today's or tomorrow's, a full date is
    /// itself and must not be over.
    /// </summary>
    public static DateTimeOffset Parse(string text, TimeProvider time)
    {
        DateTimeOffset now = time.GetUtcNow();
        DateTimeOffset? at = null;
        if (DateTimeOffset.TryParseExact(text, TimesWithOffset, CultureInfo.InvariantCulture, text.EndsWith('Z') ? DateTimeStyles.AssumeUniversal : DateTimeStyles.None, out DateTimeOffset withOffset))
        {
            at = Next(withOffset.TimeOfDay, withOffset.Offset, now);
        }
        else if (TimeOnly.TryParseExact(text, TimesOnly, CultureInfo.InvariantCulture, DateTimeStyles.None, out TimeOnly local))
        {
            at = Next(local.ToTimeSpan(), time.LocalTimeZone.GetUtcOffset(now), now);
        }
        else if (text.Contains('T', StringComparison.Ordinal)
            && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeLocal, out DateTimeOffset full))
        {
            at = full > now ? full : throw new UsageException($"--start-at {text}: is over already");
        }

        return at?.ToUniversalTime()
            ?? throw new UsageException($"--start-at {text}: write it like 23:50:00+09:00, 23:50:00 (this machine's zone) or 2027-01-01T00:00:00+09:00");
    }

    private static DateTimeOffset Next(TimeSpan timeOfDay, TimeSpan offset, DateTimeOffset now)
    {
        var today = new DateTimeOffset(now.ToOffset(offset).Date + timeOfDay, offset);
        return today > now ? today : today.AddDays(1);
    }
}
