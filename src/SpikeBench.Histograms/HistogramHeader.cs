using System.Buffers.Binary;
using System.Globalization;

namespace SpikeBench.Histograms;

/// <summary>What the header of an encoded histogram says, checked.</summary>
/// <remarks>
/// <code>
///   V1, V2   | cookie i32 | payload length i32 | index offset i32 | digits i32 | lowest i64 | highest i64 | ratio f64 |  40 bytes
///   V0       | cookie i32 | digits i32 | lowest i64 | highest i64 | total i64 |                                          32 bytes
/// </code>
/// The index offset and the ratio belong to double histograms. Counts are in order of value whatever the offset says (JavaScript
/// writes 1 there), so both are ignored.
/// </remarks>
internal readonly record struct HistogramHeader(int Length, int WordSize, int Digits, long Lowest, long Highest, long PayloadLength)
{
    /// <summary>Reads the header of a plain encoding.</summary>
    /// <param name="source">The first 40 bytes, or fewer where the encoding is shorter.</param>
    /// <param name="maxSlots">The most slots to accept.</param>
    public static HistogramHeader Read(ReadOnlySpan<byte> source, int maxSlots)
    {
        int cookie = source.Length >= 4 ? BinaryPrimitives.ReadInt32BigEndian(source) : 0;
        int version = HistogramFormat.BaseOf(cookie);
        if (version is not (HistogramFormat.V0 or HistogramFormat.V1 or HistogramFormat.V2))
        {
            throw UnknownCookie(cookie);
        }

        int length = version == HistogramFormat.V0 ? HistogramFormat.V0HeaderLength : HistogramFormat.HeaderLength;
        if (source.Length < length)
        {
            throw new HistogramFormatException("The header is cut off.");
        }

        int wordSize = version == HistogramFormat.V2 ? CountsReader.Variable : HistogramFormat.WordSizeOf(cookie);
        HistogramHeader header = version switch
        {
            HistogramFormat.V0 => new(
                length,
                wordSize,
                BinaryPrimitives.ReadInt32BigEndian(source[4..]),
                BinaryPrimitives.ReadInt64BigEndian(source[8..]),
                BinaryPrimitives.ReadInt64BigEndian(source[16..]),
                long.MaxValue),
            _ => new(
                length,
                wordSize,
                BinaryPrimitives.ReadInt32BigEndian(source[12..]),
                BinaryPrimitives.ReadInt64BigEndian(source[16..]),
                BinaryPrimitives.ReadInt64BigEndian(source[24..]),
                BinaryPrimitives.ReadInt32BigEndian(source[4..])),
        };
        header.Check(version, maxSlots);
        return header;
    }

    private static HistogramFormatException UnknownCookie(int cookie) => cookie switch
    {
        HistogramFormat.DoubleHistogram or HistogramFormat.DoubleHistogramCompressed =>
            new("This is a DoubleHistogram: its values are floating point, and this library reads integer histograms only."),
        _ => new(string.Create(CultureInfo.InvariantCulture, $"No HdrHistogram encoding begins with 0x{cookie:x8}.")),
    };

    private void Check(int version, int maxSlots)
    {
        if (version != HistogramFormat.V2 && WordSize is not (2 or 4 or 8))
        {
            throw new HistogramFormatException("The width of a count is not 2, 4 or 8 bytes.");
        }

        if (!SlotLayout.IsValid(Lowest, Highest, Digits))
        {
            throw new HistogramFormatException(
                string.Create(CultureInfo.InvariantCulture, $"No histogram goes from {Lowest} to {Highest} with {Digits} digits."));
        }

        int slots = new SlotLayout(Lowest, Digits).SlotsFor(Highest);
        if (slots > maxSlots)
        {
            throw new HistogramFormatException(
                string.Create(CultureInfo.InvariantCulture, $"The histogram has {slots} slots, the limit is {maxSlots}. Raise the limit where that is wanted."));
        }

        int bytesPerSlot = version == HistogramFormat.V2 ? ZigZagLeb128.MaxLength : WordSize;
        if (version != HistogramFormat.V0 && (PayloadLength < 0 || PayloadLength > (long)slots * bytesPerSlot))
        {
            throw new HistogramFormatException(
                string.Create(CultureInfo.InvariantCulture, $"{PayloadLength} bytes of counts do not belong to {slots} slots."));
        }
    }
}
