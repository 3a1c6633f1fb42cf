using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace SpikeBench.Grpc.Http2;

/// <summary>
/// Which call an open stream carries: a ring indexed by the stream's number, so that finding costs one load and no hashing.
/// </summary>
/// <remarks>
/// Client streams are 1, 3, 5, …, so cell = (id / 2) mod size. A stream that lives long keeps its cell; a new id that would fall on it
/// is skipped, which RFC 9113, 5.1.1 allows (a skipped id counts as closed). With at least twice as many cells as open streams
/// a free one is always near.
/// </remarks>
internal sealed class StreamRing
{
    /// <summary>Stands for the call of a stream whose call has ended here, but which is still open at the peer.</summary>
    public const int LeftOpen = -2;

    private readonly Cell[] _cells;
    private readonly int _mask;

    public StreamRing(int maxStreams)
    {
        int size = (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)Math.Max(2, 2 * maxStreams));
        _cells = new Cell[size];
        _mask = size - 1;
    }

    public int Size => _cells.Length;

    /// <summary>The slot of the call on stream <paramref name="id"/>, <see cref="LeftOpen"/>, or −1 when that stream is not open.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Find(uint id)
    {
        ref readonly Cell cell = ref _cells[(int)(id >> 1) & _mask];
        return cell.Id == id ? cell.Slot : -1;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool IsFree(uint id) => _cells[(int)(id >> 1) & _mask].Id == 0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(uint id, int slot)
    {
        Debug.Assert(id != 0 && IsFree(id), $"Stream {id} would displace an open one.");
        _cells[(int)(id >> 1) & _mask] = new Cell(id, slot);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Remove(uint id)
    {
        Debug.Assert(Find(id) != -1, $"Stream {id} is not open.");
        _cells[(int)(id >> 1) & _mask] = default;
    }

    /// <summary>The slot in cell <paramref name="cell"/>, for walks over all open streams; negative when no call is on it.</summary>
    public int SlotAt(int cell) => _cells[cell & _mask].Id == 0 ? -1 : _cells[cell & _mask].Slot;

    public void Clear() => Array.Clear(_cells);

    private readonly record struct Cell(uint Id, int Slot);
}
