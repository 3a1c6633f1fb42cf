using System.Diagnostics;
using System.Runtime.CompilerServices;
using SpikeBench.Core.Engine;
using SpikeBench.Grpc.Calls;

namespace SpikeBench.Grpc.Http2;

/// <content>From calls to frames, as far as both windows and the send buffer allow.</content>
internal sealed partial class Http2Connection
{
    /// <summary>A call takes at least about 50 bytes, so this many fit in a batch of 64 KiB; more wait in the queue.</summary>
    private const int MaxUnsent = 2048;

    private readonly SendBuffer _output;
    private readonly RequestHeaderEncoder _requestHeaders;
    private readonly RequestHeads _requestHeads;
    private readonly TimeoutField _timeout = new();
    private readonly int _sendBatch;
    private FlowWindow _sendWindow;

    // Calls with bytes left to frame, oldest first. A call whose own window is shut is not in it.
    private CallQueue _queue = new();

    // Calls whose last byte is in the send buffer, to be stamped when it has gone to the kernel.
    private readonly Unsent[] _unsent = new Unsent[MaxUnsent];
    private int _unsentFirst;
    private int _unsentCount;
    private long _bytesFramed;
    private long _bytesSent;

    /// <summary>Bytes to be written to the socket next.</summary>
    public ReadOnlySpan<byte> Output => _output.Pending;

    /// <summary>So much is waiting that one send should go out before more is framed.</summary>
    public bool IsBatchFull => _output.Length >= _sendBatch;

    /// <summary>Takes a call; <see cref="CanStart"/> must hold. Its bytes are framed at once if they fit, else as room appears.</summary>
    public void Start(int slot)
    {
        Debug.Assert(CanStart, "The caller checks CanStart.");
        ref CallSlot call = ref _slots[slot];
        call.Connection = _index;
        call.Sent = 0;
        call.HttpStatus = 0;
        call.IsGrpcContent = false;
        call.PrefixReceived = 0;
        call.IsCompressed = false;
        call.ReplyReceived = 0;
        CallCount++;
        ReadOnlySpan<byte> message = _templates.MessageOf(call.Template);
        if (_queue.IsEmpty && FitsWhole(message.Length))
        {
            WriteWhole(slot, ref call, message);
        }
        else
        {
            _queue.Enqueue(_slots, slot);
            Pump();
        }
    }

    /// <summary>Frames what waits in the queue, as far as windows and buffer allow.</summary>
    public void Pump()
    {
        if (_resetCount > 0 && State is Http2State.Ready or Http2State.Draining)
        {
            SendDelayedResets();
        }

        while (!_queue.IsEmpty && State is Http2State.Ready or Http2State.Draining)
        {
            int slot = _queue.First;
            ref CallSlot call = ref _slots[slot];
            if (IsBatchFull || _unsentCount == MaxUnsent)
            {
                _counters.WaitedForSocket++;
                return;
            }

            if (call.StreamId == 0)
            {
                if (!HasFreeStreamId())
                {
                    _queue.Remove(_slots, slot);
                    Detach(slot);
                    _calls.Rehome(slot);
                    continue;
                }

                WriteHeaders(slot, ref call);
            }

            ReadOnlySpan<byte> rest = _templates.MessageOf(call.Template)[call.Sent..];
            int room = Math.Min(_sendWindow.Available, call.SendWindow.Available);
            int count = Math.Min(Math.Min(rest.Length, FrameHeader.DefaultMaxLength), room);
            if (count <= 0)
            {
                _counters.WaitedForWindow++;
                if (_sendWindow.Available <= 0)
                {
                    return;
                }

                // Only this call's window is shut: the others need not wait for it.
                _queue.Remove(_slots, slot);
                call.State |= CallState.WindowBlocked;
                continue;
            }

            WriteData(slot, ref call, rest[..count], rest.Length);
        }
    }

    /// <summary>Counts bytes of <see cref="Output"/> that the kernel took, in a call that began at <paramref name="atNs"/>.</summary>
    public void Sent(int bytes, long atNs)
    {
        _bytesSent += bytes;
        _output.Sent(bytes);
        while (_unsentCount > 0 && _unsent[_unsentFirst].End <= _bytesSent)
        {
            ref readonly Unsent unsent = ref _unsent[_unsentFirst];
            ref CallSlot call = ref _slots[unsent.Slot];

            // The call may have ended meanwhile, and its slot may serve another.
            if (call.StreamId == unsent.StreamId && call.Connection == _index)
            {
                call.OnWireNs = atNs;
            }

            _unsentFirst = (_unsentFirst + 1) & (MaxUnsent - 1);
            _unsentCount--;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool FitsWhole(int length)
        => length <= FrameHeader.DefaultMaxLength
            && length <= _sendWindow.Available
            && length <= _peer.InitialWindowSize
            && !IsBatchFull
            && _unsentCount < MaxUnsent
            && HasFreeStreamId();

    // Ids that fall on a long-lived stream's cell are skipped; the ring has twice as many cells as there can be streams.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool HasFreeStreamId()
        => (_nextStreamId <= LargestStreamId && _streams.IsFree(_nextStreamId)) || SkipToFreeStreamId();

    private bool SkipToFreeStreamId()
    {
        while (_nextStreamId <= LargestStreamId && !_streams.IsFree(_nextStreamId))
        {
            _nextStreamId += 2;
        }

        return _nextStreamId <= LargestStreamId;
    }

    // Nearly every request: HEADERS and DATA side by side, with room, windows and end known beforehand.
    private void WriteWhole(int slot, ref CallSlot call, ReadOnlySpan<byte> message)
    {
        Span<byte> room = _output.Reserve(2 * FrameHeader.Size + _requestHeaders.MaxLength + message.Length);
        OpenStream(slot, ref call);
        bool hasDeadline = call.DeadlineNs < CallTable.NoDeadlineNs;
        ReadOnlySpan<byte> timeout = _timeout.For(call.DeadlineNs - _calls.NowNs, hasDeadline);
        uint timeoutVersion = hasDeadline ? _timeout.Version : 0;
        int operation = _templates.OperationOf(call.Template);
        bool isAlone = !_templates.TailOf(call.Template).IsEmpty;
        int at = isAlone ? 0 : _requestHeads.Write(operation, message.Length, _requestHeaders.Version, timeoutVersion, call.StreamId, room);
        if (at == 0)
        {
            bool isKept = !isAlone && _requestHeaders.IsKept(operation);
            at = FrameHeaders(ref call, timeout, room);
            new FrameHeader(message.Length, FrameType.Data, FrameFlags.EndStream, call.StreamId).TryWrite(room[at..]);
            at += FrameHeader.Size;
            if (isKept)
            {
                _requestHeads.Keep(operation, message.Length, _requestHeaders.Version, timeoutVersion, room[..at]);
            }
        }

        message.CopyTo(room[at..]);
        if (_templates.HavePatches)
        {
            WritePatches(_templates.PatchesOf(call.Template), room.Slice(at, message.Length), call.Arrival);
        }

        Commit(at + message.Length);
        _sendWindow.Spend(message.Length);
        call.State |= CallState.RequestEnded;
        _unsent[(_unsentFirst + _unsentCount++) & (MaxUnsent - 1)] = new Unsent(slot, call.StreamId, _bytesFramed);
    }

    // In the call's own copy: the pool serves all lanes and stays as it is. Out of line: most plans have none.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void WritePatches(ReadOnlySpan<MessagePatch> patches, Span<byte> message, long arrival)
    {
        long unixNs = _calls.NowNs + _calls.UnixOffsetNs;
        foreach (ref readonly MessagePatch patch in patches)
        {
            patch.Write(message, arrival, unixNs);
        }
    }

    private void WriteHeaders(int slot, ref CallSlot call)
    {
        Span<byte> room = _output.Reserve(FrameHeader.Size + _requestHeaders.MaxLength);
        OpenStream(slot, ref call);
        call.StampNs = _calls.NowNs + _calls.UnixOffsetNs;
        ReadOnlySpan<byte> timeout = _timeout.For(call.DeadlineNs - _calls.NowNs, call.DeadlineNs < CallTable.NoDeadlineNs);
        Commit(FrameHeaders(ref call, timeout, room));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void OpenStream(int slot, ref CallSlot call)
    {
        uint streamId = _nextStreamId;
        _nextStreamId += 2;
        _streams.Add(streamId, slot);
        call.StreamId = streamId;
        call.SendWindow = new FlowWindow(_peer.InitialWindowSize);
        call.ReceiveWindow = new ReceiveWindow(_options.StreamWindow);
    }

    // Frames a stream's headers; returns the frame's length.
    private int FrameHeaders(ref CallSlot call, ReadOnlySpan<byte> timeout, Span<byte> room)
    {
        Debug.Assert(!room.IsEmpty, "SendReserve has room for a block and a frame while the batch is not full.");
        ReadOnlySpan<byte> tail = _templates.TailOf(call.Template);
        int end = FrameHeader.Size + _requestHeaders.Encode(_templates.OperationOf(call.Template), timeout, tail, room[FrameHeader.Size..]);
        new FrameHeader(end - FrameHeader.Size, FrameType.Headers, FrameFlags.EndHeaders, call.StreamId).TryWrite(room);
        ReadOnlySpan<MessagePatch> patches = _templates.TailPatchesOf(call.Template);
        if (!patches.IsEmpty)
        {
            WritePatches(patches, room[(end - tail.Length)..end], call.Arrival);
        }

        return end;
    }

    private void WriteData(int slot, ref CallSlot call, ReadOnlySpan<byte> data, int rest)
    {
        Span<byte> room = _output.Reserve(FrameHeader.Size + data.Length);
        Debug.Assert(!room.IsEmpty, "SendReserve has room for a frame behind a block.");
        bool last = data.Length == rest;
        new FrameHeader(data.Length, FrameType.Data, last ? FrameFlags.EndStream : FrameFlags.None, call.StreamId).TryWrite(room);
        data.CopyTo(room[FrameHeader.Size..]);
        foreach (ref readonly MessagePatch patch in _templates.PatchesOf(call.Template))
        {
            patch.WritePiece(room.Slice(FrameHeader.Size, data.Length), call.Sent, call.Arrival, call.StampNs);
        }

        Commit(FrameHeader.Size + data.Length);
        _sendWindow.Spend(data.Length);
        call.SendWindow.Spend(data.Length);
        call.Sent += data.Length;
        if (last)
        {
            call.State |= CallState.RequestEnded;
            if ((call.State & CallState.Queued) != 0)
            {
                _queue.Remove(_slots, slot);
            }

            _unsent[(_unsentFirst + _unsentCount++) & (MaxUnsent - 1)] = new Unsent(slot, call.StreamId, _bytesFramed);
        }
    }

    // A stream's window has moved: back into the queue, if it had been taken out for that.
    private void Unblock(int slot)
    {
        ref CallSlot call = ref _slots[slot];
        if ((call.State & CallState.WindowBlocked) != 0 && call.SendWindow.Available > 0)
        {
            call.State &= ~CallState.WindowBlocked;
            _queue.Enqueue(_slots, slot);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Commit(int bytes)
    {
        _output.Commit(bytes);
        _bytesFramed += bytes;
    }

    private void ClearUnsent()
    {
        _unsentFirst = 0;
        _unsentCount = 0;
        _bytesFramed = 0;
        _bytesSent = 0;
    }

    private readonly record struct Unsent(int Slot, uint StreamId, long End);
}
