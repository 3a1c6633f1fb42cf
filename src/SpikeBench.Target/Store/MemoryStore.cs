using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace SpikeBench.Target.Store;

/// <summary>
/// Messages in memory, in arrays of bytes and of plain structs: a collection never has to follow them.
/// </summary>
/// <remarks>
/// Why not a list of objects: with live objects that grow, gen0 and gen1 pauses are 20–150 ms in every collector mode, which would
/// be the target's tail. Chunks of 1 MiB are large objects without references: neither copied nor scanned. Each feed is a chain of
/// entries from its newest to its oldest.
/// <para>Any thread may call; one lock, held for a copy of a few hundred bytes.</para>
/// </remarks>
public sealed class MemoryStore(TimeProvider time, bool deduplicate) : IMessageStore
{
    private const int ChunkBytes = 1 << 20;
    private const int NoEntry = -1;

    private readonly Lock _lock = new();
    private readonly List<byte[]> _chunks = [];
    private readonly StructLog<Record> _records = new();
    private readonly StructLog<Entry> _entries = new();
    private readonly Dictionary<Feed, int> _newest = [];
    private readonly Dictionary<UInt128, long> _idByKey = [];
    private readonly Dictionary<(string Reader, ulong Room), long> _readUpTo = [];
    private int _used = ChunkBytes;

    public long Count
    {
        get
        {
            lock (_lock)
            {
                return _records.Count;
            }
        }
    }

    public ValueTask<StoredMessage> AppendAsync(NewMessage message) => new(Append(message));

    public StoredMessage Append(NewMessage message)
    {
        long unixMs = time.GetUtcNow().ToUnixTimeMilliseconds();
        UInt128 key = deduplicate && message.IdempotencyKey.Length > 0 ? Hash(message.IdempotencyKey) : default;
        lock (_lock)
        {
            if (key != default)
            {
                ref long known = ref CollectionsMarshal.GetValueRefOrAddDefault(_idByKey, key, out bool exists);
                if (exists)
                {
                    return new StoredMessage(known, _records[(int)known - 1].StoredUnixMs, Duplicate: true);
                }

                known = _records.Count + 1;
            }

            int index = _records.Add(WriteText_NeedsLock(message, unixMs));
            Link_NeedsLock(new Feed(false, message.Room), index);
            for (int i = 0; i < message.Members; i++)
            {
                Link_NeedsLock(new Feed(true, unchecked(message.FirstMember + (ulong)i)), index);
            }

            return new StoredMessage(index + 1, unixMs);
        }
    }

    public IReadOnlyList<MessageRow> Read(Feed feed, long afterId, int limit)
    {
        var rows = new List<MessageRow>();
        lock (_lock)
        {
            var newerFirst = new List<int>();
            for (int at = _newest.GetValueOrDefault(feed, NoEntry); at != NoEntry; at = _entries[at].Older)
            {
                int index = _entries[at].Record;
                if (index < afterId)
                {
                    break;
                }

                newerFirst.Add(index);
            }

            for (int i = newerFirst.Count - 1; i >= 0 && rows.Count < limit; i--)
            {
                rows.Add(Row_NeedsLock(newerFirst[i]));
            }
        }

        return rows;
    }

    public ValueTask<long> MarkReadAsync(string reader, ulong room, long upToId)
    {
        lock (_lock)
        {
            ref long upTo = ref CollectionsMarshal.GetValueRefOrAddDefault(_readUpTo, (reader, room), out _);
            upTo = Math.Max(upTo, upToId);
            long unread = 0;
            for (int at = _newest.GetValueOrDefault(new Feed(false, room), NoEntry);
                at != NoEntry && _entries[at].Record >= upTo;
                at = _entries[at].Older)
            {
                unread++;
            }

            return new ValueTask<long>(unread);
        }
    }

    public void Dispose()
    {
    }

    private static UInt128 Hash(string key)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(key), hash);
        return MemoryMarshal.Read<UInt128>(hash);
    }

    private Record WriteText_NeedsLock(NewMessage message, long unixMs)
    {
        int senderBytes = Encoding.UTF8.GetByteCount(message.Sender);
        int textBytes = Encoding.UTF8.GetByteCount(message.Text);
        int size = senderBytes + textBytes;
        if (_used + size > ChunkBytes)
        {
            _chunks.Add(GC.AllocateUninitializedArray<byte>(Math.Max(ChunkBytes, size)));
            _used = 0;
        }

        Span<byte> place = _chunks[^1].AsSpan(_used, size);
        Encoding.UTF8.GetBytes(message.Sender, place);
        Encoding.UTF8.GetBytes(message.Text, place[senderBytes..]);
        var record = new Record(message.Room, unixMs, _chunks.Count - 1, _used, senderBytes, textBytes);
        _used += size;
        return record;
    }

    private void Link_NeedsLock(Feed feed, int record)
    {
        ref int newest = ref CollectionsMarshal.GetValueRefOrAddDefault(_newest, feed, out bool exists);
        newest = _entries.Add(new Entry(record, exists ? newest : NoEntry));
    }

    private MessageRow Row_NeedsLock(int index)
    {
        Record record = _records[index];
        ReadOnlySpan<byte> bytes = _chunks[record.Chunk].AsSpan(record.Offset, record.SenderBytes + record.TextBytes);
        return new MessageRow(
            index + 1,
            record.Room,
            Encoding.UTF8.GetString(bytes[..record.SenderBytes]),
            Encoding.UTF8.GetString(bytes[record.SenderBytes..]),
            record.StoredUnixMs);
    }

    private readonly record struct Record(ulong Room, long StoredUnixMs, int Chunk, int Offset, int SenderBytes, int TextBytes);

    private readonly record struct Entry(int Record, int Older);
}
