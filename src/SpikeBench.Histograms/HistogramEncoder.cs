using System.Buffers;
using System.Buffers.Binary;
using System.IO.Compression;
using System.Runtime.InteropServices;

namespace SpikeBench.Histograms;

/// <summary>Writes histograms as the family's V2, plain or compressed. Plain bytes equal those of Java and JavaScript.</summary>
/// <remarks>
/// All numbers are big-endian. The counts are those of slots 0 to the one of the largest value; a run of n ≥ 2 empty slots is the
/// number −n, a single empty slot is the number 0.
/// <code>
///   plain     | cookie 1c849313 | payload length i32 | index offset i32 = 0 | digits i32 |
///             | lowest i64 | highest i64 | ratio f64 = 1.0 | counts, ZigZag LEB128 … |
///   envelope  | cookie 1c849314 | length i32 | zlib stream (RFC 1950, with its Adler-32) of the plain form |
/// </code>
/// The format has no field for refused values: <see cref="Histogram.OutOfRangeCount"/> is not written.
/// </remarks>
public static class HistogramEncoder
{
    private const int EnvelopeHeaderLength = 8;

    /// <summary>Bytes that are always enough for <see cref="Encode(Histogram, Span{byte})"/>.</summary>
    /// <param name="histogram">The histogram to be encoded.</param>
    public static int MaxEncodedLength(Histogram histogram)
    {
        ArgumentNullException.ThrowIfNull(histogram);
        return HistogramFormat.HeaderLength + (ZigZagLeb128.MaxLength * Math.Max(1, histogram.UsedSlots.Length));
    }

    /// <summary>Writes the plain form.</summary>
    /// <param name="histogram">The histogram.</param>
    /// <param name="destination">At least <see cref="MaxEncodedLength"/> bytes.</param>
    /// <returns>The number of bytes written.</returns>
    /// <exception cref="ArgumentException">The destination is shorter than that.</exception>
    public static int Encode(Histogram histogram, Span<byte> destination)
    {
        ArgumentNullException.ThrowIfNull(histogram);
        if (destination.Length < MaxEncodedLength(histogram))
        {
            throw new ArgumentException("The destination must have MaxEncodedLength bytes.", nameof(destination));
        }

        int payload = WriteCounts(histogram.UsedSlots, destination[HistogramFormat.HeaderLength..]);
        BinaryPrimitives.WriteInt32BigEndian(destination, HistogramFormat.V2 | HistogramFormat.V2WordSize);
        BinaryPrimitives.WriteInt32BigEndian(destination[4..], payload);
        BinaryPrimitives.WriteInt32BigEndian(destination[8..], 0);
        BinaryPrimitives.WriteInt32BigEndian(destination[12..], histogram.SignificantDigits);
        BinaryPrimitives.WriteInt64BigEndian(destination[16..], histogram.LowestDiscernibleValue);
        BinaryPrimitives.WriteInt64BigEndian(destination[24..], histogram.HighestTrackableValue);
        BinaryPrimitives.WriteDoubleBigEndian(destination[32..], 1.0);
        return HistogramFormat.HeaderLength + payload;
    }

    /// <summary>The plain form as a new array.</summary>
    /// <param name="histogram">The histogram.</param>
    public static byte[] Encode(Histogram histogram)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(MaxEncodedLength(histogram));
        try
        {
            return buffer[..Encode(histogram, buffer)];
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Appends the compressed form.</summary>
    /// <param name="histogram">The histogram.</param>
    /// <param name="destination">Receives the envelope.</param>
    /// <param name="level">Optimal is as small as Java's default; Fastest is twice as fast and about half as large again.</param>
    public static void EncodeCompressed(Histogram histogram, IBufferWriter<byte> destination, CompressionLevel level = CompressionLevel.Optimal)
    {
        ArgumentNullException.ThrowIfNull(destination);
        byte[] plain = ArrayPool<byte>.Shared.Rent(MaxEncodedLength(histogram));
        try
        {
            int length = Encode(histogram, plain);
            using var packed = new PooledStream(EnvelopeHeaderLength + (length / 2));
            packed.Write(stackalloc byte[EnvelopeHeaderLength]);
            using (var zlib = new ZLibStream(packed, level, leaveOpen: true))
            {
                zlib.Write(plain, 0, length);
            }

            Span<byte> envelope = packed.Written;
            BinaryPrimitives.WriteInt32BigEndian(envelope, HistogramFormat.V2Compressed | HistogramFormat.V2WordSize);
            BinaryPrimitives.WriteInt32BigEndian(envelope[4..], envelope.Length - EnvelopeHeaderLength);
            destination.Write(envelope);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(plain);
        }
    }

    /// <summary>The compressed form as a new array.</summary>
    /// <param name="histogram">The histogram.</param>
    /// <param name="level">As of <see cref="EncodeCompressed(Histogram, IBufferWriter{byte}, CompressionLevel)"/>.</param>
    public static byte[] EncodeCompressed(Histogram histogram, CompressionLevel level = CompressionLevel.Optimal)
    {
        var writer = new ArrayBufferWriter<byte>(4096);
        EncodeCompressed(histogram, writer, level);
        return writer.WrittenSpan.ToArray();
    }

    private static int WriteCounts(ReadOnlySpan<long> slots, Span<byte> destination)
    {
        ref byte to = ref MemoryMarshal.GetReference(destination);
        if (slots.IsEmpty)
        {
            return ZigZagLeb128.Write(ref to, 0, 0);
        }

        int at = 0;
        int i = 0;
        while (i < slots.Length)
        {
            long count = slots[i++];
            if (count == 0 && slots[i] == 0)
            {
                int zeros = 1 + slots[i..].IndexOfAnyExcept(0L);
                i += zeros - 1;
                count = -zeros;
            }

            at = ZigZagLeb128.Write(ref to, at, count);
        }

        return at;
    }
}
