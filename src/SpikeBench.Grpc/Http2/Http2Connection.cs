using System.Diagnostics;
using System.Runtime.CompilerServices;
using SpikeBench.Core.Engine;
using SpikeBench.Grpc.Calls;
using SpikeBench.Grpc.Hpack;

namespace SpikeBench.Grpc.Http2;

/// <summary>
/// One HTTP/2 connection as a state machine without a socket: bytes in by <see cref="Receive"/>, bytes out by <see cref="Output"/>
/// and <see cref="Sent"/>, calls from and to a <see cref="CallTable"/>.
/// </summary>
/// <remarks>
/// The parts: here the life of the connection; <c>.Receive</c> cuts bytes into frames; <c>.Control</c>, <c>.Headers</c> and <c>.Data</c>
/// handle them; <c>.Send</c> frames requests; <c>.Resets</c> gives calls up.
/// <code>
/// Closed ─Open→ Handshaking ─peer's SETTINGS→ Ready ─GOAWAY, Retire→ Draining ─Lose→ Closed
///                    └──────── our error ───────┴──→ Failed ──────────Lose→ Closed
/// </code>
/// </remarks>
internal sealed partial class Http2Connection
{
    private const uint LargestStreamId = 0x7fff_ffff;

    /// <summary>Ids left when a replacement should be opened: enough for the calls that start until it stands.</summary>
    private const uint StreamIdMargin = 1 << 17;

    private readonly int _index;
    private readonly CallTable _calls;
    private readonly CallSlot[] _slots;
    private readonly RequestTemplates _templates;
    private readonly Http2Options _options;
    private readonly StreamRing _streams;
    private readonly LaneCounters _counters;

    private PeerSettings _peer = new();
    private uint _nextStreamId;

    // Kept instead of worked out: it is asked twice per call. One walk of the ring before the last id, a free cell is sure to be found.
    private int _callLimit;
    private readonly uint _lastStartId;
    private bool _goAwaySeen;
    private uint _goAwayLastId;

    public Http2Connection(int index, CallTable calls, RequestTemplates templates, Http2Options options, HpackScratch scratch)
    {
        _index = index;
        _calls = calls;
        _slots = calls.Slots;
        _counters = calls.Counters;
        _templates = templates;
        _options = options;
        _streams = new StreamRing(options.MaxStreams);
        _lastStartId = LargestStreamId - (2 * (uint)_streams.Size);
        _sendBatch = options.SendBatch;
        _output = new SendBuffer(options.SendBatch + options.SendReserve);
        _requestHeaders = new RequestHeaderEncoder(templates);
        _requestHeads = new RequestHeads(templates.Paths.Length, 2 * FrameHeader.Size + _requestHeaders.MaxLength);
        _resets = new uint[_streams.Size];
        _decoder = new HpackDecoder(PeerSettings.DefaultHeaderTableSize, scratch);
    }

    public Http2State State
    {
        get;
        private set
        {
            field = value;
            SetCallLimit();
        }
    }

        = Http2State.Closed;

    /// <summary>What the peer did wrong, once <see cref="State"/> is <see cref="Http2State.Failed"/>.</summary>
    public ConnectionError Error { get; private set; }

    /// <summary>The code of the peer's last GOAWAY.</summary>
    public Http2ErrorCode GoAwayCode { get; private set; }

    /// <summary>Calls on this connection, those included whose HEADERS are not written yet.</summary>
    public int CallCount { get; private set; }

    /// <summary>Calls that this connection has ended since it was opened.</summary>
    public long CallsEnded { get; private set; }

    /// <summary>May a call be started here now?</summary>
    public bool CanStart
        => CallCount + _leftOpen < _callLimit && _nextStreamId <= _lastStartId;

    /// <summary>The stream ids run out: a replacement should be opened while this one still serves.</summary>
    public bool IsNearLastStream => State == Http2State.Ready && _nextStreamId > LargestStreamId - StreamIdMargin - (4 * (uint)_streams.Size);

    /// <summary>Nothing is left to do on a connection that takes no new calls.</summary>
    public bool IsDrained => State == Http2State.Draining && CallCount == 0;

    /// <summary>Begins a connection: our preface and SETTINGS, and a connection window beyond the 64 KiB that settings cannot raise.</summary>
    /// <param name="firstStreamId">Odd; another than 1 only to reach the end of the ids in reasonable time.</param>
    public void Open(uint firstStreamId = 1)
    {
        Debug.Assert(State == Http2State.Closed && CallCount == 0, "A connection is opened when it is closed.");
        State = Http2State.Handshaking;
        Error = default;
        GoAwayCode = Http2ErrorCode.NoError;
        CallsEnded = 0;
        _peer = new PeerSettings();
        _nextStreamId = firstStreamId;
        _goAwaySeen = false;
        _goAwayLastId = LargestStreamId;
        _sendWindow = new FlowWindow(FlowWindow.Default);
        _receiveWindow = new ReceiveWindow(_options.ConnectionWindow);
        _carryLength = 0;
        _blockLength = 0;
        _blockStreamId = 0;
        _decoder.Table.Reset();
        _requestHeaders.Reset();
        _requestHeads.Clear();
        _streams.Clear();
        _output.Clear();
        ClearUnsent();
        ClearResets();

        Span<byte> room = _output.Reserve(_options.SendReserve);
        ControlFrames.Preface.CopyTo(room);
        ControlFrames.TryWriteSettings(
            room[ControlFrames.Preface.Length..],
            [
                (PeerSettings.EnablePushId, 0),
                (PeerSettings.InitialWindowSizeId, (uint)_options.StreamWindow),
                (PeerSettings.MaxHeaderListSizeId, (uint)_options.MaxHeaderBlockLength),
            ],
            out int settings);
        Commit(ControlFrames.Preface.Length + settings);
        WriteWindowUpdate(streamId: 0, _options.ConnectionWindow - FlowWindow.Default);
    }

    /// <summary>Takes no new calls; those on it run to their end.</summary>
    public void Retire()
    {
        if (State == Http2State.Ready)
        {
            State = Http2State.Draining;
        }
    }

    /// <summary>Calls from now on carry another access token.</summary>
    public void ReplaceToken(byte[] value) => _requestHeaders.ReplaceToken(value);

    /// <summary>Says goodbye before the socket is closed.</summary>
    public void SayGoodbye()
    {
        if (State is Http2State.Ready or Http2State.Draining)
        {
            WriteGoAway(Http2ErrorCode.NoError);
        }
    }

    /// <summary>The socket is gone: every call on it ends, blamed on the connection or, after an error of the peer's, on the protocol.</summary>
    public void Lose()
    {
        (byte status, Failure failure) = State == Http2State.Failed
            ? (GrpcStatus.Internal, Failure.Protocol)
            : (GrpcStatus.Unavailable, Failure.Connection);
        for (int cell = 0; CallCount > 0 && cell < _streams.Size; cell++)
        {
            if (_streams.SlotAt(cell) is >= 0 and int slot)
            {
                Finish(slot, status, failure);
            }
        }

        while (!_queue.IsEmpty)
        {
            Finish(_queue.First, status, failure);
        }

        Debug.Assert(CallCount == 0, $"{CallCount} calls are neither on a stream nor in the queue.");
        _output.Clear();
        ClearUnsent();
        State = Http2State.Closed;
    }

    private void SetCallLimit()
        => _callLimit = State == Http2State.Ready ? Math.Min(_peer.MaxConcurrentStreams, _options.MaxStreams) : 0;

    // The one way by which a call leaves this connection for good.
    private void Finish(int slot, byte status, Failure failure)
    {
        Detach(slot);
        CallsEnded++;
        _calls.End(slot, status, failure);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Detach(int slot)
    {
        ref CallSlot call = ref _slots[slot];
        Debug.Assert(call.Connection == _index, $"Slot {slot} is on connection {call.Connection}, not {_index}.");
        if ((call.State & CallState.Queued) != 0)
        {
            _queue.Remove(_slots, slot);
        }

        if (call.StreamId != 0)
        {
            _streams.Remove(call.StreamId);
        }

        CallCount--;
    }

    private void Fail(Http2ErrorCode code, ConnectionErrorReason reason)
    {
        if (State == Http2State.Failed)
        {
            return;
        }

        State = Http2State.Failed;
        Error = new ConnectionError(code, reason);
        _counters.ConnectionErrors++;
        WriteGoAway(code);
    }
}

/// <summary>The life of a connection.</summary>
internal enum Http2State : byte
{
    Closed,

    /// <summary>Our preface is out; the peer's SETTINGS are not in.</summary>
    Handshaking,

    Ready,

    /// <summary>No new calls; those on it run to their end.</summary>
    Draining,

    /// <summary>The peer broke the protocol: GOAWAY is written, and only the socket remains to be closed.</summary>
    Failed,
}
