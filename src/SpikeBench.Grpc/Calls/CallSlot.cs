using System.Runtime.InteropServices;
using SpikeBench.Grpc.Http2;

namespace SpikeBench.Grpc.Calls;

/// <summary>All that a lane remembers of one call in flight.</summary>
[StructLayout(LayoutKind.Auto)]
internal struct CallSlot
{
    /// <summary>The connection's index, or −1 while the call waits for one.</summary>
    public int Connection;

    /// <summary>The stream, or 0 until HEADERS are written.</summary>
    public uint StreamId;

    /// <summary>Index of the request's bytes in <see cref="RequestTemplates"/>.</summary>
    public int Template;

    /// <summary>The call's place in the plan, which numbers and identities in its message are made from.</summary>
    public long Arrival;

    /// <summary>The wall time that its message says, where it leaves in several pieces.</summary>
    public long StampNs;

    /// <summary>Bytes of the prefixed message already framed.</summary>
    public int Sent;

    /// <summary>How much the peer takes on this stream; kept up only while the request is being sent.</summary>
    public FlowWindow SendWindow;

    /// <summary>How much the peer may still send on this stream.</summary>
    public ReceiveWindow ReceiveWindow;

    /// <summary>Bytes of gRPC's 5-byte prefix received, and what they say so far; 0 between messages.</summary>
    public byte PrefixReceived;
    public bool IsCompressed;
    public uint ReplyLength;

    /// <summary>Bytes of the reply message received.</summary>
    public int ReplyReceived;

    /// <summary>Bytes of the decoded <c>grpc-message</c> of a failed call, kept where its reply would be.</summary>
    public int TextLength;

    public CallState State;
    public ushort HttpStatus;
    public bool IsGrpcContent;

    /// <summary>How often a GOAWAY moved the call to another connection.</summary>
    public byte Moves;

    /// <summary>Neighbours in the queue that the call waits in: a connection's, or that of calls without one.</summary>
    public int QueuePrevious;
    public int QueueNext;

    public long DeadlineNs;
    public long OnWireNs;
}

/// <summary>Where a call stands; the flags combine.</summary>
[Flags]
internal enum CallState : byte
{
    Free = 0,

    /// <summary>Started and not yet ended.</summary>
    Active = 1,

    /// <summary>In a queue, with bytes left to send.</summary>
    Queued = 2,

    /// <summary>The request is fully framed, END_STREAM included.</summary>
    RequestEnded = 4,

    /// <summary>The response's first header block was read.</summary>
    HeadersSeen = 8,

    /// <summary>Out of the queue until WINDOW_UPDATE or SETTINGS opens the stream's window.</summary>
    WindowBlocked = 16,

    /// <summary>A whole reply message was read.</summary>
    MessageSeen = 32,
}
