using SpikeBench.Core.Engine;
using SpikeBench.Grpc.Calls;
using SpikeBench.Grpc.Hpack;

namespace SpikeBench.Grpc.Http2;

/// <content>Header blocks: putting them together, decoding them, and what they mean for a call.</content>
internal sealed partial class Http2Connection
{
    private const int PriorityLength = 5;

    private readonly HpackDecoder _decoder;
    private readonly HeaderBlockCache _blockCache = new();
    private readonly ResponseHeadReader _headReader = new();

    // A block that goes on in CONTINUATION; made at the first one, which most connections never see.
    private byte[] _block = [];
    private int _blockLength;
    private uint _blockStreamId;
    private bool _blockEndsStream;

    // 6.2 HEADERS
    // +---------------+
    // |Pad Length? (8)|
    // +-+-------------+-----------------------------------------------+
    // |E|                 Stream Dependency? (31)                     |
    // +-+-------------+-----------------------------------------------+
    // |  Weight? (8)  |
    // +-+-------------+-----------------------------------------------+
    // |                   Header Block Fragment (*)                 ...
    // +---------------------------------------------------------------+
    // |                           Padding (*)                       ...
    // +---------------------------------------------------------------+
    private void OnHeaders(FrameHeader header, ReadOnlySpan<byte> payload)
    {
        if (header.StreamId == 0)
        {
            Fail(Http2ErrorCode.ProtocolError, ConnectionErrorReason.FrameOnWrongStream);
            return;
        }

        if (IsIdle(header.StreamId))
        {
            Fail(Http2ErrorCode.ProtocolError, ConnectionErrorReason.FrameOnIdleStream);
            return;
        }

        if (!TryStripPadding(header, ref payload))
        {
            return;
        }

        if (header.Priority)
        {
            if (payload.Length < PriorityLength)
            {
                Fail(Http2ErrorCode.FrameSizeError, ConnectionErrorReason.FrameHasWrongLength);
                return;
            }

            payload = payload[PriorityLength..];
        }

        if (header.EndHeaders)
        {
            OnBlock(header.StreamId, _streams.Find(header.StreamId), payload, header.EndStream);
            return;
        }

        _blockStreamId = header.StreamId;
        _blockEndsStream = header.EndStream;
        _blockLength = 0;
        KeepFragment(payload);
    }

    // 6.10 CONTINUATION
    private void OnContinuation(FrameHeader header, ReadOnlySpan<byte> payload)
    {
        if (_blockStreamId == 0)
        {
            Fail(Http2ErrorCode.ProtocolError, ConnectionErrorReason.ContinuationWithoutHeaders);
            return;
        }

        KeepFragment(payload);
        if (header.EndHeaders && State != Http2State.Failed)
        {
            _blockStreamId = 0;
            OnBlock(header.StreamId, _streams.Find(header.StreamId), _block.AsSpan(0, _blockLength), _blockEndsStream);
        }
    }

    private void KeepFragment(ReadOnlySpan<byte> fragment)
    {
        if (_blockLength + fragment.Length > _options.MaxHeaderBlockLength)
        {
            Fail(Http2ErrorCode.EnhanceYourCalm, ConnectionErrorReason.HeaderBlockTooLarge);
            return;
        }

        if (_block.Length == 0)
        {
            _block = new byte[_options.MaxHeaderBlockLength];
        }

        fragment.CopyTo(_block.AsSpan(_blockLength));
        _blockLength += fragment.Length;
    }

    // 4.3: every block is decoded, also that of a stream we have reset, or the table would fall out of step.
    private void OnBlock(uint streamId, int slot, ReadOnlySpan<byte> block, bool endsStream)
    {
        if (!_blockCache.TryGet(block, _decoder.Table.Generation, out ResponseHead head) && !TryDecode(slot, block, out head))
        {
            Fail(Http2ErrorCode.CompressionError, ConnectionErrorReason.HeaderBlockMalformed);
        }
        else if (slot >= 0 || TryFindCall(streamId, endsStream, out slot))
        {
            OnHead(slot, head, endsStream);
        }
    }

    private bool TryDecode(int slot, ReadOnlySpan<byte> block, out ResponseHead head)
    {
        uint generation = _decoder.Table.Generation;
        _headReader.Begin();
        bool decoded = _decoder.TryDecode(block, _headReader);
        head = _headReader.Head;
        if (decoded && _headReader.Message.IsEmpty && _decoder.Table.Generation == generation)
        {
            _blockCache.Put(block, generation, head);
        }
        else if (decoded && slot >= 0 && head.GrpcStatus != GrpcStatus.Ok)
        {
            KeepText(slot, _headReader.Message);
        }

        return decoded;
    }

    private void OnHead(int slot, ResponseHead head, bool endsStream)
    {
        ref CallSlot call = ref _slots[slot];
        bool isTrailers = (call.State & CallState.HeadersSeen) != 0;
        if (head.IsMalformed || isTrailers == (head.HttpStatus != 0) || (head.HttpStatus is >= 100 and < 200 && endsStream))
        {
            // 8.3: :status stands in the headers, once, and never in trailers; 8.1: an interim response does not end the stream.
            FailStream(slot, Http2ErrorCode.ProtocolError, StreamErrorReason.MalformedHeaders);
            return;
        }

        if (head.HttpStatus is >= 100 and < 200)
        {
            return;
        }

        if (isTrailers && !endsStream)
        {
            FailStream(slot, Http2ErrorCode.ProtocolError, StreamErrorReason.TrailersWithoutEnd);
            return;
        }

        if (!isTrailers)
        {
            call.State |= CallState.HeadersSeen;
            call.HttpStatus = head.HttpStatus;
            call.IsGrpcContent = head.IsGrpcContent;
        }

        if (endsStream)
        {
            EndResponse(slot, head.GrpcStatus);
        }
    }

    /// <summary>The response is complete: decides what it says. <paramref name="grpcStatus"/> is of its last block.</summary>
    private void EndResponse(int slot, byte grpcStatus)
    {
        ref CallSlot call = ref _slots[slot];
        if ((call.State & CallState.RequestEnded) == 0)
        {
            // 8.1: the answer came before the end of the question; the rest need not be sent.
            WriteRstStream(call.StreamId, Http2ErrorCode.Cancel);
        }

        if (grpcStatus == ResponseHead.NoGrpcStatus || !call.IsGrpcContent)
        {
            // A proxy's answer rather than gRPC's: a status of 200 says nothing about the call.
            Finish(slot, StatusMapping.FromHttp(call.HttpStatus), Failure.Protocol);
        }
        else if (grpcStatus == ResponseHead.BadGrpcStatus)
        {
            Finish(slot, GrpcStatus.Unknown, Failure.Protocol);
        }
        else if (grpcStatus == GrpcStatus.Ok && !IsReplyWhole(ref call))
        {
            // OK promises exactly one message to a unary call.
            Finish(slot, GrpcStatus.Internal, Failure.Protocol);
        }
        else if (grpcStatus != GrpcStatus.Ok || !call.IsCompressed || TryUnpackReply(slot, ref call))
        {
            Finish(slot, grpcStatus, StatusMapping.FailureOf(grpcStatus));
        }
    }

    private static bool IsReplyWhole(ref CallSlot call)
        => (call.State & CallState.MessageSeen) != 0 && call.PrefixReceived == 0;

    private void KeepText(int slot, ReadOnlySpan<byte> text)
    {
        _calls.Replies.Append(slot, 0, text);
        _slots[slot].TextLength = text.Length;
    }

    private void FailStream(int slot, Http2ErrorCode code, StreamErrorReason reason)
    {
        _counters.StreamErrors++;
        LastStreamError = reason;
        WriteRstStream(_slots[slot].StreamId, code);
        byte status = reason == StreamErrorReason.MessageTooLarge ? GrpcStatus.ResourceExhausted : GrpcStatus.Internal;
        Finish(slot, status, Failure.Protocol);
    }

    /// <summary>The rule that a peer broke last on one stream.</summary>
    public StreamErrorReason LastStreamError { get; private set; }
}
