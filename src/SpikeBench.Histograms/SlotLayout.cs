using System.Numerics;
using System.Runtime.CompilerServices;

namespace SpikeBench.Histograms;

/// <summary>
/// Which slot counts which values: pure integer arithmetic, shared by histograms, recorders and codecs.
/// </summary>
/// <remarks>
/// A value is cut into a bucket (which power of two) and a sub-bucket (where inside it). Bucket 0 is linear and has
/// 2^(M+1) slots of one unit each; every later bucket doubles the width of its slots and needs only its upper half, 2^M slots,
/// because the lower half is what the buckets below already cover:
/// <code>
///   slot   0 ............ 2^M ........... 2^(M+1) ....... 3*2^M ....... 4*2^M
///          |  bucket 0, lower and upper  |   bucket 1   |   bucket 2   | ...
///   width  |             u               |      2u      |      4u      |          u = 2^U, the unit
/// </code>
/// M follows from the digits: the upper half of a bucket must resolve 1 part in 10^digits, so 2^(M+1) is the first power of
/// two at or above 2 * 10^digits. Everything is 64-bit: Java and its .NET port shift 32-bit integers here and go wrong from
/// slots of 2^31 on.
/// </remarks>
internal readonly struct SlotLayout
{
    public const int MaxSignificantDigits = 5;

    private readonly long _mask;
    private readonly int _shiftBase;
    private readonly int _unitOffset;

    public SlotLayout(long lowestDiscernibleValue, int significantDigits)
    {
        Lowest = lowestDiscernibleValue;
        Digits = significantDigits;
        UnitMagnitude = BitOperations.Log2((ulong)lowestDiscernibleValue);
        HalfMagnitude = MagnitudeOf(significantDigits) - 1;
        _mask = ((2L << HalfMagnitude) - 1) << UnitMagnitude;
        _shiftBase = 63 - HalfMagnitude;
        _unitOffset = UnitMagnitude << HalfMagnitude;
    }

    /// <summary>Lowest discernible value, as asked for; the unit is the power of two at or below it.</summary>
    public long Lowest { get; }

    /// <summary>Significant decimal digits, 0 to 5.</summary>
    public int Digits { get; }

    /// <summary>U: the unit is 2^U.</summary>
    public int UnitMagnitude { get; }

    /// <summary>M: each bucket but the first has 2^M slots.</summary>
    public int HalfMagnitude { get; }

    /// <summary>Slots of bucket 0, 2^(M+1).</summary>
    public int SubBucketCount => 2 << HalfMagnitude;

    /// <summary>True where both cut values alike, so that slots can be added one to one.</summary>
    public bool CutsLike(in SlotLayout other) =>
        UnitMagnitude == other.UnitMagnitude && HalfMagnitude == other.HalfMagnitude;

    /// <summary>True for the parameters that Java accepts: the bucket must fit 63 bits and the range hold two units.</summary>
    public static bool IsValid(long lowest, long highest, int digits) =>
        lowest >= 1
        && lowest <= long.MaxValue / 2
        && highest >= 2 * lowest
        && digits is >= 0 and <= MaxSignificantDigits
        && MagnitudeOf(digits) + BitOperations.Log2((ulong)lowest) <= 62;

    /// <summary>
    /// The slot of a value. A negative value yields an index above every array, so one unsigned comparison with the
    /// array's length refuses both what is too large and what is negative.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int IndexOf(long value)
    {
        // shift = U + bucket; the mask keeps it at U for everything inside bucket 0.
        int shift = _shiftBase - BitOperations.LeadingZeroCount((ulong)(value | _mask));
        return (shift << HalfMagnitude) - _unitOffset + (int)(value >>> shift);
    }

    /// <summary>Lowest value that the slot counts.</summary>
    public long LowestAt(int index)
    {
        int bucket = (index >> HalfMagnitude) - 1;
        long sub = (index & ((1 << HalfMagnitude) - 1)) + (1L << HalfMagnitude);
        return bucket < 0
            ? (sub - (1L << HalfMagnitude)) << UnitMagnitude
            : sub << (bucket + UnitMagnitude);
    }

    /// <summary>Number of values that the slot counts.</summary>
    public long WidthAt(int index) => 1L << (UnitMagnitude + Math.Max(0, (index >> HalfMagnitude) - 1));

    /// <summary>Highest value that the slot counts. The wrap of 2^63 - 1 at the very top is intended.</summary>
    public long HighestAt(int index) => unchecked(LowestAt(index) + (WidthAt(index) - 1));

    /// <summary>The value that stands for the slot in means and deviations.</summary>
    public long MedianAt(int index) => LowestAt(index) + (WidthAt(index) >> 1);

    /// <summary>Buckets needed to count every value up to <paramref name="highest"/>.</summary>
    public int BucketsFor(long highest) =>
        Math.Max(1, 64 - BitOperations.LeadingZeroCount((ulong)(highest | _mask)) - HalfMagnitude - UnitMagnitude);

    /// <summary>Slots needed to count every value up to <paramref name="highest"/>.</summary>
    public int SlotsFor(long highest) => (BucketsFor(highest) + 1) << HalfMagnitude;

    // ceil(log2(2 * 10^digits))
    private static int MagnitudeOf(int digits) => digits switch
    {
        0 => 1,
        1 => 5,
        2 => 8,
        3 => 11,
        4 => 15,
        _ => 18,
    };
}
