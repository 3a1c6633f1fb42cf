using System.Text;

namespace SpikeBench.Target.Store;

/// <summary>What a stored message was given.</summary>
public readonly record struct StoredMessage(long Id, long StoredUnixMs);

/// <summary>
/// Messages in memory, in arrays of bytes and of plain structs: a collection never has to follow them.
/// </summary>
/// <remarks>
/// Why not a list of objects: with live objects that grow, gen0 and gen1 pauses are 20–150 ms in every collector mode, which would
/// be the target's tail. Chunks of 1 MiB are large objects without references: neither copied nor scanned.
/// </remarks>
public sealed class MemoryStore(TimeProvider time)
{
    private const int ChunkBytes = 1 << 20;

    private readonly Lock _lock = new();
    private readonly List<byte[]> _chunks = [];
    private int _used = ChunkBytes;
    private long _lastId;

    public long Count
    {
        get
        {
            lock (_lock)
            {
                return _lastId;
            }
        }
    }

    /// <summary>Keeps one message: [room 8][length of sender 4][sender][length of text 4][text].</summary>
    public StoredMessage Append(ulong room, string sender, string text)
    {
        long unixMs = time.GetUtcNow().ToUnixTimeMilliseconds();
        int senderBytes = Encoding.UTF8.GetByteCount(sender);
        int textBytes = Encoding.UTF8.GetByteCount(text);
        int size = 16 + senderBytes + textBytes;
        lock (_lock)
        {
            if (_used + size > ChunkBytes)
            {
                _chunks.Add(GC.AllocateUninitializedArray<byte>(Math.Max(ChunkBytes, size)));
                _used = 0;
            }

            Span<byte> place = _chunks[^1].AsSpan(_used, size);
            BitConverter.TryWriteBytes(place, room);
            BitConverter.TryWriteBytes(place[8..], senderBytes);
            Encoding.UTF8.GetBytes(sender, place[12..]);
            BitConverter.TryWriteBytes(place[(12 + senderBytes)..], textBytes);
            Encoding.UTF8.GetBytes(text, place[(16 + senderBytes)..]);
            _used += size;
            return new StoredMessage(++_lastId, unixMs);
        }
    }
}
