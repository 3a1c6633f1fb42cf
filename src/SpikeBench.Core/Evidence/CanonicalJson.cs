using System.Globalization;
using System.Text;
using System.Text.Json;
using SpikeBench.Core.Recording;

namespace SpikeBench.Core.Evidence;

/// <summary>
/// JSON with one spelling per value (RFC 8785): no white space, keys in the order of their UTF-16 code units, strings with the fewest
/// escapes, numbers as ECMAScript prints them. Two documents that say the same have the same bytes and so the same hash.
/// </summary>
/// <remarks>RFC 8785 numbers are doubles: whole numbers beyond 2⁵³, such as seeds, must be written as strings.</remarks>
public static class CanonicalJson
{
    private const long MostExact = 1L << 53;

    /// <summary>A value of ours in canonical form, named as in all files of a run.</summary>
    public static string Of<T>(T value) => Of(JsonSerializer.SerializeToElement(value, RunFolder.Json));

    /// <summary>A document in canonical form.</summary>
    /// <exception cref="FormatException">It has a number that a double cannot hold, or a key twice.</exception>
    public static string Of(JsonElement element)
    {
        var text = new StringBuilder();
        Write(element, text);
        return text.ToString();
    }

    private static void Write(JsonElement element, StringBuilder text)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                WriteObject(element, text);
                break;
            case JsonValueKind.Array:
                text.Append('[');
                string comma = "";
                foreach (JsonElement item in element.EnumerateArray())
                {
                    text.Append(comma);
                    Write(item, text);
                    comma = ",";
                }

                text.Append(']');
                break;
            case JsonValueKind.String:
                WriteString(element.GetString()!, text);
                break;
            case JsonValueKind.Number:
                text.Append(Number(element));
                break;
            default:
                text.Append(element.ValueKind switch { JsonValueKind.True => "true", JsonValueKind.False => "false", _ => "null" });
                break;
        }
    }

    private static void WriteObject(JsonElement element, StringBuilder text)
    {
        string? before = null;
        text.Append('{');
        foreach (JsonProperty property in element.EnumerateObject().OrderBy(p => p.Name, StringComparer.Ordinal))
        {
            if (property.Name == before)
            {
                throw new FormatException($"the key '{property.Name}' is there twice");
            }

            text.Append(before is null ? "" : ",");
            before = property.Name;
            WriteString(property.Name, text);
            text.Append(':');
            Write(property.Value, text);
        }

        text.Append('}');
    }

    private static void WriteString(string value, StringBuilder text)
    {
        text.Append('"');
        foreach (char c in value)
        {
            _ = c switch
            {
                '"' => text.Append("\\\""),
                '\\' => text.Append("\\\\"),
                '\b' => text.Append("\\b"),
                '\t' => text.Append("\\t"),
                '\n' => text.Append("\\n"),
                '\f' => text.Append("\\f"),
                '\r' => text.Append("\\r"),
                < ' ' => text.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}"),
                _ => text.Append(c),
            };
        }

        text.Append('"');
    }

    private static string Number(JsonElement element)
    {
        if (element.TryGetInt64(out long whole))
        {
            return Math.Abs(whole) <= MostExact
                ? whole.ToString(CultureInfo.InvariantCulture)
                : throw new FormatException($"{whole} is beyond 2^53: write it as a string");
        }

        double value = element.GetDouble();
        return double.IsFinite(value) ? Number(value) : throw new FormatException($"{element.GetRawText()} is not a finite number");
    }

    /// <summary>ECMAScript's Number::toString: the shortest digits that read back as the same double.</summary>
    internal static string Number(double value)
    {
        if (value == 0)
        {
            return "0";
        }

        // "E16" would show digits that are not needed; "R" has the shortest ones, but an exponent of its own taste.
        string shortest = Math.Abs(value).ToString("R", CultureInfo.InvariantCulture);
        int e = shortest.IndexOf('E', StringComparison.Ordinal);
        string mantissa = e < 0 ? shortest : shortest[..e];
        int exponent = e < 0 ? 0 : int.Parse(shortest[(e + 1)..], CultureInfo.InvariantCulture);
        int point = mantissa.IndexOf('.', StringComparison.Ordinal);
        string all = mantissa.Replace(".", "", StringComparison.Ordinal);
        string digits = all.TrimStart('0');
        int n = (point < 0 ? mantissa.Length : point) + exponent - (all.Length - digits.Length);
        digits = digits.TrimEnd('0');

        // 0.digits × 10ⁿ, with k digits.
        int k = digits.Length;
        string text = n switch
        {
            _ when k <= n && n <= 21 => digits + new string('0', n - k),
            _ when n is > 0 and <= 21 => digits[..n] + "." + digits[n..],
            _ when n is > -6 and <= 0 => "0." + new string('0', -n) + digits,
            _ => string.Create(CultureInfo.InvariantCulture, $"{digits[0]}{(k > 1 ? "." + digits[1..] : "")}e{(n > 0 ? "+" : "-")}{Math.Abs(n - 1)}"),
        };
        return value < 0 ? "-" + text : text;
    }
}
