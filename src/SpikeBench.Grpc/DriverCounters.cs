using SpikeBench.Grpc.Calls;

namespace SpikeBench.Grpc;

/// <summary>What happened on the raw driver's connections beside the calls' ends.</summary>
public sealed record DriverCounters
{
    /// <summary>Connections that exchanged SETTINGS.</summary>
    public long ConnectionsOpened { get; init; }

    /// <summary>Connections that ended other than by our closing them.</summary>
    public long ConnectionsLost { get; init; }

    /// <summary>GOAWAY frames received.</summary>
    public long GoAways { get; init; }

    /// <summary>Calls that a GOAWAY left unhandled and that were started again on another connection.</summary>
    public long CallsMoved { get; init; }

    /// <summary>RST_STREAM(REFUSED_STREAM) received.</summary>
    public long StreamsRefused { get; init; }

    /// <summary>Calls ended because the target broke a rule on their stream.</summary>
    public long StreamErrors { get; init; }

    /// <summary>Connections ended because the target broke a rule of the whole connection.</summary>
    public long ConnectionErrors { get; init; }

    /// <summary>Frames that came for calls already ended, by deadline or cancellation.</summary>
    public long FramesSwallowed { get; init; }

    /// <summary>Starts that were told <c>NoStream</c>.</summary>
    public long WaitedForStream { get; init; }

    /// <summary>Times that a request stood still because a flow-control window was shut.</summary>
    public long WaitedForWindow { get; init; }

    /// <summary>Times that a request stood still because the socket took no more bytes.</summary>
    public long WaitedForSocket { get; init; }

    internal static DriverCounters Sum(IEnumerable<LaneCounters> lanes)
    {
        var sum = new DriverCounters();
        foreach (LaneCounters lane in lanes)
        {
            sum = new DriverCounters
            {
                ConnectionsOpened = sum.ConnectionsOpened + Volatile.Read(ref lane.ConnectionsOpened),
                ConnectionsLost = sum.ConnectionsLost + Volatile.Read(ref lane.ConnectionsLost),
                GoAways = sum.GoAways + Volatile.Read(ref lane.GoAways),
                CallsMoved = sum.CallsMoved + Volatile.Read(ref lane.CallsMoved),
                StreamsRefused = sum.StreamsRefused + Volatile.Read(ref lane.StreamsRefused),
                StreamErrors = sum.StreamErrors + Volatile.Read(ref lane.StreamErrors),
                ConnectionErrors = sum.ConnectionErrors + Volatile.Read(ref lane.ConnectionErrors),
                FramesSwallowed = sum.FramesSwallowed + Volatile.Read(ref lane.FramesSwallowed),
                WaitedForStream = sum.WaitedForStream + Volatile.Read(ref lane.WaitedForStream),
                WaitedForWindow = sum.WaitedForWindow + Volatile.Read(ref lane.WaitedForWindow),
                WaitedForSocket = sum.WaitedForSocket + Volatile.Read(ref lane.WaitedForSocket),
            };
        }

        return sum;
    }
}
