using System.Text;
using System.Text.Json;

namespace SpikeBench.Cli.Running;

/// <summary>When an access token ends, where it says so itself: the <c>exp</c> of a JWT (RFC 7519, 4.1.4).</summary>
internal static class TokenExpiry
{
    /// <summary>The end of a token; null when it does not say.</summary>
    public static DateTimeOffset? Of(string token)
    {
        // header.claims.signature, each base64url without padding (RFC 7515, 3.1)
        string[] parts = token.Split('.');
        if (parts.Length != 3)
        {
            return null;
        }

        string base64 = parts[1].Replace('-', '+').Replace('_', '/');
        var bytes = new byte[base64.Length];
        if (!Convert.TryFromBase64String(base64.PadRight((base64.Length + 3) / 4 * 4, '='), bytes, out int length))
        {
            return null;
        }

        try
        {
            using JsonDocument claims = JsonDocument.Parse(Encoding.UTF8.GetString(bytes, 0, length));
            return claims.RootElement.ValueKind == JsonValueKind.Object && claims.RootElement.TryGetProperty("exp", out JsonElement exp)
                && exp.ValueKind == JsonValueKind.Number && exp.TryGetDouble(out double seconds) && seconds is > 0 and < 1e11
                ? DateTimeOffset.FromUnixTimeMilliseconds((long)(seconds * 1000))
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>
    /// How long to wait before a token is fetched again: a minute before its end, but at least a fifth of what is left of it; or the interval that was
    /// asked for, where that is sooner. Null: never.
    /// </summary>
    public static TimeSpan? RefreshIn(DateTimeOffset now, DateTimeOffset? ends, TimeSpan? interval)
    {
        if (ends is not { } end)
        {
            return interval;
        }

        TimeSpan left = end - now, least = TimeSpan.FromSeconds(1);
        TimeSpan early = TimeSpan.FromTicks(Math.Min(TimeSpan.FromMinutes(1).Ticks, Math.Max(0, left.Ticks) / 5));
        TimeSpan before = left - early;
        TimeSpan wait = interval is { } asked && asked < before ? asked : before;
        return wait > least ? wait : least;
    }
}
