namespace SpikeBench.Target.Rpc;

/// <summary>What the gRPC hosting needs to know.</summary>
internal sealed record RpcOptions
{
    /// <summary>Longest request message in bytes (default: 4 MiB, as other gRPC servers).</summary>
    public int MaxMessageBytes { get; init; } = 4 * 1024 * 1024;
}
