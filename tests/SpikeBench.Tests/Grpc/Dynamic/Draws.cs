namespace SpikeBench.Tests.Grpc.Dynamic;

/// <summary>Seeded draws for schemas and messages (SplitMix64): the same everywhere, for ever.</summary>
internal sealed class Draws(ulong seed)
{
    private ulong _state = seed;

    public ulong Bits()
    {
        _state += 0x9E3779B97F4A7C15;
        ulong z = _state;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    /// <summary>0 to <paramref name="count"/> − 1.</summary>
    public int Below(int count) => (int)(Bits() % (ulong)count);

    /// <summary>True once in so many.</summary>
    public bool Once(int inMany) => Below(inMany) == 0;

    public T Of<T>(IReadOnlyList<T> choices) => choices[Below(choices.Count)];
}
