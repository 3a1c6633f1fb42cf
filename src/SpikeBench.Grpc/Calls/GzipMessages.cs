using System.IO.Compression;

namespace SpikeBench.Grpc.Calls;

/// <summary>Messages compressed by gzip (RFC 1952), bounded on the way in.</summary>
internal static class GzipMessages
{
    /// <summary>Packs one message.</summary>
    public static byte[] Pack(ReadOnlySpan<byte> message)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Optimal, leaveOpen: true))
        {
            gzip.Write(message);
        }

        return packed.ToArray();
    }

    /// <summary>Unpacks one message. Stops at <paramref name="maxLength"/>: a few kilobytes of zeros packed unfold to gigabytes.</summary>
    public static unsafe UnpackResult Unpack(ReadOnlySpan<byte> packed, int maxLength, out byte[] message)
    {
        message = [];
        fixed (byte* bytes = packed)
        {
            using var source = new UnmanagedMemoryStream(bytes, packed.Length);
            using var gzip = new GZipStream(source, CompressionMode.Decompress);
            using var unpacked = new MemoryStream();
            Span<byte> copy = stackalloc byte[4096];
            try
            {
                for (int read; (read = gzip.Read(copy)) > 0;)
                {
                    if (unpacked.Length + read > maxLength)
                    {
                        return UnpackResult.TooLarge;
                    }

                    unpacked.Write(copy[..read]);
                }
            }
            catch (InvalidDataException)
            {
                return UnpackResult.NotGzip;
            }

            message = unpacked.ToArray();
            return UnpackResult.Done;
        }
    }
}

/// <summary>How unpacking a message went.</summary>
internal enum UnpackResult : byte
{
    Done,
    NotGzip,
    TooLarge,
}
