namespace SpikeBench.Core.Recording;

/// <summary>
/// Gives intervals the time that really went by. The collector's thread wakes up late on a busy machine; the log keeps the second that was
/// meant, but so many calls "per second" are only that when divided by what the interval had.
/// </summary>
/// <param name="intervalNs">How long an interval is meant to be.</param>
internal sealed class ElapsedIntervals(long intervalNs)
{
    private long _lastNs;

    /// <summary>The interval as it was.</summary>
    /// <param name="interval">As it was meant.</param>
    /// <param name="nowNs">When it was taken, from T0.</param>
    /// <returns>Null for a rest of one that came much too late: its few calls make no rate.</returns>
    public SecondSummary? Of(SecondSummary interval, long nowNs)
    {
        long startNs = _lastNs;
        _lastNs = nowNs;
        return nowNs - startNs < intervalNs / 2 ? null : interval with { StartNs = startNs, EndNs = nowNs };
    }
}
