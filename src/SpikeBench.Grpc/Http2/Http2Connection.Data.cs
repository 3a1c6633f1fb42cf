using System.Buffers.Binary;
using SpikeBench.Core.Engine;
using SpikeBench.Grpc.Calls;

namespace SpikeBench.Grpc.Http2;

/// <content>DATA: flow control, and gRPC's messages out of it.</content>
internal sealed partial class Http2Connection
{
    private ReceiveWindow _receiveWindow;

    // 6.1 DATA
    // +---------------+-----------------------------------------------+
    // |Pad Length? (8)|                 Data (*)          | Padding   |
    // +---------------+-----------------------------------------------+
    private void OnData(FrameHeader header, ReadOnlySpan<byte> payload)
    {
        // 6.9: the whole payload counts, padding included, and also on streams that have ended.
        if (!_receiveWindow.TryTake(payload.Length))
        {
            Fail(Http2ErrorCode.FlowControlError, ConnectionErrorReason.WindowOverrun);
            return;
        }

        if (_receiveWindow.TakeUpdate() is > 0 and int increment)
        {
            WriteWindowUpdate(streamId: 0, increment);
        }

        int length = payload.Length;
        int slot = _streams.Find(header.StreamId);
        if (((slot < 0 || header.StreamId == 0) && !TryFindCall(header.StreamId, header.EndStream, out slot)) || !TryStripPadding(header, ref payload))
        {
            return;
        }

        ref CallSlot call = ref _slots[slot];
        if (!call.ReceiveWindow.TryTake(length))
        {
            FailStream(slot, Http2ErrorCode.FlowControlError, StreamErrorReason.WindowOverrun);
            return;
        }

        if ((call.State & CallState.HeadersSeen) == 0)
        {
            FailStream(slot, Http2ErrorCode.ProtocolError, StreamErrorReason.DataBeforeHeaders);
            return;
        }

        // The body of something that is not gRPC is of no interest: only its HTTP status will count.
        if (call.IsGrpcContent && !TryReadMessage(slot, ref call, payload))
        {
            return;
        }

        if (header.EndStream)
        {
            // Without trailers there is no grpc-status.
            EndResponse(slot, ResponseHead.NoGrpcStatus);
        }
        else if (call.ReceiveWindow.TakeUpdate() is > 0 and int streamIncrement)
        {
            WriteWindowUpdate(header.StreamId, streamIncrement);
        }
    }

    // Length-Prefixed-Message, as RequestTemplates shows it; frames may cut it anywhere.
    private bool TryReadMessage(int slot, ref CallSlot call, ReadOnlySpan<byte> data)
    {
        while (!data.IsEmpty)
        {
            if (call.PrefixReceived < RequestTemplates.PrefixLength)
            {
                if ((call.State & CallState.MessageSeen) != 0)
                {
                    FailStream(slot, Http2ErrorCode.Cancel, StreamErrorReason.SecondMessage);
                    return false;
                }

                int taken = ReadPrefix(ref call, data);
                data = data[taken..];
                if (call.PrefixReceived < RequestTemplates.PrefixLength)
                {
                    return true;
                }

                if (call.IsCompressed && !_options.AcceptGzip)
                {
                    // Without grpc-accept-encoding only identity is allowed.
                    FailStream(slot, Http2ErrorCode.Cancel, StreamErrorReason.CompressedMessage);
                    return false;
                }

                if (call.ReplyLength > (uint)_options.MaxReplyLength)
                {
                    FailStream(slot, Http2ErrorCode.Cancel, StreamErrorReason.MessageTooLarge);
                    return false;
                }
            }

            int wanted = (int)call.ReplyLength - call.ReplyReceived;
            int count = Math.Min(wanted, data.Length);
            _calls.Replies.Append(slot, call.ReplyReceived, data[..count]);
            call.ReplyReceived += count;
            data = data[count..];
            if (count == wanted)
            {
                call.State |= CallState.MessageSeen;
                call.PrefixReceived = 0;
            }
        }

        return true;
    }

    // Puts the message in place of the packed one; false when the call has ended for it.
    private bool TryUnpackReply(int slot, ref CallSlot call)
    {
        UnpackResult result = GzipMessages.Unpack(_calls.Replies.Read(slot, call.ReplyReceived), _options.MaxReplyLength, out byte[] message);
        if (result != UnpackResult.Done)
        {
            _counters.StreamErrors++;
            LastStreamError = result == UnpackResult.TooLarge ? StreamErrorReason.MessageTooLarge : StreamErrorReason.CompressedMessage;
            Finish(slot, result == UnpackResult.TooLarge ? GrpcStatus.ResourceExhausted : GrpcStatus.Internal, Failure.Protocol);
            return false;
        }

        _calls.Replies.Release(slot);
        _calls.Replies.Append(slot, 0, message);
        call.ReplyReceived = message.Length;
        return true;
    }

    private static int ReadPrefix(ref CallSlot call, ReadOnlySpan<byte> data)
    {
        if (call.PrefixReceived == 0 && data.Length >= RequestTemplates.PrefixLength)
        {
            call.IsCompressed = data[0] != 0;
            call.ReplyLength = BinaryPrimitives.ReadUInt32BigEndian(data[RequestTemplates.PrefixLengthOffset..]);
            call.PrefixReceived = RequestTemplates.PrefixLength;
            return RequestTemplates.PrefixLength;
        }

        int at = 0;
        for (; at < data.Length && call.PrefixReceived < RequestTemplates.PrefixLength; at++)
        {
            if (call.PrefixReceived == 0)
            {
                call.IsCompressed = data[at] != 0;
                call.ReplyLength = 0;
            }
            else
            {
                call.ReplyLength = (call.ReplyLength << 8) | data[at];
            }

            call.PrefixReceived++;
        }

        return at;
    }
}
