using System.Buffers;
using System.Buffers.Binary;

namespace SpikeBench.Target.Rpc;

/// <summary>
/// The length-prefixed message of gRPC over HTTP/2 (grpc/grpc doc/PROTOCOL-HTTP2.md), whatever DATA frames it is cut into.
/// </summary>
/// <remarks>
/// <code>
/// +---------------+---------------------------------------------------------------+-----------
/// | Compressed (8)|                    Message-Length (32, big endian)            | Message ...
/// +---------------+---------------------------------------------------------------+-----------
/// </code>
/// </remarks>
public static class MessageFrame
{
    public const int PrefixLength = 5;
    private const int LengthOffset = 1;

    /// <summary>
    /// Takes one whole message off the front of <paramref name="buffer"/>; false when it has not all come yet. Throws on a prefix
    /// that no sender may write and on a message longer than <paramref name="maxBytes"/>, before its bytes are waited for.
    /// </summary>
    public static bool TryRead(
        ref ReadOnlySequence<byte> buffer, int maxBytes, out bool compressed, out ReadOnlySequence<byte> message)
    {
        compressed = false;
        message = default;
        if (buffer.Length < PrefixLength)
        {
            return false;
        }

        Span<byte> prefix = stackalloc byte[PrefixLength];
        buffer.Slice(0, PrefixLength).CopyTo(prefix);

        if (prefix[0] > 1)
        {
            ThrowBadFlag(prefix[0]);
        }

        uint length = BinaryPrimitives.ReadUInt32BigEndian(prefix[LengthOffset..]);
        if (length > maxBytes)
        {
            ThrowTooLong(length, maxBytes);
        }

        if (buffer.Length < PrefixLength + length)
        {
            return false;
        }

        compressed = prefix[0] == 1;
        message = buffer.Slice(PrefixLength, length);
        buffer = buffer.Slice(message.End);
        return true;
    }

    public static void WritePrefix(Span<byte> destination, bool compressed, int length)
    {
        destination[0] = compressed ? (byte)1 : (byte)0;
        BinaryPrimitives.WriteUInt32BigEndian(destination[LengthOffset..], (uint)length);
    }

    private static void ThrowBadFlag(byte flag) =>
        throw new GrpcException(GrpcCode.Internal, $"the compressed flag of a message is {flag}, not 0 or 1");

    private static void ThrowTooLong(uint length, int maxBytes) =>
        throw new GrpcException(GrpcCode.ResourceExhausted, $"a message of {length} bytes is over the limit of {maxBytes}");
}
