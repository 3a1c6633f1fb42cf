using System.Buffers;

namespace SpikeBench.Grpc.Calls;

/// <summary>
/// Where reply messages are put together: a small fixed block per slot, and a pooled array for the replies that outgrow it.
/// </summary>
/// <remarks>
/// The array grows with what has arrived, not with what the prefix announces: a peer cannot make us reserve what it never sends.
/// </remarks>
internal sealed class ReplyStore(int slots)
{
    /// <summary>Replies up to this size never touch the pool; acknowledgements and short records fit.</summary>
    public const int InlineSize = 256;

    private const int FirstPooledSize = 4096;

    private readonly byte[] _inline = GC.AllocateUninitializedArray<byte>(slots * InlineSize);
    private readonly byte[]?[] _pooled = new byte[]?[slots];

    /// <summary>Puts <paramref name="bytes"/> at position <paramref name="at"/> of the slot's message, all before being there already.</summary>
    public void Append(int slot, int at, ReadOnlySpan<byte> bytes)
    {
        int end = at + bytes.Length;
        byte[]? pooled = _pooled[slot];
        if (pooled is null && end <= InlineSize)
        {
            bytes.CopyTo(_inline.AsSpan(slot * InlineSize + at));
            return;
        }

        if (pooled is null || pooled.Length < end)
        {
            pooled = Grow(slot, at, end);
        }

        bytes.CopyTo(pooled.AsSpan(at));
    }

    /// <summary>The first <paramref name="length"/> bytes of the slot's message.</summary>
    public ReadOnlySpan<byte> Read(int slot, int length)
        => _pooled[slot] is { } array ? array.AsSpan(0, length) : _inline.AsSpan(slot * InlineSize, length);

    /// <summary>Gives the slot's array back to the pool, if it has one.</summary>
    public void Release(int slot)
    {
        if (_pooled[slot] is { } array)
        {
            _pooled[slot] = null;
            ArrayPool<byte>.Shared.Return(array);
        }
    }

    private byte[] Grow(int slot, int used, int needed)
    {
        byte[] larger = ArrayPool<byte>.Shared.Rent(Math.Max(FirstPooledSize, Math.Max(needed, 2 * used)));
        Read(slot, used).CopyTo(larger);
        Release(slot);
        _pooled[slot] = larger;
        return larger;
    }
}
