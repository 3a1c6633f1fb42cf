using SpikeBench.Core.Schedule;

namespace SpikeBench.Core.Verdict.Trials;

/// <summary>A seeded stream of draws for one trial: SplitMix64, one add and one mix per draw.</summary>
internal struct TrialDraws(ulong seed)
{
    private const ulong Weyl = 0x9E3779B97F4A7C15;

    private ulong _state = CounterRandom.Mix(seed);

    /// <summary>Exponentially distributed with mean 1, above 0.</summary>
    public double Exponential()
    {
        _state += Weyl;
        return -Math.Log(((CounterRandom.Mix(_state) >> 11) + 1) * (1.0 / (1UL << 53)));
    }
}
