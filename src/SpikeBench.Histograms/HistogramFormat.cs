namespace SpikeBench.Histograms;

/// <summary>The numbers that name the family's formats.</summary>
/// <remarks>
/// <code>
///   cookie | format bits | word size nibble | 1c8493 0 8 : V0 plain, …09: its envelope      Java 1.x
///                                             1c8493 0 1 : V1 plain, …02: its envelope      Java 2.0 to 2.1.6
///                                             1c8493 1 3 : V2 plain, …14: its envelope      since Java 2.1.7
/// </code>
/// The nibble above the lowest is the width of a count in V0 and V1 (2, 4 or 8 bytes); V2 sets it to 1 and ignores it.
/// </remarks>
internal static class HistogramFormat
{
    public const int V0 = 0x1c849308;
    public const int V0Compressed = 0x1c849309;
    public const int V1 = 0x1c849301;
    public const int V1Compressed = 0x1c849302;
    public const int V2 = 0x1c849303;
    public const int V2Compressed = 0x1c849304;
    public const int V2WordSize = 0x10;
    public const int DoubleHistogram = 0x0c72124e;
    public const int DoubleHistogramCompressed = 0x0c72124f;

    /// <summary>Header of V1 and V2.</summary>
    public const int HeaderLength = 40;

    /// <summary>Header of V0, which has a total count but no payload length.</summary>
    public const int V0HeaderLength = 32;

    public const int EnvelopeLength = 8;

    public static int BaseOf(int cookie) => cookie & ~0xf0;

    public static int WordSizeOf(int cookie) => (cookie >> 4) & 0xe;
}
