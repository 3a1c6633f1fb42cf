using System.Runtime.CompilerServices;

namespace SpikeBench.Histograms;

/// <summary>
/// Many writers record, one reader takes intervals. Every writer has a shard of its own, so nothing on the writers' side is shared.
/// </summary>
/// <remarks>
/// <para><b>Assumptions</b></para>
/// <para>A1. A <see cref="RecorderHandle"/> is used by one thread at a time. (<see cref="Record"/> sees to this itself.)</para>
/// <para>A2. <see cref="TakeInterval"/> may be called by any thread; calls exclude each other.</para>
/// <para>A3. The histogram given to <see cref="TakeInterval"/> is the caller's alone during the call.</para>
/// <para><b>Guarantees</b></para>
/// <para>G1. Every recorded value is in exactly one interval: none is lost, none is in two. Counters of 32 bits carry over, however long
/// an interval lasts.</para>
/// <para>G2. A value whose recording happened before the call (in the memory model's sense) is in that interval or an earlier one. One
/// whose recording begins after the call returned is in a later one. One recorded during the call is in this one or the next; two values
/// recorded during the call may fall on either side regardless of their order, for shards are read in passing, not at one instant.</para>
/// <para>G3. A value out of range changes no count but the out-of-range count, for which G1 and G2 hold likewise.</para>
/// <para>G4. A disposed handle's values are in the next interval. Its shard is then reused.</para>
/// <para><b>Progress</b></para>
/// <para>P1. Recording is wait-free: a bounded number of instructions, no lock, no fence, no allocation, whatever the reader does. The
/// one exception is the record that carries a counter past a multiple of 2^32, which may wait for a reader at its shard (tens of µs).
/// A thread's first <see cref="Record"/> makes its handle (P3).</para>
/// <para>P2. Taking an interval never waits for a writer, but for that exception. It takes about 10 µs per shard of 1 ns to 1 h at 3
/// digits.</para>
/// <para>P3. Creating a handle may wait for a reader that is taking an interval.</para>
/// <para><b>Design.</b> A writer increments 32-bit counters of its own. The reader remembers what it saw last and adds the difference,
/// modulo 2^32, to the caller's 64-bit counts. There is no buffer swap and so no phase to wait out; the price is that the
/// reader reads every counter.</para>
/// </remarks>
public sealed class Recorder
{
    private readonly SlotLayout _layout;
    private readonly int _slots;
    private readonly Lock _lock = new();
    private readonly List<RecorderShard> _shards = [];
    private readonly Stack<RecorderShard> _free = [];
    private readonly uint _firstCount;
    private long _outOfRange;

    // By ThreadNumber. Replaced when it grows; an element is set once, by the thread whose number it has.
    private RecorderHandle?[] _byThread = new RecorderHandle?[8];

    /// <summary>Makes a recorder for a fixed range; it never resizes, for its writers do not wait.</summary>
    /// <param name="lowestDiscernibleValue">As of <see cref="Histogram(long, long, int)"/>.</param>
    /// <param name="highestTrackableValue">As of <see cref="Histogram(long, long, int)"/>.</param>
    /// <param name="significantDigits">0 to 5. At 5 a shard of 1 ns to 1 h has 13.6 MB of counters: 3 is right for most uses.</param>
    /// <exception cref="ArgumentOutOfRangeException">The three do not describe a histogram.</exception>
    public Recorder(long lowestDiscernibleValue, long highestTrackableValue, int significantDigits)
        : this(lowestDiscernibleValue, highestTrackableValue, significantDigits, firstCount: 0)
    {
    }

    /// <summary>Counters that start just below 2^32 reach their carry after a few records instead of after four billion.</summary>
    internal Recorder(long lowestDiscernibleValue, long highestTrackableValue, int significantDigits, uint firstCount)
    {
        Throw.IfNotALayout(lowestDiscernibleValue, highestTrackableValue, significantDigits);
        _layout = new SlotLayout(lowestDiscernibleValue, significantDigits);
        _slots = _layout.SlotsFor(highestTrackableValue);
        HighestTrackableValue = highestTrackableValue;
        _firstCount = firstCount;
    }

    /// <summary>Smallest difference of interest, as given.</summary>
    public long LowestDiscernibleValue => _layout.Lowest;

    /// <summary>Largest value that surely fits, as given.</summary>
    public long HighestTrackableValue { get; }

    /// <summary>Significant decimal digits, 0 to 5.</summary>
    public int SignificantDigits => _layout.Digits;

    /// <summary>Values refused in all intervals taken so far.</summary>
    public long OutOfRangeCount => Volatile.Read(ref _outOfRange);

    /// <summary>Makes the handle of one writer. Dispose it when the writer is done, so that the next can have its memory.</summary>
    public RecorderHandle CreateHandle()
    {
        lock (_lock)
        {
            if (!_free.TryPop(out RecorderShard? shard))
            {
                shard = new RecorderShard(_slots, _firstCount);
            }

            _shards.Add(shard);
            return new RecorderHandle(_layout, shard);
        }
    }

    /// <summary>Records one value by a handle of the calling thread's own, made at its first call.</summary>
    /// <remarks>
    /// A few ns more than a handle of one's own, however many recorders a thread uses. After the thread has ended, the next new thread
    /// takes its handle over: there are as many shards as threads have recorded at the same time, not as ever lived.
    /// </remarks>
    /// <param name="value">0 or more, in the recorder's unit; out of range it is counted as such.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Record(long value)
    {
        RecorderHandle?[] handles = _byThread;
        int number = ThreadNumber.Current;
        if ((uint)number < (uint)handles.Length && handles[number] is { } handle)
        {
            handle.Record(value);
            return;
        }

        RecordFirst(value);
    }

    /// <summary>An empty histogram of this recorder's range, to take intervals into.</summary>
    public Histogram CreateHistogram() => new(LowestDiscernibleValue, HighestTrackableValue, SignificantDigits);

    /// <summary>
    /// Adds everything recorded since the last interval to a histogram, refused values included. To get the interval
    /// alone, reset the histogram first; to total several recorders, take all of them into one.
    /// </summary>
    /// <param name="into">Of this recorder's lowest value, digits and at least its range (as of <see cref="CreateHistogram"/>), or
    /// auto-resizing.</param>
    /// <returns>The number of values added, refused ones not included.</returns>
    /// <exception cref="ArgumentException">The histogram is cut differently, too small, or more than half full; no value is
    /// taken.</exception>
    public long TakeInterval(Histogram into)
    {
        ArgumentNullException.ThrowIfNull(into);
        lock (_lock)
        {
            Span<long> slots = into.SlotsToTakeInto(_layout, _slots);
            long added = 0;
            long refused = 0;
            for (int i = _shards.Count - 1; i >= 0; i--)
            {
                RecorderShard shard = _shards[i];
                bool released = Volatile.Read(ref shard.Released);
                added += shard.AddTaken(slots, out long outOfRange);
                refused += outOfRange;
                if (released)
                {
                    shard.Released = false;
                    _shards.RemoveAt(i);
                    _free.Push(shard);
                }
            }

            into.Took(added, refused);
            _outOfRange += refused;
            return added;
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void RecordFirst(long value)
    {
        int number = ThreadNumber.Current == 0 ? ThreadNumber.Assign() : ThreadNumber.Current;
        lock (_lock)
        {
            if (number >= _byThread.Length)
            {
                RecorderHandle?[] larger = new RecorderHandle?[Math.Max(number + 1, 2 * _byThread.Length)];
                _byThread.CopyTo(larger, 0);
                _byThread = larger;
            }

            RecorderHandle handle = _byThread[number] ??= CreateHandle();
            handle.Record(value);
        }
    }
}
