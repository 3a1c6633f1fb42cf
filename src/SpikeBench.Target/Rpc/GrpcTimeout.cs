namespace SpikeBench.Target.Rpc;

/// <summary>
/// The <c>grpc-timeout</c> header: 1 to 8 digits and a unit of H, M, S, m, u or n (PROTOCOL-HTTP2.md, "Timeout").
/// </summary>
public static class GrpcTimeout
{
    private const int MaxDigits = 8;

    public static bool TryParseNs(ReadOnlySpan<char> text, out long ns)
    {
        ns = 0;
        if (text.Length is < 2 or > MaxDigits + 1)
        {
            return false;
        }

        long unitNs = text[^1] switch
        {
            'H' => 3_600_000_000_000,
            'M' => 60_000_000_000,
            'S' => 1_000_000_000,
            'm' => 1_000_000,
            'u' => 1_000,
            'n' => 1,
            _ => 0,
        };
        long value = 0;
        foreach (char c in text[..^1])
        {
            if (!char.IsAsciiDigit(c))
            {
                return false;
            }

            value = (value * 10) + (c - '0');
        }

        // 99,999,999 hours overflow nanoseconds; such a deadline is none.
        ns = value > long.MaxValue / Math.Max(unitNs, 1) ? long.MaxValue : value * unitNs;
        return unitNs != 0;
    }
}
