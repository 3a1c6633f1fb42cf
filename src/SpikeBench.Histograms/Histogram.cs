using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace SpikeBench.Histograms;

/// <summary>
/// A high dynamic range histogram: counts of non-negative 64-bit values, each kept to a fixed number of significant decimal
/// digits over the whole range, in a fixed amount of memory. Equal to Java's <c>org.HdrHistogram.Histogram</c> to the bit.
/// </summary>
/// <remarks>
/// <para>Units are the caller's (SpikeBench records nanoseconds). Counts are 64-bit, and the total never exceeds 2^63 - 1.</para>
/// <para>Out of range: a negative value, a value that has no slot, or a count that would carry the total past 2^63 - 1 is refused:
/// <see cref="TryRecord(long)"/> answers false, <see cref="Record(long)"/> throws, and both add to
/// <see cref="OutOfRangeCount"/>. Nothing is ever clamped. With <see cref="AutoResize"/> a value that has no slot grows the
/// histogram instead (a slow path that reallocates), and only negative values and overflowing totals are refused.</para>
/// <para>Memory, 8 bytes a slot, for 1 ns to 1 h: 344 B, 5 kB, 36.9 kB, 270 kB, 3.8 MB, 27.3 MB at 0 to 5 digits.</para>
/// <para>Not thread-safe: one thread at a time. For many writers and a reader see <see cref="Recorder"/>.</para>
/// </remarks>
public sealed partial class Histogram
{
    private readonly SlotLayout _layout;
    private long[] _counts;

    // The counts, while one more cannot overflow the total; no slots at all once the total is past 2^62. One by one, a total
    // takes a century from there to 2^63, so only bulk counts need the check and recording one value needs none.
    private long[] _recordable;
    private long _total;

    /// <summary>Makes an empty histogram for a fixed range.</summary>
    /// <param name="lowestDiscernibleValue">Smallest difference of interest, at least 1, in the caller's unit; finer values share a
    /// slot.</param>
    /// <param name="highestTrackableValue">Largest value that surely fits, at least twice the lowest. Larger ones up to the end of the
    /// last slot are accepted too, as in Java.</param>
    /// <param name="significantDigits">0 to 5: at 3, a value is known to 1 part in 1000.</param>
    /// <exception cref="ArgumentOutOfRangeException">The three do not describe a histogram.</exception>
    public Histogram(long lowestDiscernibleValue, long highestTrackableValue, int significantDigits)
    {
        Throw.IfNotALayout(lowestDiscernibleValue, highestTrackableValue, significantDigits);
        _layout = new SlotLayout(lowestDiscernibleValue, significantDigits);
        _counts = _recordable = new long[_layout.SlotsFor(highestTrackableValue)];
        HighestTrackableValue = highestTrackableValue;
    }

    /// <summary>Makes an empty histogram of unit 1 that starts as 1 to 2 and grows to whatever is recorded.</summary>
    /// <param name="significantDigits">0 to 5.</param>
    /// <exception cref="ArgumentOutOfRangeException">The digits are not 0 to 5.</exception>
    public Histogram(int significantDigits)
        : this(1, 2, significantDigits) => AutoResize = true;

    private Histogram(Histogram source)
    {
        _layout = source._layout;
        _counts = _recordable = [.. source._counts];
        SetTotal(source._total);
        HighestTrackableValue = source.HighestTrackableValue;
        AutoResize = source.AutoResize;
        OutOfRangeCount = source.OutOfRangeCount;
    }

    /// <summary>True where a value without a slot grows the histogram, false where it is refused (the default of the fixed
    /// range).</summary>
    public bool AutoResize { get; init; }

    /// <summary>Smallest difference of interest, as given.</summary>
    public long LowestDiscernibleValue => _layout.Lowest;

    /// <summary>Largest value that surely fits: as given, or as grown to.</summary>
    public long HighestTrackableValue { get; private set; }

    /// <summary>Significant decimal digits, 0 to 5.</summary>
    public int SignificantDigits => _layout.Digits;

    /// <summary>Counts recorded, refused ones excluded.</summary>
    public long TotalCount => _total;

    /// <summary>Counts refused since the last reset: negative, too large, or past the largest total. Saturates at 2^63 - 1.</summary>
    public long OutOfRangeCount { get; private set; }

    /// <summary>Slots of the counts array.</summary>
    public int SlotCount => _counts.Length;

    /// <summary>Buckets of the layout, as <c>.hgrm</c> footers print.</summary>
    public int BucketCount => (_counts.Length >> _layout.HalfMagnitude) - 1;

    /// <summary>Slots of the first bucket, as <c>.hgrm</c> footers print.</summary>
    public int SubBucketCount => _layout.SubBucketCount;

    internal ref readonly SlotLayout Layout => ref _layout;

    /// <summary>Slots 0 to the last that counted something. Found from the top by vectors: 2 µs or less where there are 33,792.</summary>
    /// <remarks>A largest value kept up to date while recording would cost every record 0.5 ns of 2.4.</remarks>
    internal ReadOnlySpan<long> UsedSlots => _total == 0 ? [] : _counts.AsSpan(0, _counts.AsSpan().LastIndexOfAnyExcept(0L) + 1);

    /// <summary>Records one value.</summary>
    /// <param name="value">0 or more, in the histogram's unit.</param>
    /// <returns>False where the value is out of range; it is then counted in <see cref="OutOfRangeCount"/> and nowhere else.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryRecord(long value)
    {
        long[] counts = _recordable;
        int index = _layout.IndexOf(value);
        if ((uint)index < (uint)counts.Length)
        {
            counts[index]++;
            _total++;
            return true;
        }

        return TryRecordSlow(value, 1);
    }

    /// <summary>Records a value many times over.</summary>
    /// <param name="value">0 or more, in the histogram's unit.</param>
    /// <param name="count">0 or more; 0 changes nothing, not even the range.</param>
    /// <returns>False where the value or the total is out of range; the count is then in <see cref="OutOfRangeCount"/>.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The count is negative.</exception>
    public bool TryRecord(long value, long count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        long[] counts = _counts;
        int index = _layout.IndexOf(value);
        if ((uint)index >= (uint)counts.Length || count > long.MaxValue - _total)
        {
            return TryRecordSlow(value, count);
        }

        CountAt(index, count);
        return true;
    }

    /// <summary>Records one value.</summary>
    /// <param name="value">0 or more, in the histogram's unit.</param>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range; it is counted in
    /// <see cref="OutOfRangeCount"/>.</exception>
    public void Record(long value)
    {
        if (!TryRecord(value))
        {
            Throw.NotCounted(value, this);
        }
    }

    /// <summary>Records a value many times over.</summary>
    /// <param name="value">0 or more, in the histogram's unit.</param>
    /// <param name="count">0 or more.</param>
    /// <exception cref="ArgumentOutOfRangeException">The value or the total is out of range, or the count is negative.</exception>
    public void Record(long value, long count)
    {
        if (!TryRecord(value, count))
        {
            Throw.NotCounted(value, this);
        }
    }

    /// <summary>Forgets all counts, the refused ones included; keeps the range, grown or not.</summary>
    public void Reset()
    {
        _counts.AsSpan(0, UsedSlots.Length).Clear();
        SetTotal(0);
        OutOfRangeCount = 0;
    }

    /// <summary>An independent histogram of the same range and counts.</summary>
    public Histogram Copy() => new(this);

    /// <summary>True where both hold the same counts of the same values at the same precision, whatever their ranges.</summary>
    /// <param name="other">The histogram to compare with.</param>
    public bool HasSameCounts([NotNullWhen(true)] Histogram? other) =>
        other is not null
        && _layout.CutsLike(other._layout)
        && _total == other._total
        && UsedSlots.SequenceEqual(other.UsedSlots);

    /// <summary>Of the same range and precision, and growing: what sums of logged histograms begin with.</summary>
    internal Histogram EmptyLikeThis() => new(LowestDiscernibleValue, HighestTrackableValue, SignificantDigits) { AutoResize = true };

    internal void CountAt(int index, long count)
    {
        _counts[index] += count;
        SetTotal(_total + count);
    }

    /// <summary>For decoders, which call <see cref="Filled"/> when done.</summary>
    internal Span<long> AllSlots => _counts;

    private void SetTotal(long total)
    {
        _total = total;
        _recordable = total <= long.MaxValue / 2 ? _counts : [];
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool TryRecordSlow(long value, long count)
    {
        bool hasRoom = count <= long.MaxValue - _total;
        if (!hasRoom || value < 0 || (!AutoResize && _layout.IndexOf(value) >= _counts.Length))
        {
            Refuse(count);
            return false;
        }

        if (count == 0)
        {
            return true;
        }

        if (_layout.IndexOf(value) >= _counts.Length)
        {
            GrowToHold(value);
            HighestTrackableValue = _layout.HighestAt(_counts.Length - 1);
        }

        CountAt(_layout.IndexOf(value), count);
        return true;
    }

    private void GrowToHold(long value)
    {
        Array.Resize(ref _counts, _layout.SlotsFor(value));
        SetTotal(_total);
        HighestTrackableValue = value;
    }

    private void Refuse(long count) =>
        OutOfRangeCount = count > long.MaxValue - OutOfRangeCount ? long.MaxValue : OutOfRangeCount + count;
}
