namespace SpikeBench.Grpc.Http2;

/// <content>From bytes to frames.</content>
internal sealed partial class Http2Connection
{
    // The beginning of a frame whose end has not come yet. Frames are handled whole, so that how the bytes were split cannot matter.
    private readonly byte[] _carry = new byte[FrameHeader.Size + FrameHeader.DefaultMaxLength];
    private int _carryLength;

    /// <summary>Handles what a socket delivered; after an error the rest is ignored.</summary>
    public void Receive(ReadOnlySpan<byte> bytes)
    {
        if (_carryLength > 0)
        {
            bytes = bytes[FillCarry(bytes)..];
        }

        while (bytes.Length >= FrameHeader.Size && IsOpen)
        {
            int whole = TakeWholeReply(bytes);
            if (whole > 0)
            {
                bytes = bytes[whole..];
                continue;
            }

            FrameHeader header = FrameHeader.Read(bytes);
            if ((State == Http2State.Handshaking || header.Length > FrameHeader.DefaultMaxLength) && !IsAcceptable(header, bytes))
            {
                return;
            }

            int end = FrameHeader.Size + header.Length;
            if (bytes.Length < end)
            {
                break;
            }

            Handle(header, bytes[FrameHeader.Size..end]);
            bytes = bytes[end..];
        }

        if (IsOpen && _carryLength == 0)
        {
            bytes.CopyTo(_carry);
            _carryLength = bytes.Length;
        }
    }

    private bool IsOpen => State is Http2State.Ready or Http2State.Draining or Http2State.Handshaking;

    // Completes the carried frame with as little as it needs, so that all later ones are read in place.
    private int FillCarry(ReadOnlySpan<byte> bytes)
    {
        int taken = TopUpCarry(bytes, FrameHeader.Size);
        if (_carryLength < FrameHeader.Size)
        {
            return taken;
        }

        FrameHeader header = FrameHeader.Read(_carry);
        if (!IsAcceptable(header, _carry.AsSpan(0, _carryLength)))
        {
            return taken;
        }

        int end = FrameHeader.Size + header.Length;
        taken += TopUpCarry(bytes[taken..], end);
        if (_carryLength == end)
        {
            _carryLength = 0;
            Handle(header, _carry.AsSpan(FrameHeader.Size, header.Length));
        }

        return taken;
    }

    private int TopUpCarry(ReadOnlySpan<byte> bytes, int upTo)
    {
        int count = Math.Clamp(upTo - _carryLength, 0, bytes.Length);
        bytes[..count].CopyTo(_carry.AsSpan(_carryLength));
        _carryLength += count;
        return count;
    }

    // 3.4: the server's first frame is SETTINGS. What else it may be tells the user what is listening there.
    private bool IsAcceptable(FrameHeader header, ReadOnlySpan<byte> bytes)
    {
        if (State == Http2State.Handshaking && (header.Type != FrameType.Settings || header.Ack))
        {
            ReadOnlySpan<byte> tlsAlert = [0x15, 0x03];
            ConnectionErrorReason reason =
                bytes.StartsWith("HTTP/"u8) ? ConnectionErrorReason.PeerSpeaksHttp1
                : bytes.StartsWith(tlsAlert) ? ConnectionErrorReason.PeerSpeaksTls
                : header.Type == FrameType.GoAway ? ConnectionErrorReason.GoAwayBeforeSettings
                : ConnectionErrorReason.FirstFrameIsNotSettings;
            Fail(Http2ErrorCode.ProtocolError, reason);
            return false;
        }

        // We never raise SETTINGS_MAX_FRAME_SIZE.
        if (header.Length > FrameHeader.DefaultMaxLength)
        {
            Fail(Http2ErrorCode.FrameSizeError, ConnectionErrorReason.FrameTooLarge);
            return false;
        }

        return true;
    }

    private void Handle(FrameHeader header, ReadOnlySpan<byte> payload)
    {
        // 6.10: nothing may come between HEADERS and its last CONTINUATION.
        if (_blockStreamId != 0 && (header.Type != FrameType.Continuation || header.StreamId != _blockStreamId))
        {
            Fail(Http2ErrorCode.ProtocolError, ConnectionErrorReason.HeaderBlockInterrupted);
            return;
        }

        switch (header.Type)
        {
            case FrameType.Data:
                OnData(header, payload);
                break;
            case FrameType.Headers when header.IsPlainHeaders && _streams.Find(header.StreamId) is >= 0 and int slot && header.StreamId != 0:
                // Nearly every HEADERS: on an open stream, whole, without padding and priority.
                OnBlock(header.StreamId, slot, payload, header.EndStream);
                break;
            case FrameType.Headers:
                OnHeaders(header, payload);
                break;
            case FrameType.Continuation:
                OnContinuation(header, payload);
                break;
            case FrameType.WindowUpdate:
                OnWindowUpdate(header, payload);
                break;
            case FrameType.Ping:
                OnPing(header, payload);
                break;
            case FrameType.Settings:
                OnSettings(header, payload);
                break;
            case FrameType.RstStream:
                OnRstStream(header, payload);
                break;
            case FrameType.GoAway:
                OnGoAway(header, payload);
                break;
            case FrameType.Priority:
                OnPriority(header);
                break;
            case FrameType.PushPromise:
                Fail(Http2ErrorCode.ProtocolError, ConnectionErrorReason.PushWithoutPermission);
                break;
        }
    }

    // Our streams are odd and counted upwards; an even one would be the server's, which needs a push.
    private bool IsIdle(uint streamId) => (streamId & 1) == 0 || streamId >= _nextStreamId;

    /// <summary>
    /// Finds the call of a frame that must stand on a stream which was opened at some time. False when there is nothing more to do:
    /// the stream has ended (what comes late is swallowed, RFC 9113, 5.1 "closed") or the frame was a connection error.
    /// </summary>
    private bool TryFindCall(uint streamId, bool endsStream, out int slot)
    {
        slot = _streams.Find(streamId);
        if (slot >= 0 && streamId != 0)
        {
            return true;
        }

        if (streamId == 0)
        {
            Fail(Http2ErrorCode.ProtocolError, ConnectionErrorReason.FrameOnWrongStream);
        }
        else if (IsIdle(streamId))
        {
            Fail(Http2ErrorCode.ProtocolError, ConnectionErrorReason.FrameOnIdleStream);
        }
        else
        {
            _counters.FramesSwallowed++;
            if (endsStream && slot == StreamRing.LeftOpen)
            {
                CloseLeftOpen(streamId);
            }
        }

        return false;
    }

    // 6.1 and 6.2: the first byte counts the padding behind the payload.
    // +---------------+-----------------------------------------------+
    // |Pad Length? (8)| ... payload ...           | Padding (*)       |
    // +---------------+-----------------------------------------------+
    private bool TryStripPadding(FrameHeader header, ref ReadOnlySpan<byte> payload)
    {
        if (!header.Padded)
        {
            return true;
        }

        if (payload.IsEmpty || payload[0] >= payload.Length)
        {
            Fail(Http2ErrorCode.ProtocolError, ConnectionErrorReason.PaddingTooLong);
            return false;
        }

        payload = payload[1..^payload[0]];
        return true;
    }
}
