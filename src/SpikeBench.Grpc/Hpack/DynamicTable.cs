using System.Diagnostics;

namespace SpikeBench.Grpc.Hpack;

/// <summary>
/// HPACK's dynamic table (RFC 7541, 2.3.2 and 4): first in, first out, bounded by the sum of name, value and 32 bytes per entry.
/// </summary>
/// <remarks>
/// Entries are kept in one ring of bytes, so that inserting allocates nothing. An entry that would straddle the ring's end starts
/// at its beginning instead; that costs at most one entry's length, for which the ring is twice the table's largest size.
/// </remarks>
internal sealed class DynamicTable
{
    /// <summary>What every entry counts beside its bytes (4.1).</summary>
    public const int EntryOverhead = 32;

    private readonly Entry[] _entries;
    private readonly byte[] _bytes;
    private readonly int _limit;
    private int _newest = -1;
    private int _writeAt;

    /// <summary>Makes an empty table that the peer may grow to <paramref name="limit"/>, our SETTINGS_HEADER_TABLE_SIZE.</summary>
    public DynamicTable(int limit)
    {
        _limit = limit;
        MaxSize = limit;
        _entries = new Entry[Math.Max(1, limit / EntryOverhead)];
        _bytes = new byte[2 * limit];
    }

    /// <summary>Entries now in the table.</summary>
    public int Count { get; private set; }

    /// <summary>The table's size by HPACK's measure (4.1).</summary>
    public int Size { get; private set; }

    /// <summary>The size that the table is held to now.</summary>
    public int MaxSize { get; private set; }

    /// <summary>Changes whenever the table does: two equal blocks mean the same only under equal generations.</summary>
    public uint Generation { get; private set; }

    /// <summary>Empties the table and takes its largest size, as at a connection's start.</summary>
    public void Reset()
    {
        Count = 0;
        Size = 0;
        MaxSize = _limit;
        _newest = -1;
        _writeAt = 0;
        Generation++;
    }

    /// <summary>Name and value of the entry at <paramref name="index"/>, 0 being the newest.</summary>
    public void Get(int index, out ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value)
    {
        Debug.Assert((uint)index < (uint)Count, "The caller checks the index against Count.");
        int at = _newest - index;
        ref readonly Entry entry = ref _entries[at < 0 ? at + _entries.Length : at];
        name = _bytes.AsSpan(entry.Start, entry.NameLength);
        value = _bytes.AsSpan(entry.Start + entry.NameLength, entry.ValueLength);
    }

    /// <summary>Takes a new size limit, evicting what no longer fits (4.3). False when it is above what we allowed.</summary>
    public bool TryResize(int maxSize)
    {
        if (maxSize > _limit)
        {
            return false;
        }

        MaxSize = maxSize;
        Generation++;
        EvictDownTo(maxSize);
        return true;
    }

    /// <summary>
    /// Inserts an entry, evicting the oldest as needed; one larger than the table empties it, which is no error (4.4).
    /// The spans may point into this table.
    /// </summary>
    public void Insert(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        Generation++;
        int length = name.Length + value.Length;
        if (length + EntryOverhead > MaxSize)
        {
            EvictDownTo(0);
            return;
        }

        // Evicting only forgets where an entry was: a name taken from an entry that is evicted here (4.4) stays readable.
        EvictDownTo(MaxSize - length - EntryOverhead);
        if (_writeAt + length > _bytes.Length)
        {
            _writeAt = 0;
        }

        // The new bytes may overlap that evicted name: CopyTo moves overlapping spans safely, and the name goes first.
        name.CopyTo(_bytes.AsSpan(_writeAt));
        value.CopyTo(_bytes.AsSpan(_writeAt + name.Length));
        _newest = _newest + 1 == _entries.Length ? 0 : _newest + 1;
        _entries[_newest] = new Entry(_writeAt, name.Length, value.Length);
        _writeAt += length;
        Count++;
        Size += length + EntryOverhead;
        Debug.Assert(Size <= MaxSize, "Eviction made room.");
    }

    private void EvictDownTo(int size)
    {
        while (Size > size)
        {
            int oldest = _newest - Count + 1;
            ref readonly Entry entry = ref _entries[oldest < 0 ? oldest + _entries.Length : oldest];
            Size -= entry.NameLength + entry.ValueLength + EntryOverhead;
            Count--;
        }
    }

    private readonly record struct Entry(int Start, int NameLength, int ValueLength);
}
