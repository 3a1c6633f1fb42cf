using System.Numerics;

namespace SpikeBench.Grpc.Epoll;

/// <summary>A queue of connections by their indices. Plain numbers, as storing references would tell the collector of each.</summary>
internal sealed class IndexRing(int capacity)
{
    private int[] _items = new int[BitOperations.RoundUpToPowerOf2((uint)Math.Max(2, capacity))];
    private uint _head;
    private uint _tail;

    public bool IsEmpty => _head == _tail;

    public void Enqueue(int index)
    {
        if (_tail - _head == (uint)_items.Length)
        {
            Grow();
        }

        _items[_tail++ & (uint)(_items.Length - 1)] = index;
    }

    public bool TryDequeue(out int index)
    {
        if (IsEmpty)
        {
            index = -1;
            return false;
        }

        index = _items[_head++ & (uint)(_items.Length - 1)];
        return true;
    }

    // More connections drain at once than ever before.
    private void Grow()
    {
        int[] larger = new int[2 * _items.Length];
        uint count = _tail - _head;
        for (uint i = 0; i < count; i++)
        {
            larger[i] = _items[(_head + i) & (uint)(_items.Length - 1)];
        }

        _items = larger;
        _head = 0;
        _tail = count;
    }
}
