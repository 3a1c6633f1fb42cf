namespace SpikeBench.Grpc.Epoll;

/// <summary>
/// How long to wait before connecting again: doubling from <paramref name="baseNs"/> to <paramref name="maxNs"/>, each wait drawn from its
/// upper half, so that connections that were lost together do not come back together. The draws follow from the seed.
/// </summary>
internal sealed class Backoff(long baseNs, long maxNs, ulong seed)
{
    /// <summary>Beyond these, shifting a base of up to 8 s could overflow.</summary>
    private const int MaxDoublings = 30;

    private ulong _state = seed;

    /// <summary>The wait before attempt number <paramref name="attempt"/>, counted from 0.</summary>
    public long NextNs(int attempt)
    {
        long full = attempt >= MaxDoublings ? maxNs : Math.Min(maxNs, baseNs << attempt);
        return full / 2 + (long)(Draw() * (full - full / 2));
    }

    // SplitMix64: one state word, good enough for jitter.
    private double Draw()
    {
        _state += 0x9E37_79B9_7F4A_7C15;
        ulong z = _state;
        z = (z ^ (z >> 30)) * 0xBF58_476D_1CE4_E5B9;
        z = (z ^ (z >> 27)) * 0x94D0_49BB_1331_11EB;
        z ^= z >> 31;
        return (z >> 11) * (1.0 / (1UL << 53));
    }
}
