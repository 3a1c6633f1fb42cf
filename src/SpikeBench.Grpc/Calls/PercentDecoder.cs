namespace SpikeBench.Grpc.Calls;

/// <summary>
/// Decodes <c>grpc-message</c> (grpc/grpc, doc/PROTOCOL-HTTP2.md): percent-encoded UTF-8, of which a client must keep what does not decode.
/// </summary>
internal static class PercentDecoder
{
    /// <summary>Decodes as much as fits; the text never grows.</summary>
    /// <returns>Bytes written.</returns>
    public static int Decode(ReadOnlySpan<byte> source, Span<byte> destination)
    {
        int written = 0;
        for (int at = 0; at < source.Length && written < destination.Length; at++)
        {
            byte b = source[at];
            if (b == '%' && at + 2 < source.Length && TryHex(source[at + 1], out int high) && TryHex(source[at + 2], out int low))
            {
                b = (byte)((high << 4) | low);
                at += 2;
            }

            destination[written++] = b;
        }

        return written;
    }

    private static bool TryHex(byte digit, out int value)
    {
        value = digit switch
        {
            >= (byte)'0' and <= (byte)'9' => digit - '0',
            >= (byte)'A' and <= (byte)'F' => digit - 'A' + 10,
            >= (byte)'a' and <= (byte)'f' => digit - 'a' + 10,
            _ => -1,
        };
        return value >= 0;
    }
}
