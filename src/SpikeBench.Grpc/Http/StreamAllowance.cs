namespace SpikeBench.Grpc.Http;

/// <summary>How many calls at once the peer of a connection allows, as its SETTINGS said last; any thread writes and reads.</summary>
internal sealed class StreamAllowance
{
    private int _streams = int.MaxValue;
    private int _fewest = int.MaxValue;

    /// <summary>Unlimited until said (RFC 9113, 6.5.2).</summary>
    public int Streams => Volatile.Read(ref _streams);

    /// <summary>The fewest that was ever said.</summary>
    public int Fewest => Volatile.Read(ref _fewest);

    public void Say(int streams)
    {
        Volatile.Write(ref _streams, streams);
        Volatile.Write(ref _fewest, Math.Min(Fewest, streams));
    }
}
