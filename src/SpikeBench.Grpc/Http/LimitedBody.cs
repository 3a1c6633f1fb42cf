namespace SpikeBench.Grpc.Http;

/// <summary>Reads a response's body as far as it may be long: a peer cannot make us keep what nobody asked for.</summary>
internal static class LimitedBody
{
    private const int FirstSize = 1024;

    /// <summary>The whole body; null when it is longer than <paramref name="limit"/> bytes, the rest of which is not read.</summary>
    public static async Task<ReadOnlyMemory<byte>?> ReadAsync(HttpContent content, int limit, CancellationToken cancel)
    {
        using Stream stream = await content.ReadAsStreamAsync(cancel).ConfigureAwait(false);
        byte[] buffer = new byte[Math.Min(FirstSize, limit + 1)];
        int length = 0;
        while (true)
        {
            int read = await stream.ReadAsync(buffer.AsMemory(length), cancel).ConfigureAwait(false);
            length += read;
            if (read == 0)
            {
                return buffer.AsMemory(0, length);
            }

            if (length > limit)
            {
                return null;
            }

            if (length == buffer.Length)
            {
                Array.Resize(ref buffer, (int)Math.Min(2L * buffer.Length, limit + 1L));
            }
        }
    }
}
