using System.Buffers;
using System.IO.Compression;

namespace SpikeBench.Target.Rpc;

/// <summary>Message compression by gzip (RFC 1952), bounded on the way in.</summary>
public static class Gzip
{
    private const int CopyBytes = 16 * 1024;

    /// <summary>
    /// Unpacks one message. Stops at <paramref name="maxBytes"/>: a few kilobytes of zeros packed unfold to gigabytes.
    /// </summary>
    public static byte[] Unpack(ReadOnlySequence<byte> packed, int maxBytes)
    {
        using var unpacked = new MemoryStream();
        using var gzip = new GZipStream(new MemoryStream(packed.ToArray()), CompressionMode.Decompress);
        byte[] copy = ArrayPool<byte>.Shared.Rent(CopyBytes);
        try
        {
            int read;
            while ((read = gzip.Read(copy)) > 0)
            {
                if (unpacked.Length + read > maxBytes)
                {
                    throw new GrpcException(GrpcCode.ResourceExhausted, $"a message unpacks to over the limit of {maxBytes} bytes");
                }

                unpacked.Write(copy, 0, read);
            }
        }
        catch (InvalidDataException e)
        {
            throw new GrpcException(GrpcCode.Internal, "a compressed message is not gzip: " + e.Message);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(copy);
        }

        return unpacked.ToArray();
    }

    public static byte[] Pack(ReadOnlySpan<byte> message)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write(message);
        }

        return packed.ToArray();
    }
}
