namespace SpikeBench.Target.Truth;

/// <summary>How many calls arrived in each 100 ms since the clock's origin. Any thread may add.</summary>
public sealed class ArrivalCells
{
    public const long CellNs = 100_000_000;

    private const int ChunkBits = 12;
    private const int ChunkLength = 1 << ChunkBits;

    // 4,096 chunks of 4,096 cells are 19 days; a chunk is made when its first call comes.
    private readonly long[]?[] _chunks = new long[ChunkLength][];

    public void Add(long nowNs)
    {
        long cell = Math.Min(nowNs / CellNs, ((long)ChunkLength * ChunkLength) - 1);
        ref long[]? chunk = ref _chunks[cell >> ChunkBits];
        if (Volatile.Read(ref chunk) is null)
        {
            Interlocked.CompareExchange(ref chunk, new long[ChunkLength], null);
        }

        Interlocked.Increment(ref chunk![cell & (ChunkLength - 1)]);
    }

    /// <summary>The counts from the first cell with an arrival to the last.</summary>
    public (long FirstCell, IReadOnlyList<long> Counts) Read()
    {
        long first = -1;
        var counts = new List<long>();
        for (int c = 0; c < _chunks.Length; c++)
        {
            for (int i = 0; i < ChunkLength && _chunks[c] is not null; i++)
            {
                long count = Volatile.Read(ref _chunks[c]![i]);
                if (count == 0)
                {
                    continue;
                }

                long cell = ((long)c << ChunkBits) + i;
                if (first < 0)
                {
                    first = cell;
                }
                else
                {
                    counts.AddRange(Enumerable.Repeat(0L, (int)(cell - first) - counts.Count));
                }

                counts.Add(count);
            }
        }

        return (Math.Max(first, 0), counts);
    }
}
