using SpikeBench.Grpc.Http2;

namespace SpikeBench.Tests.Grpc;

/// <summary>
/// One server's side of a conversation with everything that may occur in it: the material for splitting and for mutating.
/// </summary>
internal static class RecordedServer
{
    /// <summary>Calls that the client starts, slots 0 to this − 1 on streams 1, 3, 5, …; each of them ends.</summary>
    public const int Calls = 12;

    /// <summary>A client with <see cref="Calls"/> calls under way.</summary>
    public static WireClient Client()
    {
        WireClient client = WireClient.Ready(new Http2Options { MaxStreams = Calls, MaxReplyLength = 100_000 }, slots: Calls);
        for (int slot = 0; slot < Calls; slot++)
        {
            client.Start(slot, operation: slot % 2);
        }

        return client;
    }

    /// <summary>The server's bytes after its SETTINGS.</summary>
    public static byte[] Mixed()
    {
        byte[] indexed = ServerBytes.IndexingBlock((":status", "200"), ("content-type", "application/grpc+proto"), ("server", "recorded"));
        byte[] late = ServerBytes.Block(("grpc-status", "4"), ("grpc-message", "took%20too long"));
        return new ServerBytes()
            .Reply(1)
            .Settings((PeerSettings.MaxConcurrentStreamsId, 100), (PeerSettings.InitialWindowSizeId, 1 << 20), (0x99, 7))
            .Ping(42)
            // The dynamic table, first taught and then used.
            .Frame(FrameType.Headers, FrameFlags.EndHeaders, 3, indexed)
            .Data(3, end: false, ServerBytes.Message("indexed"))
            .Trailers(3)
            .Frame(FrameType.Headers, FrameFlags.EndHeaders, 5, 0xc0, 0xbf, 0xbe)
            // A message in pieces, an empty frame, padding.
            .Data(5, end: false, 0, 0, 0)
            .Data(5, end: false)
            .Frame(FrameType.Data, FrameFlags.Padded, 5, 4, 0, 6, (byte)'p', (byte)'i', 0, 0, 0, 0)
            .WindowUpdate(0, 100_000)
            .Data(5, end: false, [.. "eces"u8])
            .Trailers(5)
            // Trailers-only, a reset, an interim response, padding and priority on HEADERS.
            .Headers(7, end: true, (":status", "200"), ("content-type", "application/grpc"), ("grpc-status", "5"), ("grpc-message", "no%20room"))
            .Reset(9, Http2ErrorCode.RefusedStream)
            .Headers(11, end: false, (":status", "103"), ("link", "x"))
            .Frame(
                FrameType.Headers,
                FrameFlags.EndHeaders | FrameFlags.Padded | FrameFlags.Priority,
                11,
                [2, 0, 0, 0, 0, 16, .. ServerBytes.Block((":status", "200"), ("content-type", "application/grpc")), 0, 0])
            .Frame(FrameType.Priority, FrameFlags.None, 11, 0, 0, 0, 0, 1)
            .Data(11, end: false, ServerBytes.Message(new byte[300]))
            // A block in three frames.
            .Frame(FrameType.Headers, FrameFlags.EndStream, 11, late[..4])
            .Frame(FrameType.Continuation, FrameFlags.None, 11, late[4..10])
            .Frame(FrameType.Continuation, FrameFlags.EndHeaders, 11, late[10..])
            // Answers that are not gRPC's.
            .Headers(13, end: false, (":status", "503"), ("content-type", "text/html"))
            .Data(13, end: true, [.. "<html>"u8])
            .GrpcHeaders(15).Data(15, end: true, ServerBytes.Message("no trailers"))
            .GrpcHeaders(17).Trailers(17, "not a number")
            .Frame((FrameType)0x42, FrameFlags.None, 0, 1, 2, 3)
            .Reply(19, "")
            // Goodbye: 21 is served, 23 would be moved; it is reset before.
            .Reset(23, Http2ErrorCode.Cancel)
            .GoAway(21)
            .Reply(21, new string('x', 400))
            .ToArray();
    }
}
