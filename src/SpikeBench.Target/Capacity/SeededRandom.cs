namespace SpikeBench.Target.Capacity;

/// <summary>
/// SplitMix64 (Steele, Lea, Flood, OOPSLA 2014): the n-th draw is a function of the seed and n alone, so a re-run draws the same.
/// </summary>
public sealed class SeededRandom(ulong seed)
{
    private ulong _state = seed;

    public ulong NextUInt64()
    {
        ulong z = _state += 0x9E37_79B9_7F4A_7C15;
        z = (z ^ (z >> 30)) * 0xBF58_476D_1CE4_E5B9;
        z = (z ^ (z >> 27)) * 0x94D0_49BB_1331_11EB;
        return z ^ (z >> 31);
    }

    /// <summary>Uniform in (0, 1): never an end, so that a logarithm of it is finite.</summary>
    public double NextOpenUnit() => ((NextUInt64() >> 11) + 0.5) * (1.0 / (1UL << 53));
}
