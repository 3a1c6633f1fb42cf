namespace SpikeBench.Grpc.Http2;

/// <summary>
/// How many RST_STREAM a peer takes without suspecting an attack (CVE-2023-44487, "rapid reset"): a burst, and a rate in the long run.
/// </summary>
/// <remarks>
/// A leaky bucket kept as one time: when it will be full again. Each reset moves that by one interval, and none may move it further
/// than a burst's worth from now.
/// </remarks>
internal struct ResetBudget(int burst, int perSecond)
{
    private readonly long _intervalNs = 1_000_000_000 / perSecond;
    private readonly long _spanNs = burst * (1_000_000_000L / perSecond);
    private long _fullAtNs = long.MinValue / 2;

    /// <summary>When the next reset may go out; in the past when it may now.</summary>
    public readonly long NextAtNs => _fullAtNs + _intervalNs - _spanNs;

    /// <summary>Takes one reset out; false when there is none left.</summary>
    public bool TryTake(long nowNs)
    {
        if (NextAtNs > nowNs)
        {
            return false;
        }

        Take(nowNs);
        return true;
    }

    /// <summary>Takes one reset that goes out whatever is left.</summary>
    public void Take(long nowNs) => _fullAtNs = Math.Max(_fullAtNs, nowNs) + _intervalNs;
}
