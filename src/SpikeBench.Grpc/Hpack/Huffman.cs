namespace SpikeBench.Grpc.Hpack;

/// <summary>
/// HPACK's static Huffman code (RFC 7541, 5.2 and appendix B).
/// </summary>
/// <remarks>
/// The code is canonical: among codes of one length, values rise by one in the order of the symbols. So the lengths say it all, and
/// decoding needs per length only the first code and where that length's symbols start:
/// <c>symbol = Symbols[FirstSymbol[length] + (code − FirstCode[length])]</c>.
/// Appendix B's table itself is a test's, not the code's.
/// </remarks>
internal static class Huffman
{
    private const int EndOfString = 256;
    private const int SymbolCount = 257;
    private const int MinLength = 5;
    private const int MaxLength = 30;

    /// <summary>Length in bits of each symbol's code, appendix B's last column.</summary>
    private static ReadOnlySpan<byte> Lengths =>
    [
        13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28,
        28, 28, 28, 28, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 28,
        6, 10, 10, 12, 13, 6, 8, 11, 10, 10, 8, 11, 8, 6, 6, 6,
        5, 5, 5, 6, 6, 6, 6, 6, 6, 6, 7, 8, 15, 6, 12, 10,
        13, 6, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7,
        7, 7, 7, 7, 7, 7, 7, 7, 8, 7, 8, 13, 19, 13, 14, 6,
        15, 5, 6, 5, 6, 5, 6, 6, 6, 5, 7, 7, 6, 6, 6, 5,
        6, 7, 6, 5, 5, 6, 7, 7, 7, 7, 7, 15, 11, 14, 13, 28,
        20, 22, 20, 20, 22, 22, 22, 23, 22, 23, 23, 23, 23, 23, 24, 23,
        24, 24, 22, 23, 24, 23, 23, 23, 23, 21, 22, 23, 22, 23, 23, 24,
        22, 21, 20, 22, 22, 23, 23, 21, 23, 22, 22, 24, 21, 22, 23, 23,
        21, 21, 22, 21, 23, 22, 23, 23, 20, 22, 22, 22, 23, 22, 22, 23,
        26, 26, 20, 19, 22, 23, 22, 25, 26, 26, 26, 27, 27, 26, 24, 25,
        19, 21, 26, 27, 27, 26, 27, 24, 21, 21, 26, 26, 28, 27, 27, 27,
        20, 24, 20, 21, 22, 21, 21, 23, 22, 22, 25, 25, 24, 24, 26, 23,
        26, 27, 26, 26, 27, 27, 27, 27, 27, 28, 27, 27, 27, 27, 27, 26,
        30,
    ];

    private static readonly uint[] FirstCode = new uint[MaxLength + 2];
    private static readonly ushort[] FirstSymbol = new ushort[MaxLength + 2];
    private static readonly ushort[] Symbols = new ushort[SymbolCount];

    static Huffman()
    {
        uint code = 0;
        int count = 0;
        for (int length = MinLength; length <= MaxLength; length++)
        {
            FirstCode[length] = code;
            FirstSymbol[length] = (ushort)count;
            for (int symbol = 0; symbol < SymbolCount; symbol++)
            {
                if (Lengths[symbol] == length)
                {
                    Symbols[count++] = (ushort)symbol;
                    code++;
                }
            }

            code <<= 1;
        }

        FirstSymbol[MaxLength + 1] = (ushort)count;
    }

    /// <summary>
    /// Decodes a whole string. False when the padding is wrong, the end-of-string symbol occurs (both are errors by 5.2),
    /// or <paramref name="destination"/> is too small.
    /// </summary>
    public static bool TryDecode(ReadOnlySpan<byte> source, Span<byte> destination, out int bytesWritten)
    {
        bytesWritten = 0;
        uint code = 0;
        int length = 0;
        foreach (byte b in source)
        {
            for (int bit = 7; bit >= 0; bit--)
            {
                code = (code << 1) | (uint)((b >> bit) & 1);
                length++;
                if (length < MinLength)
                {
                    continue;
                }

                uint offset = code - FirstCode[length];
                int first = FirstSymbol[length];
                if (offset < (uint)(FirstSymbol[length + 1] - first))
                {
                    int symbol = Symbols[first + (int)offset];
                    if (symbol == EndOfString || bytesWritten >= destination.Length)
                    {
                        return false;
                    }

                    destination[bytesWritten++] = (byte)symbol;
                    code = 0;
                    length = 0;
                }
            }
        }

        // What is left must be the most significant bits of end-of-string, all ones, and shorter than a byte (5.2).
        return length < 8 && code == (1u << length) - 1;
    }
}
