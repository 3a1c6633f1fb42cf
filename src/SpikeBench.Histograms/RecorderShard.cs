using System.Numerics;
using System.Runtime.InteropServices;

namespace SpikeBench.Histograms;

/// <summary>
/// One writer's counters and what the reader has already taken of them. The writer only ever increments; the reader never writes a
/// counter. A shard of 1 ns to 1 h at 3 digits has 135 kB of counters and as much on the reader's side.
/// </summary>
internal sealed class RecorderShard
{
    private readonly uint[] _taken;

    // What 32 bits cannot hold, as numbers of whole wraps: counted by the writer, and as noticed by the reader.
    private readonly Dictionary<int, (long Counted, long Noticed)> _wraps = [];
    private readonly Lock _lock = new();
    private long _outOfRangeTaken;

    /// <summary>Makes a shard whose counters all start at <paramref name="firstCount"/>, as if that many had been taken
    /// already.</summary>
    /// <param name="slots">Number of counters.</param>
    /// <param name="firstCount">0, or a number just below 2^32 that brings a carry within reach.</param>
    public RecorderShard(int slots, uint firstCount)
    {
        Counters = new uint[slots];
        _taken = new uint[slots];
        if (firstCount != 0)
        {
            Array.Fill(Counters, firstCount);
            Array.Fill(_taken, firstCount);
        }
    }

    /// <summary>Written by the writer alone.</summary>
    public uint[] Counters { get; }

    /// <summary>Written by the writer alone.</summary>
    public long OutOfRange;

    /// <summary>Set by the writer as its last act: the shard may serve another writer once drained.</summary>
    public bool Released;

    /// <summary>
    /// The writer's slow path, once per 2^32 increments of a slot. It and <see cref="AddTaken"/> exclude each other, so the
    /// reader sees at most one wrap that is not counted yet.
    /// </summary>
    public void CountWrap(int index)
    {
        lock (_lock)
        {
            ref (long Counted, long Noticed) wraps = ref CollectionsMarshal.GetValueRefOrAddDefault(_wraps, index, out _);
            wraps.Counted++;
        }
    }

    /// <summary>Adds what was recorded since the last call to 64-bit slots.</summary>
    /// <param name="into">As many slots as the shard has counters.</param>
    /// <param name="outOfRange">The refused values since the last call.</param>
    /// <returns>The number of values added.</returns>
    public long AddTaken(Span<long> into, out long outOfRange)
    {
        lock (_lock)
        {
            long refused = Volatile.Read(ref OutOfRange);
            outOfRange = refused - _outOfRangeTaken;
            _outOfRangeTaken = refused;
            long added = AddDifferences(into);
            return _wraps.Count == 0 ? added : added + AddMissedWraps(into);
        }
    }

    private long AddDifferences(Span<long> into)
    {
        ref uint counters = ref MemoryMarshal.GetArrayDataReference(Counters);
        ref uint taken = ref MemoryMarshal.GetArrayDataReference(_taken);
        ref long target = ref MemoryMarshal.GetReference(into);
        int length = Counters.Length;
        int step = Vector<uint>.Count;
        long added = 0;
        int i = 0;
        for (; i + step <= length; i += step)
        {
            Vector<uint> now = Vector.LoadUnsafe(ref counters, (nuint)i);
            Vector<uint> before = Vector.LoadUnsafe(ref taken, (nuint)i);
            Vector<uint> difference = now - before;
            if (difference == Vector<uint>.Zero)
            {
                continue;
            }

            now.StoreUnsafe(ref taken, (nuint)i);
            if (Vector.LessThanAny(now, before))
            {
                NoticeWraps(i, now, before);
            }

            Vector.Widen(difference, out Vector<ulong> low, out Vector<ulong> high);
            (Vector.LoadUnsafe(ref target, (nuint)i) + low.As<ulong, long>()).StoreUnsafe(ref target, (nuint)i);
            nuint upper = (nuint)(i + Vector<ulong>.Count);
            (Vector.LoadUnsafe(ref target, upper) + high.As<ulong, long>()).StoreUnsafe(ref target, upper);
            added += (long)Vector.Sum(low + high);
        }

        for (; i < length; i++)
        {
            uint now = Volatile.Read(ref Counters[i]);
            uint before = _taken[i];
            if (now == before)
            {
                continue;
            }

            _taken[i] = now;
            if (now < before)
            {
                NoticeWrap(i);
            }

            into[i] += now - before;
            added += now - before;
        }

        return added;
    }

    /// <summary>
    /// The differences are exact modulo 2^32. Where the writer counted more wraps than the reader saw a counter go down, whole multiples
    /// of 2^32 are missing. One fewer means that the writer waits in <see cref="CountWrap"/> for the reader to finish: nothing is
    /// missing.
    /// </summary>
    private long AddMissedWraps(Span<long> into)
    {
        long added = 0;
        foreach (int index in _wraps.Keys)
        {
            ref (long Counted, long Noticed) wraps = ref CollectionsMarshal.GetValueRefOrNullRef(_wraps, index);
            long missed = wraps.Counted - wraps.Noticed;
            if (missed > 0)
            {
                into[index] += missed << 32;
                added += missed << 32;
                wraps.Noticed = wraps.Counted;
            }
        }

        return added;
    }

    private void NoticeWraps(int start, Vector<uint> now, Vector<uint> before)
    {
        for (int i = 0; i < Vector<uint>.Count; i++)
        {
            if (now[i] < before[i])
            {
                NoticeWrap(start + i);
            }
        }
    }

    private void NoticeWrap(int index)
    {
        ref (long Counted, long Noticed) wraps = ref CollectionsMarshal.GetValueRefOrAddDefault(_wraps, index, out _);
        wraps.Noticed++;
    }
}
