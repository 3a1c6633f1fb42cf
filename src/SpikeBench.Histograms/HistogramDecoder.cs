using System.Buffers;
using System.Buffers.Binary;
using System.IO.Compression;

namespace SpikeBench.Histograms;

/// <summary>Reads every integer histogram that the family ever wrote: V0, V1 and V2, plain or compressed, all word sizes.</summary>
/// <remarks>
/// The input need not be trusted: every number is checked before it is used, memory is bounded by the slots that the caller allows
/// (8 bytes each) plus 16 kB, and whatever is wrong ends in one <see cref="HistogramFormatException"/>. The checksum of a compressed
/// histogram may be missing, for HdrHistogram.NET writes none. Decoded histograms resize, as in Java.
/// </remarks>
public static class HistogramDecoder
{
    /// <summary>4,194,304 slots, 32 MiB: everything but 5 digits over more than 2^48.</summary>
    public const int DefaultMaxSlots = 1 << 22;

    private const int ChunkLength = 16 * 1024;

    /// <summary>Decodes one histogram.</summary>
    /// <param name="source">Begins with the cookie; what follows the histogram is ignored.</param>
    /// <param name="maxSlots">The most slots to accept, 8 bytes each.</param>
    /// <exception cref="HistogramFormatException">The bytes are no histogram, or one above the limit.</exception>
    public static Histogram Decode(ReadOnlySpan<byte> source, int maxSlots = DefaultMaxSlots) => Decode(source, null, maxSlots);

    /// <summary>Decodes one histogram into another, whose counts it replaces: for reading many without a new array for each.</summary>
    /// <param name="source">Begins with the cookie; what follows the histogram is ignored.</param>
    /// <param name="into">Of the source's lowest value and digits, and at least its range or auto-resizing. Empty after a format
    /// error.</param>
    /// <exception cref="HistogramFormatException">The bytes are no histogram.</exception>
    /// <exception cref="ArgumentException">The source does not fit; the histogram is unchanged.</exception>
    public static void Decode(ReadOnlySpan<byte> source, Histogram into)
    {
        ArgumentNullException.ThrowIfNull(into);
        try
        {
            Decode(source, into, into.AutoResize ? DefaultMaxSlots : int.MaxValue);
        }
        catch (HistogramFormatException)
        {
            into.AllSlots.Clear();
            into.Reset();
            throw;
        }
    }

    /// <summary>Decodes one histogram from Base64, as interval logs hold it.</summary>
    /// <param name="text">Standard Base64; white space is ignored.</param>
    /// <param name="maxSlots">The most slots to accept, 8 bytes each.</param>
    /// <exception cref="HistogramFormatException">The text is no Base64, or what it holds is no histogram.</exception>
    public static Histogram DecodeBase64(ReadOnlySpan<char> text, int maxSlots = DefaultMaxSlots)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(((text.Length / 4) + 1) * 3);
        try
        {
            return Convert.TryFromBase64Chars(text, buffer, out int length)
                ? Decode(buffer.AsSpan(0, length), maxSlots)
                : throw new HistogramFormatException("The histogram is not Base64.");
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static Histogram Decode(ReadOnlySpan<byte> source, Histogram? into, int maxSlots)
    {
        if (source.Length < HistogramFormat.EnvelopeLength)
        {
            throw new HistogramFormatException("The header is cut off.");
        }

        int cookie = BinaryPrimitives.ReadInt32BigEndian(source);
        return HistogramFormat.BaseOf(cookie) is HistogramFormat.V0Compressed or HistogramFormat.V1Compressed or HistogramFormat.V2Compressed
            ? DecodeEnvelope(source, into, maxSlots)
            : DecodePlain(source, into, maxSlots);
    }

    private static Histogram DecodePlain(ReadOnlySpan<byte> source, Histogram? into, int maxSlots)
    {
        HistogramHeader header = HistogramHeader.Read(source, maxSlots);
        ReadOnlySpan<byte> payload = source[header.Length..];
        if (header.PayloadLength != long.MaxValue)
        {
            payload = header.PayloadLength <= payload.Length
                ? payload[..(int)header.PayloadLength]
                : throw new HistogramFormatException("The counts are cut off.");
        }

        Histogram histogram = Emptied(into, header, out Span<long> slots);
        var counts = new CountsReader(slots, header.WordSize);
        counts.Read(payload, isLast: true);
        histogram.Filled(counts.Total);
        return histogram;
    }

    private static unsafe Histogram DecodeEnvelope(ReadOnlySpan<byte> source, Histogram? into, int maxSlots)
    {
        int length = BinaryPrimitives.ReadInt32BigEndian(source[4..]);
        source = source[HistogramFormat.EnvelopeLength..];
        if (length < 0 || length > source.Length)
        {
            throw new HistogramFormatException("The compressed histogram is cut off.");
        }

        byte[] chunk = ArrayPool<byte>.Shared.Rent(ChunkLength);
        try
        {
            fixed (byte* first = source)
            {
                using var zlib = new ZLibStream(new UnmanagedMemoryStream(first, length), CompressionMode.Decompress);
                return DecodeStream(zlib, chunk, into, maxSlots);
            }
        }
        catch (Exception e) when (e is InvalidDataException or IOException)
        {
            throw new HistogramFormatException("The compressed histogram is damaged.", e);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(chunk);
        }
    }

    private static Histogram DecodeStream(Stream stream, byte[] chunk, Histogram? into, int maxSlots)
    {
        int filled = stream.ReadAtLeast(chunk.AsSpan(0, HistogramFormat.HeaderLength), HistogramFormat.HeaderLength, throwOnEndOfStream: false);
        HistogramHeader header = HistogramHeader.Read(chunk.AsSpan(0, filled), maxSlots);
        Histogram histogram = Emptied(into, header, out Span<long> slots);
        var counts = new CountsReader(slots, header.WordSize);

        // Only V0 has a header shorter than what was read.
        chunk.AsSpan(header.Length, filled - header.Length).CopyTo(chunk);
        filled -= header.Length;
        long left = header.PayloadLength - filled;
        bool ended = left == 0;
        while (!ended)
        {
            int wanted = (int)Math.Min(chunk.Length - filled, left);
            int read = stream.Read(chunk, filled, wanted);
            left -= read;
            ended = read == 0 || left == 0;
            filled += read;
            int used = counts.Read(chunk.AsSpan(0, filled), ended);
            chunk.AsSpan(used, filled - used).CopyTo(chunk);
            filled -= used;
        }

        if (header.PayloadLength != long.MaxValue && left != 0)
        {
            throw new HistogramFormatException("The counts are cut off.");
        }

        histogram.Filled(counts.Total);
        return histogram;
    }

    private static Histogram Emptied(Histogram? into, in HistogramHeader header, out Span<long> slots)
    {
        if (into is null)
        {
            var created = new Histogram(header.Lowest, header.Highest, header.Digits) { AutoResize = true };
            slots = created.AllSlots;
            return created;
        }

        var layout = new SlotLayout(header.Lowest, header.Digits);
        slots = into.SlotsToFill(layout, layout.SlotsFor(header.Highest));
        return into;
    }
}
