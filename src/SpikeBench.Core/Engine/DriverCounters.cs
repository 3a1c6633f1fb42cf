namespace SpikeBench.Core.Engine;

/// <summary>
/// What happened on a driver's connections beside the ends of the calls, from the first connection to the last, the warm-up included.
/// </summary>
public sealed record DriverCounters
{
    /// <summary>Connections that exchanged SETTINGS.</summary>
    public long ConnectionsOpened { get; init; }

    /// <summary>Attempts to connect that led to no exchange of SETTINGS.</summary>
    public long ConnectionsFailed { get; init; }

    /// <summary>Connections that stood and ended other than by our closing them.</summary>
    public long ConnectionsLost { get; init; }

    /// <summary>Connections that another one followed in peace: after GOAWAY, or before the stream ids ran out.</summary>
    public long ConnectionsReplaced { get; init; }

    /// <summary>GOAWAY frames received.</summary>
    public long GoAways { get; init; }

    /// <summary>Of these, the ones with ENHANCE_YOUR_CALM: the target takes our load, or our resets, for abuse.</summary>
    public long GoAwaysToCalm { get; init; }

    /// <summary>Calls that a GOAWAY left unhandled and that were started again on another connection.</summary>
    public long CallsMoved { get; init; }

    /// <summary>RST_STREAM received for calls under way, by the code's name; codes that did not come are left out.</summary>
    public IReadOnlyList<CodeCount> ResetsReceived { get; init; } = [];

    /// <summary>RST_STREAM sent, for calls that ended here: by deadline, cancellation or a broken rule.</summary>
    public long ResetsSent { get; init; }

    /// <summary>Resets that were held back for a while so as not to look like an attack; some need not be sent any more.</summary>
    public long ResetsDelayed { get; init; }

    /// <summary>Calls ended because the target broke a rule on their stream.</summary>
    public long StreamErrors { get; init; }

    /// <summary>Connections ended because the target broke a rule of the whole connection.</summary>
    public long ConnectionErrors { get; init; }

    /// <summary>Frames that came for calls already ended, by deadline or cancellation.</summary>
    public long FramesSwallowed { get; init; }

    /// <summary>Starts that were told <see cref="StartResult.NoStream"/>; a call that waits asks more than once.</summary>
    public long WaitedForStream { get; init; }

    /// <summary>Times that a request stood still because a flow-control window was shut.</summary>
    public long WaitedForWindow { get; init; }

    /// <summary>Times that a request stood still because the socket took no more bytes.</summary>
    public long WaitedForSocket { get; init; }

    /// <summary>What is not zero, in words, each with its count; without the connections that were opened and lasted.</summary>
    public IReadOnlyList<(string What, long Count)> Incidents()
    {
        List<(string What, long Count)> all =
        [
            ("connections lost", ConnectionsLost),
            ("attempts to connect failed", ConnectionsFailed),
            ("connections replaced in peace", ConnectionsReplaced),
            ("GOAWAY received", GoAways),
            ("GOAWAY with ENHANCE_YOUR_CALM", GoAwaysToCalm),
            ("calls moved to another connection", CallsMoved),
            .. ResetsReceived.Select(r => ($"streams reset by the target with {r.Code}", r.Count)),
            ("streams reset by us", ResetsSent),
            ("resets held back for a while", ResetsDelayed),
            ("calls on which the target broke a rule", StreamErrors),
            ("connections on which the target broke a rule", ConnectionErrors),
            ("frames for calls that had ended", FramesSwallowed),
            ("times no stream was free", WaitedForStream),
            ("times a flow-control window was shut", WaitedForWindow),
            ("times a socket was full", WaitedForSocket),
        ];
        return [.. all.Where(i => i.Count > 0)];
    }
}

/// <summary>How often an HTTP/2 error code came.</summary>
public sealed record CodeCount(string Code, long Count);
