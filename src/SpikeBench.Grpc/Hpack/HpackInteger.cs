namespace SpikeBench.Grpc.Hpack;

/// <summary>
/// HPACK's integers with an N-bit prefix (RFC 7541, 5.1).
/// </summary>
/// <remarks>
/// <code>
///   0   1   2   3   4   5   6   7
/// +---+---+---+---+---+---+---+---+
/// | ? | ? | ? | 1   1   1   1   1 |   prefix full: the value goes on
/// +---+---+---+-------------------+
/// | 1 |    Value-(2^N-1) LSB      |
/// +---+---------------------------+
///                ...
/// +---+---------------------------+
/// | 0 |    Value-(2^N-1) MSB      |
/// +---+---------------------------+
/// </code>
/// </remarks>
internal static class HpackInteger
{
    /// <summary>Longer ones are of no use in header blocks and would let a peer feed zeros for ever.</summary>
    private const int MaxContinuationBytes = 4;

    /// <summary>The most bytes that <see cref="TryEncode"/> writes for an <see cref="int"/>.</summary>
    public const int MaxEncodedLength = 6;

    /// <summary>Writes <paramref name="value"/> behind the bits of <paramref name="pattern"/>; false when it does not fit.</summary>
    public static bool TryEncode(int value, byte pattern, int prefixBits, Span<byte> destination, out int bytesWritten)
    {
        bytesWritten = 0;
        if (destination.IsEmpty)
        {
            return false;
        }

        int full = (1 << prefixBits) - 1;
        if (value < full)
        {
            destination[0] = (byte)(pattern | value);
            bytesWritten = 1;
            return true;
        }

        destination[0] = (byte)(pattern | full);
        int at = 1;
        uint rest = (uint)(value - full);
        for (; rest >= 0x80; rest >>= 7)
        {
            if (at >= destination.Length)
            {
                return false;
            }

            destination[at++] = (byte)(rest | 0x80);
        }

        if (at >= destination.Length)
        {
            return false;
        }

        destination[at++] = (byte)rest;
        bytesWritten = at;
        return true;
    }

    /// <summary>Reads an integer at <paramref name="at"/> and moves behind it; false when it is cut off or larger than 2^28.</summary>
    public static bool TryDecode(ReadOnlySpan<byte> source, ref int at, int prefixBits, out int value)
    {
        value = 0;
        if (at >= source.Length)
        {
            return false;
        }

        int full = (1 << prefixBits) - 1;
        value = source[at++] & full;
        if (value < full)
        {
            return true;
        }

        for (int i = 0; i < MaxContinuationBytes; i++)
        {
            if (at >= source.Length)
            {
                return false;
            }

            byte next = source[at++];
            value += (next & 0x7f) << (7 * i);
            if (next < 0x80)
            {
                return true;
            }
        }

        return false;
    }
}
