using System.Numerics;
using System.Runtime.CompilerServices;

namespace SpikeBench.Histograms;

/// <summary>ZigZag LEB128-64b9B, the numbers of the V2 format: small magnitudes of either sign are short, and none is longer than 9
/// bytes.</summary>
/// <remarks>
/// <code>
///   z = (v &lt;&lt; 1) ^ (v >> 63)                      0, -1, 1, -2, 2 … become 0, 1, 2, 3, 4 …
///   bytes 1 to 8:  |m| 7 bits |   low bits first, m = 1: more follow
///   byte  9:       |  8 bits  |   no m: 8 · 7 + 8 = 64
/// </code>
/// </remarks>
internal static class ZigZagLeb128
{
    public const int MaxLength = 9;

    /// <summary>Writes one number.</summary>
    /// <param name="destination">At least <see cref="MaxLength"/> bytes from <paramref name="at"/>; the caller has made sure.</param>
    /// <param name="at">Where to write.</param>
    /// <param name="value">The number.</param>
    /// <returns>Where to go on.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Write(ref byte destination, int at, long value)
    {
        ulong z = (ulong)((value << 1) ^ (value >> 63));
        if (z < 0x80)
        {
            Unsafe.Add(ref destination, at) = (byte)z;
            return at + 1;
        }

        if (z < 0x4000)
        {
            Unsafe.Add(ref destination, at) = (byte)(z | 0x80);
            Unsafe.Add(ref destination, at + 1) = (byte)(z >> 7);
            return at + 2;
        }

        return WriteLong(ref destination, at, z);
    }

    /// <summary>Bytes that <see cref="Write"/> needs.</summary>
    public static int LengthOf(long value)
    {
        ulong z = (ulong)((value << 1) ^ (value >> 63));
        return Math.Min(MaxLength, (BitOperations.Log2(z | 1) / 7) + 1);
    }

    /// <summary>Reads one number.</summary>
    /// <returns>False where the source ends inside it.</returns>
    public static bool TryRead(ReadOnlySpan<byte> source, ref int at, out long value)
    {
        ulong z = 0;
        for (int i = 0; i < MaxLength; i++)
        {
            if ((uint)at >= (uint)source.Length)
            {
                value = 0;
                return false;
            }

            ulong next = source[at++];
            if (i == MaxLength - 1)
            {
                z |= next << 56;
                break;
            }

            z |= (next & 0x7f) << (7 * i);
            if (next < 0x80)
            {
                break;
            }
        }

        value = (long)(z >> 1) ^ -(long)(z & 1);
        return true;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int WriteLong(ref byte destination, int at, ulong z)
    {
        for (int i = 1; i < MaxLength && z >= 0x80; i++)
        {
            Unsafe.Add(ref destination, at++) = (byte)(z | 0x80);
            z >>= 7;
        }

        Unsafe.Add(ref destination, at++) = (byte)z;
        return at;
    }
}
