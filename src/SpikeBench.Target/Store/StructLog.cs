namespace SpikeBench.Target.Store;

/// <summary>A list that only grows, in chunks: no copy when it does, and nothing for the collector to scan.</summary>
/// <remarks>One writer at a time; the owner locks.</remarks>
public sealed class StructLog<T>
    where T : unmanaged
{
    private const int ChunkBits = 16;
    private const int ChunkLength = 1 << ChunkBits;

    private readonly List<T[]> _chunks = [];

    public int Count { get; private set; }

    public T this[int index] => _chunks[index >> ChunkBits][index & (ChunkLength - 1)];

    /// <summary>Adds one and says where.</summary>
    public int Add(T value)
    {
        int index = Count++;
        if (index >> ChunkBits == _chunks.Count)
        {
            _chunks.Add(new T[ChunkLength]);
        }

        _chunks[^1][index & (ChunkLength - 1)] = value;
        return index;
    }

    public T[] ToArray()
    {
        var all = new T[Count];
        for (int i = 0; i < _chunks.Count; i++)
        {
            int start = i << ChunkBits;
            _chunks[i].AsSpan(0, Math.Min(ChunkLength, Count - start)).CopyTo(all.AsSpan(start));
        }

        return all;
    }
}
