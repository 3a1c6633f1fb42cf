namespace SpikeBench.Tests.Histograms;

/// <summary>The generator behind the golden inputs: seeded, and the same in every language.</summary>
internal sealed class SplitMix64(ulong seed)
{
    private ulong _state = seed;

    public ulong Next()
    {
        _state += 0x9E3779B97F4A7C15;
        ulong z = _state;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    /// <summary>0 to 2^63 - 1.</summary>
    public long NextLong() => (long)(Next() >> 1);
}
