namespace SpikeBench.Grpc.Http2;

/// <summary>Error codes on the wire (RFC 9113, 7).</summary>
internal enum Http2ErrorCode : uint
{
    NoError = 0,
    ProtocolError = 1,
    InternalError = 2,
    FlowControlError = 3,
    SettingsTimeout = 4,
    StreamClosed = 5,
    FrameSizeError = 6,
    RefusedStream = 7,
    Cancel = 8,
    CompressionError = 9,
    ConnectError = 10,
    EnhanceYourCalm = 11,
    InadequateSecurity = 12,
    Http11Required = 13,
}

/// <summary>What a peer did that ends the connection: each reason names the rule it broke.</summary>
internal enum ConnectionErrorReason : byte
{
    None,
    FirstFrameIsNotSettings,
    GoAwayBeforeSettings,
    PeerSpeaksHttp1,
    PeerSpeaksTls,
    FrameTooLarge,
    FrameHasWrongLength,
    FrameOnWrongStream,
    FrameOnIdleStream,
    PaddingTooLong,
    PushWithoutPermission,
    SettingOutOfRange,
    WindowUpdateOfZero,
    WindowOverflow,
    WindowOverrun,
    HeaderBlockInterrupted,
    ContinuationWithoutHeaders,
    HeaderBlockTooLarge,
    HeaderBlockMalformed,
    GoAwayRaisedLastStream,
    TooManyUnreadReplies,
}

/// <summary>An error of the whole connection: it goes out in GOAWAY and ends every call on it (RFC 9113, 5.4.1).</summary>
internal readonly record struct ConnectionError(Http2ErrorCode Code, ConnectionErrorReason Reason)
{
    public bool IsError => Reason != ConnectionErrorReason.None;

    /// <summary>The reason in words, for people.</summary>
    public string Describe() => Reason switch
    {
        ConnectionErrorReason.None => "no error",
        ConnectionErrorReason.FirstFrameIsNotSettings => "the first frame is not SETTINGS",
        ConnectionErrorReason.GoAwayBeforeSettings => "GOAWAY instead of SETTINGS",
        ConnectionErrorReason.PeerSpeaksHttp1 => "an HTTP/1 answer",
        ConnectionErrorReason.PeerSpeaksTls => "a TLS alert",
        ConnectionErrorReason.FrameTooLarge => "a frame is larger than SETTINGS_MAX_FRAME_SIZE",
        ConnectionErrorReason.FrameHasWrongLength => "a frame has a length that its type does not allow",
        ConnectionErrorReason.FrameOnWrongStream => "a frame stands on a stream that its type does not allow",
        ConnectionErrorReason.FrameOnIdleStream => "a frame stands on a stream that was never opened",
        ConnectionErrorReason.PaddingTooLong => "a frame's padding is longer than its payload",
        ConnectionErrorReason.PushWithoutPermission => "PUSH_PROMISE although push is disabled",
        ConnectionErrorReason.SettingOutOfRange => "a setting is out of its range",
        ConnectionErrorReason.WindowUpdateOfZero => "WINDOW_UPDATE by zero",
        ConnectionErrorReason.WindowOverflow => "WINDOW_UPDATE beyond 2^31-1",
        ConnectionErrorReason.WindowOverrun => "more DATA than the flow-control window allows",
        ConnectionErrorReason.HeaderBlockInterrupted => "another frame between HEADERS and CONTINUATION",
        ConnectionErrorReason.ContinuationWithoutHeaders => "CONTINUATION without HEADERS",
        ConnectionErrorReason.HeaderBlockTooLarge => "a header block is larger than we accept",
        ConnectionErrorReason.HeaderBlockMalformed => "a header block does not decode",
        ConnectionErrorReason.GoAwayRaisedLastStream => "a second GOAWAY raised the last stream",
        ConnectionErrorReason.TooManyUnreadReplies => "control frames pile up because the peer does not read",
        _ => Reason.ToString(),
    };
}

/// <summary>What a peer did that ends one stream only: it goes out in RST_STREAM (RFC 9113, 5.4.2).</summary>
internal enum StreamErrorReason : byte
{
    None,
    DataBeforeHeaders,
    TrailersWithoutEnd,
    WindowUpdateOfZero,
    WindowOverflow,
    WindowOverrun,
    MalformedHeaders,
    MessageTooLarge,
    CompressedMessage,
    SecondMessage,
}
