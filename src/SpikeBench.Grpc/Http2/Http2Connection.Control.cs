using System.Buffers.Binary;
using SpikeBench.Core.Engine;
using SpikeBench.Grpc.Calls;

namespace SpikeBench.Grpc.Http2;

/// <content>Frames about the connection and its streams rather than their contents.</content>
internal sealed partial class Http2Connection
{
    /// <summary>A call that GOAWAY moved this often ends: a target that refuses every connection must not keep it for ever.</summary>
    public const int MaxMoves = 3;

    // 6.5 SETTINGS
    private void OnSettings(FrameHeader header, ReadOnlySpan<byte> payload)
    {
        if (header.StreamId != 0)
        {
            Fail(Http2ErrorCode.ProtocolError, ConnectionErrorReason.FrameOnWrongStream);
            return;
        }

        if (payload.Length % PeerSettings.EntrySize != 0 || (header.Ack && !payload.IsEmpty))
        {
            Fail(Http2ErrorCode.FrameSizeError, ConnectionErrorReason.FrameHasWrongLength);
            return;
        }

        if (header.Ack)
        {
            return;
        }

        int windowBefore = _peer.InitialWindowSize;
        ConnectionError error = _peer.Apply(payload);
        if (error.IsError)
        {
            Fail(error.Code, error.Reason);
            return;
        }

        SetCallLimit();
        if (_peer.MaxConcurrentStreams > 0)
        {
            // 0 is how some servers say goodbye; it is no limit of a connection that serves.
            _calls.Counters.FewestStreams = Math.Min(_calls.Counters.FewestStreams, _peer.MaxConcurrentStreams);
        }

        _requestHeaders.LimitTable(_peer.HeaderTableSize);
        if (!TryMoveStreamWindows(_peer.InitialWindowSize - windowBefore))
        {
            Fail(Http2ErrorCode.FlowControlError, ConnectionErrorReason.WindowOverflow);
            return;
        }

        if (State == Http2State.Handshaking)
        {
            State = Http2State.Ready;
        }

        // The acknowledgement stands before any header block that heeds the new table size.
        Span<byte> room = _output.Reserve(FrameHeader.Size);
        if (ControlFrames.TryWriteSettingsAck(room, out int written))
        {
            Commit(written);
        }
        else
        {
            FailOverflow();
        }
    }

    // 6.9.2: a new SETTINGS_INITIAL_WINDOW_SIZE moves the windows of all open streams by the difference, below zero if need be.
    private bool TryMoveStreamWindows(int difference)
    {
        if (difference == 0)
        {
            return true;
        }

        for (int cell = 0; cell < _streams.Size; cell++)
        {
            int slot = _streams.SlotAt(cell);
            if (slot < 0 || (_slots[slot].State & CallState.RequestEnded) != 0)
            {
                continue;
            }

            if (!_slots[slot].SendWindow.TryAdd(difference))
            {
                return false;
            }

            Unblock(slot);
        }

        return true;
    }

    // 6.7 PING
    private void OnPing(FrameHeader header, ReadOnlySpan<byte> payload)
    {
        if (payload.Length != ControlFrames.PingPayloadLength)
        {
            Fail(Http2ErrorCode.FrameSizeError, ConnectionErrorReason.FrameHasWrongLength);
        }
        else if (header.StreamId != 0)
        {
            Fail(Http2ErrorCode.ProtocolError, ConnectionErrorReason.FrameOnWrongStream);
        }
        else if (!header.Ack)
        {
            Span<byte> room = _output.Reserve(FrameHeader.Size + ControlFrames.PingPayloadLength);
            if (ControlFrames.TryWritePingAck(room, payload, out int written))
            {
                Commit(written);
            }
            else
            {
                FailOverflow();
            }
        }
    }

    // 6.9 WINDOW_UPDATE
    private void OnWindowUpdate(FrameHeader header, ReadOnlySpan<byte> payload)
    {
        if (payload.Length != sizeof(uint))
        {
            Fail(Http2ErrorCode.FrameSizeError, ConnectionErrorReason.FrameHasWrongLength);
            return;
        }

        int increment = (int)(BinaryPrimitives.ReadUInt32BigEndian(payload) & 0x7fff_ffff);
        if (header.StreamId == 0)
        {
            if (increment == 0)
            {
                Fail(Http2ErrorCode.ProtocolError, ConnectionErrorReason.WindowUpdateOfZero);
            }
            else if (!_sendWindow.TryAdd(increment))
            {
                Fail(Http2ErrorCode.FlowControlError, ConnectionErrorReason.WindowOverflow);
            }

            return;
        }

        if (!TryFindCall(header.StreamId, endsStream: false, out int slot))
        {
            return;
        }

        if (increment == 0)
        {
            FailStream(slot, Http2ErrorCode.ProtocolError, StreamErrorReason.WindowUpdateOfZero);
        }
        else if ((_slots[slot].State & CallState.RequestEnded) == 0)
        {
            if (_slots[slot].SendWindow.TryAdd(increment))
            {
                Unblock(slot);
            }
            else
            {
                FailStream(slot, Http2ErrorCode.FlowControlError, StreamErrorReason.WindowOverflow);
            }
        }
    }

    // 6.4 RST_STREAM. NO_ERROR after a whole response finds no call any more: its trailers have ended it.
    private void OnRstStream(FrameHeader header, ReadOnlySpan<byte> payload)
    {
        if (payload.Length != sizeof(uint))
        {
            Fail(Http2ErrorCode.FrameSizeError, ConnectionErrorReason.FrameHasWrongLength);
            return;
        }

        if (!TryFindCall(header.StreamId, endsStream: true, out int slot))
        {
            return;
        }

        var code = (Http2ErrorCode)BinaryPrimitives.ReadUInt32BigEndian(payload);
        _counters.ResetReceived(code);
        Finish(slot, StatusMapping.FromReset(code), Failure.Status);
    }

    // 6.8 GOAWAY: streams up to the last id run on, those above were never handled and are safe to start elsewhere.
    private void OnGoAway(FrameHeader header, ReadOnlySpan<byte> payload)
    {
        if (header.StreamId != 0)
        {
            Fail(Http2ErrorCode.ProtocolError, ConnectionErrorReason.FrameOnWrongStream);
            return;
        }

        if (payload.Length < ControlFrames.GoAwayPayloadLength)
        {
            Fail(Http2ErrorCode.FrameSizeError, ConnectionErrorReason.FrameHasWrongLength);
            return;
        }

        uint lastId = BinaryPrimitives.ReadUInt32BigEndian(payload) & LargestStreamId;
        if (_goAwaySeen && lastId > _goAwayLastId)
        {
            Fail(Http2ErrorCode.ProtocolError, ConnectionErrorReason.GoAwayRaisedLastStream);
            return;
        }

        _goAwaySeen = true;
        _goAwayLastId = lastId;
        GoAwayCode = (Http2ErrorCode)BinaryPrimitives.ReadUInt32BigEndian(payload[sizeof(uint)..]);
        _counters.GoAways++;
        _counters.GoAwaysToCalm += GoAwayCode == Http2ErrorCode.EnhanceYourCalm ? 1 : 0;
        State = Http2State.Draining;
        MoveUnhandled(lastId);
    }

    private void MoveUnhandled(uint lastId)
    {
        // From the next id's cell on, the ring holds the open streams in about the order in which they were started.
        int first = (int)(_nextStreamId >> 1);
        for (int i = 0; i < _streams.Size; i++)
        {
            int slot = _streams.SlotAt(first + i);
            if (slot >= 0 && _slots[slot].StreamId > lastId)
            {
                Move(slot);
            }
        }

        for (int slot = _queue.First; slot >= 0;)
        {
            int next = _slots[slot].QueueNext;
            if (_slots[slot].StreamId == 0)
            {
                Move(slot);
            }

            slot = next;
        }
    }

    private void Move(int slot)
    {
        if (_slots[slot].Moves >= MaxMoves)
        {
            Finish(slot, GrpcStatus.Unavailable, Failure.Connection);
            return;
        }

        Detach(slot);
        _calls.Rehome(slot);
    }

    // 6.3 PRIORITY is deprecated and ignored, on whatever stream it stands but 0.
    private void OnPriority(FrameHeader header)
    {
        if (header.StreamId == 0)
        {
            Fail(Http2ErrorCode.ProtocolError, ConnectionErrorReason.FrameOnWrongStream);
        }
    }

    private void WriteRstStream(uint streamId, Http2ErrorCode code)
    {
        _counters.ResetsSent++;
        if (ControlFrames.TryWriteRstStream(_output.Reserve(ControlFrames.RstStreamLength), streamId, code, out int written))
        {
            Commit(written);
        }
        else
        {
            FailOverflow();
        }
    }

    private void WriteWindowUpdate(uint streamId, int increment)
    {
        if (ControlFrames.TryWriteWindowUpdate(_output.Reserve(ControlFrames.WindowUpdateLength), streamId, increment, out int written))
        {
            Commit(written);
        }
        else
        {
            FailOverflow();
        }
    }

    // Without room for it the connection just closes, which says the same.
    private void WriteGoAway(Http2ErrorCode code)
    {
        Span<byte> room = _output.Reserve(FrameHeader.Size + ControlFrames.GoAwayPayloadLength);
        if (ControlFrames.TryWriteGoAway(room, lastStreamId: 0, code, out int written))
        {
            Commit(written);
        }
    }

    // A peer that makes us answer and does not read the answers must not grow our memory.
    private void FailOverflow() => Fail(Http2ErrorCode.EnhanceYourCalm, ConnectionErrorReason.TooManyUnreadReplies);
}
