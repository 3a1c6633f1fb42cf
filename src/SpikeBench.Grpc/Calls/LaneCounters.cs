using SpikeBench.Core.Engine;
using SpikeBench.Grpc.Http2;

namespace SpikeBench.Grpc.Calls;

/// <summary>What happened on a lane beside its calls. Written by the lane's thread only; another thread may read a slightly old value.</summary>
internal sealed class LaneCounters
{
    // RFC 9113, 7: 0 to 13; everything else counts as one.
    private const int KnownCodes = (int)Http2ErrorCode.Http11Required + 1;

    public long ConnectionsOpened;
    public long ConnectionsFailed;
    public long ConnectionsLost;
    public long ConnectionsReplaced;
    public long GoAways;
    public long GoAwaysToCalm;
    public long CallsMoved;
    public long ResetsSent;
    public long ResetsDelayed;
    public long StreamErrors;
    public long ConnectionErrors;
    public long FramesSwallowed;
    public long WaitedForStream;
    public long WaitedForWindow;
    public long WaitedForSocket;
    public long LocalFailures;
    public long CallsLostToLocalFailures;

    /// <summary>The smallest MAX_CONCURRENT_STREAMS that a peer said; where none did, no limit.</summary>
    public int FewestStreams = int.MaxValue;

    private readonly long[] _resetsReceived = new long[KnownCodes + 1];

    public void ResetReceived(Http2ErrorCode code) => _resetsReceived[Math.Min((uint)code, KnownCodes)]++;

    public long ResetsReceived(Http2ErrorCode code) => _resetsReceived[Math.Min((uint)code, KnownCodes)];

    /// <summary>The counts of all lanes together.</summary>
    public static DriverCounters Sum(IReadOnlyCollection<LaneCounters> lanes) => new()
    {
        ConnectionsOpened = lanes.Sum(l => Volatile.Read(ref l.ConnectionsOpened)),
        ConnectionsFailed = lanes.Sum(l => Volatile.Read(ref l.ConnectionsFailed)),
        ConnectionsLost = lanes.Sum(l => Volatile.Read(ref l.ConnectionsLost)),
        ConnectionsReplaced = lanes.Sum(l => Volatile.Read(ref l.ConnectionsReplaced)),
        GoAways = lanes.Sum(l => Volatile.Read(ref l.GoAways)),
        GoAwaysToCalm = lanes.Sum(l => Volatile.Read(ref l.GoAwaysToCalm)),
        CallsMoved = lanes.Sum(l => Volatile.Read(ref l.CallsMoved)),
        ResetsReceived =
        [
            .. Enumerable.Range(0, KnownCodes + 1)
                .Select(code => new CodeCount(NameOf((Http2ErrorCode)code), lanes.Sum(l => Volatile.Read(ref l._resetsReceived[code]))))
                .Where(c => c.Count > 0),
        ],
        ResetsSent = lanes.Sum(l => Volatile.Read(ref l.ResetsSent)),
        ResetsDelayed = lanes.Sum(l => Volatile.Read(ref l.ResetsDelayed)),
        StreamErrors = lanes.Sum(l => Volatile.Read(ref l.StreamErrors)),
        ConnectionErrors = lanes.Sum(l => Volatile.Read(ref l.ConnectionErrors)),
        FramesSwallowed = lanes.Sum(l => Volatile.Read(ref l.FramesSwallowed)),
        WaitedForStream = lanes.Sum(l => Volatile.Read(ref l.WaitedForStream)),
        WaitedForWindow = lanes.Sum(l => Volatile.Read(ref l.WaitedForWindow)),
        WaitedForSocket = lanes.Sum(l => Volatile.Read(ref l.WaitedForSocket)),
    };

    // As RFC 9113, 7 writes them.
    private static string NameOf(Http2ErrorCode code) => code switch
    {
        Http2ErrorCode.NoError => "NO_ERROR",
        Http2ErrorCode.ProtocolError => "PROTOCOL_ERROR",
        Http2ErrorCode.InternalError => "INTERNAL_ERROR",
        Http2ErrorCode.FlowControlError => "FLOW_CONTROL_ERROR",
        Http2ErrorCode.SettingsTimeout => "SETTINGS_TIMEOUT",
        Http2ErrorCode.StreamClosed => "STREAM_CLOSED",
        Http2ErrorCode.FrameSizeError => "FRAME_SIZE_ERROR",
        Http2ErrorCode.RefusedStream => "REFUSED_STREAM",
        Http2ErrorCode.Cancel => "CANCEL",
        Http2ErrorCode.CompressionError => "COMPRESSION_ERROR",
        Http2ErrorCode.ConnectError => "CONNECT_ERROR",
        Http2ErrorCode.EnhanceYourCalm => "ENHANCE_YOUR_CALM",
        Http2ErrorCode.InadequateSecurity => "INADEQUATE_SECURITY",
        Http2ErrorCode.Http11Required => "HTTP_1_1_REQUIRED",
        _ => "an unknown code",
    };
}
