using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace SpikeBench.Histograms;

/// <summary>The loops over whole count arrays, by vectors. A histogram of 1 ns to 1 h at 3 digits has 33,792 slots.</summary>
internal static class SlotMath
{
    // 64 slots: a block's sum costs 16 vector additions, and the scalar search that follows stays inside 8 cache lines.
    private const int Block = 64;

    /// <summary>target[i] += other[i]</summary>
    public static void Add(Span<long> target, ReadOnlySpan<long> other)
    {
        ref long to = ref MemoryMarshal.GetReference(target);
        ref long from = ref MemoryMarshal.GetReference(other);
        nuint length = (nuint)Math.Min(target.Length, other.Length);
        nuint i = 0;
        for (nuint step = (nuint)Vector<long>.Count; i + step <= length; i += step)
        {
            (Vector.LoadUnsafe(ref to, i) + Vector.LoadUnsafe(ref from, i)).StoreUnsafe(ref to, i);
        }

        for (; i < length; i++)
        {
            Unsafe.Add(ref to, i) += Unsafe.Add(ref from, i);
        }
    }

    /// <summary>The sum of all slots.</summary>
    public static long Sum(ReadOnlySpan<long> slots)
    {
        long sum = 0;
        int i = 0;
        for (; i + Block <= slots.Length; i += Block)
        {
            sum += SumOfBlock(slots, i);
        }

        for (; i < slots.Length; i++)
        {
            sum += slots[i];
        }

        return sum;
    }

    /// <summary>
    /// Goes forward from <paramref name="index"/> to the first slot at which the running count reaches <paramref name="rank"/>.
    /// </summary>
    /// <param name="slots">All slots in use.</param>
    /// <param name="rank">1-based rank, above <paramref name="running"/> and at most the total.</param>
    /// <param name="index">In: the slot to begin with. Out: the slot found, or the slots' length.</param>
    /// <param name="running">The counts before <paramref name="index"/>, in and out.</param>
    public static void SeekRank(ReadOnlySpan<long> slots, long rank, ref int index, ref long running)
    {
        int i = index;
        long sum = running;
        while (i + Block <= slots.Length)
        {
            long block = SumOfBlock(slots, i);
            if (sum + block >= rank)
            {
                break;
            }

            sum += block;
            i += Block;
        }

        while (i < slots.Length && sum + slots[i] < rank)
        {
            sum += slots[i++];
        }

        index = i;
        running = sum;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static long SumOfBlock(ReadOnlySpan<long> slots, int start)
    {
        ref long first = ref Unsafe.Add(ref MemoryMarshal.GetReference(slots), start);
        nuint step = (nuint)Vector<long>.Count;
        Vector<long> a = Vector<long>.Zero;
        Vector<long> b = Vector<long>.Zero;
        for (nuint i = 0; i < Block; i += 2 * step)
        {
            a += Vector.LoadUnsafe(ref first, i);
            b += Vector.LoadUnsafe(ref first, i + step);
        }

        return Vector.Sum(a + b);
    }
}
