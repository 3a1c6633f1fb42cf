namespace SpikeBench.Target.Rpc;

/// <summary>What the gRPC hosting needs to know.</summary>
internal sealed record RpcOptions
{
    /// <summary>Longest request message in bytes, packed and unpacked (default: 4 MiB, as other gRPC servers).</summary>
    public int MaxMessageBytes { get; init; } = 4 * 1024 * 1024;

    /// <summary>Replies of at least so many bytes are gzipped for callers that accept it (default: never).</summary>
    public int GzipFromBytes { get; init; } = int.MaxValue;

    /// <summary>Ends streams that would otherwise outlive a shutdown (default: never).</summary>
    public CancellationToken Stopping { get; init; }
}
