namespace SpikeBench.Grpc.Hpack;

/// <summary>Takes the fields of a header block in their order; the spans are valid during the call only.</summary>
internal interface IHeaderSink
{
    void OnHeader(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value);
}
