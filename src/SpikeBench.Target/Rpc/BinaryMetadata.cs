namespace SpikeBench.Target.Rpc;

/// <summary>
/// Values of headers whose names end in <c>-bin</c>: base64, sent without padding, accepted with or without; several values of one
/// name may come joined by commas (PROTOCOL-HTTP2.md, "Custom-Metadata").
/// </summary>
public static class BinaryMetadata
{
    private const int Base64Quantum = 4;

    public static string Encode(ReadOnlySpan<byte> value) => Convert.ToBase64String(value).TrimEnd('=');

    /// <summary>Decodes every value of the header; false when one is not base64.</summary>
    public static bool TryDecode(string header, out byte[][] values)
    {
        string[] parts = header.Split(',', StringSplitOptions.TrimEntries);
        values = new byte[parts.Length][];
        for (int i = 0; i < parts.Length; i++)
        {
            string bare = parts[i].TrimEnd('=');
            string padded = bare.PadRight((bare.Length + Base64Quantum - 1) / Base64Quantum * Base64Quantum, '=');
            byte[] bytes = new byte[padded.Length];
            if (!Convert.TryFromBase64String(padded, bytes, out int length))
            {
                return false;
            }

            values[i] = bytes[..length];
        }

        return true;
    }
}
