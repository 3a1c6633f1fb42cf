namespace SpikeBench.Grpc;

/// <summary>How the raw driver behaves where the plan does not say.</summary>
public sealed record RawDriverOptions
{
    /// <summary>The first wait before a lost connection is opened again; it doubles with each failure. (default: 10 ms)</summary>
    public TimeSpan ReconnectBase { get; init; } = TimeSpan.FromMilliseconds(10);

    /// <summary>The longest wait between two attempts to connect. (default: 1 s)</summary>
    public TimeSpan ReconnectMax { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The id of the first stream on the first connections: tests begin near 2^31 to see the ids run out. (default: 1)</summary>
    internal uint FirstStreamId { get; init; } = 1;
}
