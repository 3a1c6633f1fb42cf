using System.Buffers.Binary;

namespace SpikeBench.Histograms;

/// <summary>Fills slots from the payload of an encoded histogram, chunk by chunk, and refuses what has no slot or overflows.</summary>
internal ref struct CountsReader(Span<long> slots, int wordSize)
{
    /// <summary>The word size that stands for ZigZag LEB128.</summary>
    public const int Variable = 0;

    private readonly Span<long> _slots = slots;
    private int _next;

    /// <summary>The counts read so far, together.</summary>
    public long Total { get; private set; }

    /// <summary>Reads the whole numbers of a chunk.</summary>
    /// <param name="chunk">Bytes of the payload.</param>
    /// <param name="isLast">True where no byte follows: a number must not be cut off.</param>
    /// <returns>The bytes read; the rest, fewer than 9, belongs before the next chunk.</returns>
    public int Read(ReadOnlySpan<byte> chunk, bool isLast) =>
        wordSize == Variable ? ReadVariable(chunk, isLast) : ReadWords(chunk, isLast);

    private int ReadVariable(ReadOnlySpan<byte> chunk, bool isLast)
    {
        int at = 0;
        int next = _next;
        long total = Total;
        while (at < chunk.Length)
        {
            int start = at;
            long number;
            if (chunk[at] < 0x80)
            {
                int z = chunk[at++];
                number = (z >> 1) ^ -(z & 1);
            }
            else if (!ZigZagLeb128.TryRead(chunk, ref at, out number))
            {
                if (isLast)
                {
                    throw new HistogramFormatException("The counts end inside a number.");
                }

                at = start;
                break;
            }

            // Compared before it is negated: the run of -2^63 has no positive counterpart.
            if (number < next - _slots.Length || next >= _slots.Length)
            {
                throw PastTheEnd();
            }

            if (number > 0)
            {
                _slots[next++] = number;
                total = Sum(total, number);
            }
            else
            {
                next += number == 0 ? 1 : (int)-number;
            }
        }

        _next = next;
        Total = total;
        return at;
    }

    private int ReadWords(ReadOnlySpan<byte> chunk, bool isLast)
    {
        int words = chunk.Length / wordSize;
        if (isLast && words * wordSize != chunk.Length)
        {
            throw new HistogramFormatException("The counts end inside a number.");
        }

        for (int i = 0; i < words; i++)
        {
            ReadOnlySpan<byte> word = chunk[(i * wordSize)..];
            long count = wordSize switch
            {
                2 => BinaryPrimitives.ReadInt16BigEndian(word),
                4 => BinaryPrimitives.ReadInt32BigEndian(word),
                _ => BinaryPrimitives.ReadInt64BigEndian(word),
            };
            if (count < 0)
            {
                throw new HistogramFormatException("A count is negative.");
            }

            // V0 writers round their array up to whole buckets: empty slots past the range are no error.
            if (_next >= _slots.Length)
            {
                if (count != 0)
                {
                    throw PastTheEnd();
                }

                continue;
            }

            if (count != 0)
            {
                _slots[_next] = count;
                Total = Sum(Total, count);
            }

            _next++;
        }

        return words * wordSize;
    }

    private static long Sum(long total, long count) =>
        count <= long.MaxValue - total ? total + count : throw new HistogramFormatException("The counts add up to more than 2^63 - 1.");

    private static HistogramFormatException PastTheEnd() => new("The counts go past the end of the histogram's range.");
}
