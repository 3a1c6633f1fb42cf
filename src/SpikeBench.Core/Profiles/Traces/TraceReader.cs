using System.Globalization;
using System.Text.Json;
using SpikeBench.Core.Schedule;

namespace SpikeBench.Core.Profiles.Traces;

/// <summary>
/// Reads a recorded load: a CSV of time and rate, a CSV of single arrival times, or the answer of a Prometheus range query.
/// </summary>
/// <remarks>
/// Times are seconds from any origin, or ISO 8601 date-times; rates are calls per second. A first line of names is allowed and checked.
/// </remarks>
public static class TraceReader
{
    private const int MostSamples = 5_000_000;

    private static readonly string[] TimeNames = ["time", "t", "ts", "timestamp", "seconds"];
    private static readonly string[] RateNames = ["rate", "rps", "value", "calls_per_second", "requests_per_second"];

    /// <summary>Reads a trace; what begins with <c>{</c> is Prometheus', anything else CSV.</summary>
    /// <returns>The trace, or null and what is wrong, with its line.</returns>
    public static (Trace? Trace, string? Error) Read(string text)
    {
        try
        {
            return (text.AsSpan().TrimStart("\uFEFF \r\n\t").StartsWith("{", StringComparison.Ordinal) ? ReadPrometheus(text) : ReadCsv(text), null);
        }
        catch (FormatException e)
        {
            return (null, e.Message);
        }
        catch (JsonException e)
        {
            return (null, $"line {e.LineNumber + 1}: is not JSON: {e.Message.Split(" Path:")[0]}");
        }
    }

    private static Trace ReadCsv(string text)
    {
        var times = new List<decimal>();
        var rates = new List<double>();
        int columns = 0, line = 0;
        foreach (ReadOnlySpan<char> raw in text.AsSpan().EnumerateLines())
        {
            line++;
            ReadOnlySpan<char> row = raw.Trim("\uFEFF \t");
            if (row.IsEmpty || row[0] == '#')
            {
                continue;
            }

            int comma = row.IndexOf(',');
            ReadOnlySpan<char> first = (comma < 0 ? row : row[..comma]).Trim();
            ReadOnlySpan<char> second = comma < 0 ? default : row[(comma + 1)..].Trim();
            if (columns == 0)
            {
                columns = comma < 0 ? 1 : 2;
                if (!TryTime(first, out _))
                {
                    CheckNames(first, second, columns, line);
                    continue;
                }
            }

            if ((comma < 0 ? 1 : 2) != columns || second.Contains(','))
            {
                throw new FormatException($"line {line}: '{Shown(row)}' has not {(columns == 1 ? "one value" : "two values")} like the lines before");
            }

            if (!TryTime(first, out decimal time))
            {
                throw new FormatException($"line {line}: '{Shown(first)}' is not a time; write seconds like 12.5, or a date-time like 2026-01-01T00:00:00Z");
            }

            Add(times, time, columns == 1, $"line {line}");
            if (columns == 2)
            {
                rates.Add(Rate(second, $"line {line}"));
            }
        }

        return Make(times, columns == 1 ? null : rates);
    }

    private static void CheckNames(ReadOnlySpan<char> first, ReadOnlySpan<char> second, int columns, int line)
    {
        if (!TimeNames.Contains(first.ToString(), StringComparer.OrdinalIgnoreCase) || (columns == 2 && !RateNames.Contains(second.ToString(), StringComparer.OrdinalIgnoreCase)))
        {
            throw new FormatException(
                $"line {line}: '{Shown(first)}{(columns == 2 ? "," + Shown(second) : "")}' is neither numbers nor the columns' names; those are time,rate, or time alone for single arrivals");
        }
    }

    private static Trace ReadPrometheus(string text)
    {
        using JsonDocument document = JsonDocument.Parse(text);
        JsonElement root = document.RootElement;
        if (!root.TryGetProperty("data", out JsonElement data) || data.ValueKind != JsonValueKind.Object
            || !data.TryGetProperty("resultType", out JsonElement type) || type.ValueKind != JsonValueKind.String || type.GetString() != "matrix"
            || !data.TryGetProperty("result", out JsonElement result) || result.ValueKind != JsonValueKind.Array)
        {
            throw new FormatException("is not the answer of a Prometheus range query: data.resultType must be \"matrix\"");
        }

        if (result.GetArrayLength() != 1)
        {
            throw new FormatException($"has {result.GetArrayLength()} series where one is needed; ask for their sum(…)");
        }

        if (!result[0].TryGetProperty("values", out JsonElement values) || values.ValueKind != JsonValueKind.Array)
        {
            throw new FormatException("the series has no values");
        }

        var times = new List<decimal>();
        var rates = new List<double>();
        foreach (JsonElement pair in values.EnumerateArray())
        {
            string where = $"value {times.Count + 1}";
            if (pair.ValueKind != JsonValueKind.Array || pair.GetArrayLength() != 2 || pair[0].ValueKind != JsonValueKind.Number
                || !pair[0].TryGetDecimal(out decimal time) || pair[1].ValueKind != JsonValueKind.String)
            {
                throw new FormatException($"{where}: is not [time, \"rate\"]");
            }

            Add(times, time, repeats: false, where);
            rates.Add(Rate(pair[1].GetString(), where));
        }

        // A meter that was down leaves a hole; the rate in it is unknown, and a window over it would invent one.
        for (int i = 2; i < times.Count; i++)
        {
            if (times[i] - times[i - 1] > 1.5m * (times[1] - times[0]))
            {
                throw new FormatException(string.Create(
                    CultureInfo.InvariantCulture, $"value {i + 1}: {times[i] - times[i - 1]} s after the one before, the step is {times[1] - times[0]} s; samples are missing, query a stretch without a hole"));
            }
        }

        return Make(times, rates);
    }

    private static void Add(List<decimal> times, decimal time, bool repeats, string where)
    {
        if (times.Count == MostSamples)
        {
            throw new FormatException($"has more than {MostSamples} samples");
        }

        if (times.Count > 0 && (time < times[^1] || (time == times[^1] && !repeats)))
        {
            throw new FormatException(string.Create(CultureInfo.InvariantCulture, $"{where}: time {time} does not come after {times[^1]}; sort by time"));
        }

        times.Add(time);
    }

    private static double Rate(ReadOnlySpan<char> text, string where) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double rate) && rate is >= 0 and <= 1e9
            ? rate
            : throw new FormatException($"{where}: '{Shown(text)}' is not a rate in calls per second, 0 to 1e9");

    private static Trace Make(List<decimal> times, List<double>? rates)
    {
        if (times.Count < (rates is null ? 1 : 2))
        {
            throw new FormatException(rates is null ? "has no arrivals" : $"has {times.Count} samples; at least two are needed to know how long one lasts");
        }

        if (times[^1] - times[0] > 1e7m)
        {
            throw new FormatException("spans more than a hundred days; times are in seconds");
        }

        long[] timesNs = [.. times.Select(t => (long)decimal.Round((t - times[0]) * 1_000_000_000m))];
        for (int i = 1; rates is not null && i < timesNs.Length; i++)
        {
            if (timesNs[i] == timesNs[i - 1])
            {
                throw new FormatException($"sample {i + 1} is within a nanosecond of the one before");
            }
        }

        return rates is null ? Trace.OfArrivals(timesNs) : Trace.OfRates(timesNs, [.. rates]);
    }

    private static bool TryTime(ReadOnlySpan<char> text, out decimal seconds)
    {
        if (decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out seconds))
        {
            return true;
        }

        bool isDate = DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset at) && text.Length >= 10;
        seconds = isDate ? (at - DateTimeOffset.UnixEpoch).Ticks / (decimal)TimeSpan.TicksPerSecond : 0;
        return isDate;
    }

    private static string Shown(ReadOnlySpan<char> text) => text.Length <= 40 ? text.ToString() : $"{text[..40]}…";
}
