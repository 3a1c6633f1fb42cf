namespace SpikeBench.Target.Truth;

/// <summary>How many connections are open. Any thread may change it.</summary>
internal sealed class ConnectionCount
{
    private long _now;

    public long Now => Interlocked.Read(ref _now);

    public void Opened() => Interlocked.Increment(ref _now);

    public void Closed() => Interlocked.Decrement(ref _now);
}
