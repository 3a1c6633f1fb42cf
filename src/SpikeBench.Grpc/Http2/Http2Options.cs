namespace SpikeBench.Grpc.Http2;

/// <summary>Our side's sizes of a connection.</summary>
internal sealed record Http2Options
{
    /// <summary>The most streams that we open at once, whatever the peer allows: what the stream ring is sized for.</summary>
    public required int MaxStreams { get; init; }

    /// <summary>SETTINGS_INITIAL_WINDOW_SIZE that we announce: replies up to this size need no WINDOW_UPDATE of their stream. (default: 1 MiB)</summary>
    public int StreamWindow { get; init; } = 1 << 20;

    /// <summary>The connection's receive window. (default: 16 MiB)</summary>
    public int ConnectionWindow { get; init; } = 16 << 20;

    /// <summary>The largest reply message that is taken. (default: 4 MiB, as gRPC clients have it)</summary>
    public int MaxReplyLength { get; init; } = 4 << 20;

    /// <summary>Replies may come compressed by gzip. (default: false)</summary>
    public bool AcceptGzip { get; init; }

    /// <summary>The longest header block that is taken, CONTINUATION included. (default: 32 KiB)</summary>
    public int MaxHeaderBlockLength { get; init; } = 32 << 10;

    /// <summary>
    /// Resets that may go out at once; more wait for <see cref="ResetsPerSecond"/>. (default: 100; Kestrel allows as many streams that
    /// were reset but whose handlers still run as it allows open ones, and closes the connection when there are more)
    /// </summary>
    public int ResetBurst { get; init; } = 100;

    /// <summary>Resets per second in the long run. (default: 3; with the burst below Netty's 200 in 30 s)</summary>
    public int ResetsPerSecond { get; init; } = 3;

    /// <summary>Call data waits outside the send buffer while this much is in it: one send carries about that. (default: 64 KiB)</summary>
    public int SendBatch { get; init; } = 64 << 10;

    /// <summary>Room behind <see cref="SendBatch"/> for one call's frames and for control frames. (default: 64 KiB)</summary>
    public int SendReserve { get; init; } = 64 << 10;
}
