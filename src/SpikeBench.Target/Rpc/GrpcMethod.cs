namespace SpikeBench.Target.Rpc;

/// <summary>One method that the server answers: its path and what runs when it is called.</summary>
internal abstract class GrpcMethod(string service, string name)
{
    public string Service { get; } = service;

    public string Name { get; } = name;

    public string Path { get; } = $"/{service}/{name}";

    /// <summary>Whether either side sends a stream: such a call may have no end of its own, so a shutdown ends it.</summary>
    public virtual bool IsStreaming => true;

    /// <summary>Place in the table of methods; set once, by the application.</summary>
    public int Index { get; set; }

    /// <summary>Reads the request, runs the handler, writes the reply; the status returned is sent by the caller of this.</summary>
    public abstract ValueTask<GrpcStatus> InvokeAsync(GrpcCall call);
}
