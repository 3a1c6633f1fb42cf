namespace SpikeBench.Core.Schedule;

/// <summary>
/// Random numbers by position: draw i of stream s under seed k is a pure function of (k, s, i). Nothing is carried from draw to
/// draw, so any worker, or any later run, gets the same numbers without having drawn the ones before.
/// </summary>
/// <remarks>
/// SplitMix64's finaliser (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014) over a Weyl sequence
/// whose start depends on seed and stream.
/// </remarks>
public readonly struct CounterRandom
{
    /// <summary>Streams never share draws: one per purpose.</summary>
    public enum Stream : ulong
    {
        Gaps = 1,
        Operation = 2,
        Payload = 3,
        Rates = 4,
        Templates = 5,
    }

    private const ulong Weyl = 0x9E3779B97F4A7C15;

    private readonly ulong _start;

    public CounterRandom(ulong seed, Stream stream)
    {
        _start = Mix(seed ^ Mix((ulong)stream * Weyl));
    }

    /// <summary>64 uniform bits of draw <paramref name="index"/>.</summary>
    public ulong Bits(long index) => Mix(_start + (ulong)index * Weyl);

    /// <summary>Draw <paramref name="index"/> as a double in [0, 1), a multiple of 2⁻⁵³.</summary>
    public double Unit(long index) => (Bits(index) >> 11) * (1.0 / (1UL << 53));

    /// <summary>Draw <paramref name="index"/> as a double in (0, 1]: safe to take a logarithm of.</summary>
    public double OpenUnit(long index) => ((Bits(index) >> 11) + 1) * (1.0 / (1UL << 53));

    /// <summary>Draw <paramref name="index"/> as an integer in [0, <paramref name="count"/>); bias below 2⁻³² for counts to 2³¹ (Lemire's multiply-shift).</summary>
    public int Below(long index, int count) => (int)Math.BigMul(Bits(index), (ulong)count, out _);

    /// <summary>SplitMix64's finaliser: a bijection of 64-bit words that passes the usual avalanche tests.</summary>
    internal static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
