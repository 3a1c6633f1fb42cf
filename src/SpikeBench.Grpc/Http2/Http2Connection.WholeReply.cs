using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using SpikeBench.Core.Engine;
using SpikeBench.Grpc.Calls;

namespace SpikeBench.Grpc.Http2;

/// <content>
/// The usual reply in one step: three frames of one stream side by side, as most servers write a small one.
/// <code>
/// HEADERS (END_HEADERS) | DATA: one whole message | HEADERS (END_HEADERS, END_STREAM)
/// :status 200           | 0, length, message      | grpc-status 0
/// </code>
/// A third of the work per frame is the same in all three: finding the call, its state, the limits. Here it is done once.
/// </content>
internal sealed partial class Http2Connection
{
    private const int FewestReplyBytes = 3 * FrameHeader.Size + RequestTemplates.PrefixLength;

    // The blocks of the last usual reply that had short ones; lengths of 0, which none has, before there was one.
    private ReplyBlocks _usualBlocks;

    /// <summary>
    /// Ends the call of the reply that <paramref name="bytes"/> begin with; its length. 0, with nothing touched, when they are anything
    /// else or break any rule: then they are handled frame by frame, to the same end.
    /// </summary>
    private int TakeWholeReply(ReadOnlySpan<byte> bytes)
    {
        const uint HeadersType = (uint)FrameType.Headers;
        const uint DataType = (uint)FrameType.Data;
        if (bytes.Length < FewestReplyBytes || _blockStreamId != 0)
        {
            return 0;
        }

        // 4.1: length (24), type (8), flags (8), stream (32).
        uint headers = BinaryPrimitives.ReadUInt32BigEndian(bytes);
        int dataAt = FrameHeader.Size + (int)(headers >> 8);
        if ((byte)headers != HeadersType || bytes[FrameHeader.FlagsOffset] != (byte)FrameFlags.EndHeaders
            || bytes.Length - dataAt < FrameHeader.Size + RequestTemplates.PrefixLength)
        {
            return 0;
        }

        ReadOnlySpan<byte> data = bytes[dataAt..];
        uint dataHeader = BinaryPrimitives.ReadUInt32BigEndian(data);
        int dataLength = (int)(dataHeader >> 8);
        int trailersAt = FrameHeader.Size + dataLength;
        uint streamId = BinaryPrimitives.ReadUInt32BigEndian(bytes[FrameHeader.StreamIdOffset..]);
        if ((byte)dataHeader != DataType || data[FrameHeader.FlagsOffset] != 0 || data.Length - trailersAt < FrameHeader.Size
            || BinaryPrimitives.ReadUInt32BigEndian(data[FrameHeader.StreamIdOffset..]) != streamId)
        {
            return 0;
        }

        ReadOnlySpan<byte> trailers = data[trailersAt..];
        uint trailersHeader = BinaryPrimitives.ReadUInt32BigEndian(trailers);
        int end = FrameHeader.Size + (int)(trailersHeader >> 8);
        if ((byte)trailersHeader != HeadersType || trailers[FrameHeader.FlagsOffset] != (byte)(FrameFlags.EndHeaders | FrameFlags.EndStream)
            || trailers.Length < end || BinaryPrimitives.ReadUInt32BigEndian(trailers[FrameHeader.StreamIdOffset..]) != streamId)
        {
            return 0;
        }

        ReadOnlySpan<byte> message = data[FrameHeader.Size..trailersAt];
        return AreUsual(bytes[FrameHeader.Size..dataAt], trailers[FrameHeader.Size..end]) && TryEnd(streamId, message)
            ? dataAt + trailersAt + end
            : 0;
    }

    // Both blocks are known, and say 200, gRPC and OK. A target says that with the same few bytes every time: those of the last time are
    // compared as two numbers, instead of looking both up.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool AreUsual(ReadOnlySpan<byte> headers, ReadOnlySpan<byte> trailers)
    {
        var blocks = new ReplyBlocks(FirstBytes(headers), FirstBytes(trailers), headers.Length, trailers.Length, _decoder.Table.Generation);
        return blocks == _usualBlocks || AreUsual(headers, trailers, blocks);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool AreUsual(ReadOnlySpan<byte> headers, ReadOnlySpan<byte> trailers, ReplyBlocks blocks)
    {
        if (!_blockCache.TryGet(headers, blocks.Generation, out ResponseHead head)
            || head is not { HttpStatus: 200, IsGrpcContent: true, IsMalformed: false }
            || !_blockCache.TryGet(trailers, blocks.Generation, out ResponseHead tail)
            || tail is not { HttpStatus: 0, GrpcStatus: GrpcStatus.Ok, IsMalformed: false })
        {
            return false;
        }

        if (headers.Length <= sizeof(ulong) && trailers.Length <= sizeof(ulong))
        {
            _usualBlocks = blocks;
        }

        return true;
    }

    // Up to eight bytes of a block, the rest of the number 0.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong FirstBytes(ReadOnlySpan<byte> block) => block.Length switch
    {
        0 => 0,
        1 => block[0],
        < 4 => BinaryPrimitives.ReadUInt16LittleEndian(block) | ((ulong)block[^1] << 16),
        < 8 => BinaryPrimitives.ReadUInt32LittleEndian(block) | ((ulong)BinaryPrimitives.ReadUInt32LittleEndian(block[^4..]) << 32),
        _ => BinaryPrimitives.ReadUInt64LittleEndian(block),
    };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool TryEnd(uint streamId, ReadOnlySpan<byte> message)
    {
        const CallState Request = CallState.RequestEnded | CallState.HeadersSeen;
        int length = message.Length - RequestTemplates.PrefixLength;
        int slot = _streams.Find(streamId);
        if (slot < 0 || streamId == 0 || length < 0 || length > _options.MaxReplyLength || message.Length > FrameHeader.DefaultMaxLength
            || message[0] != 0 || BinaryPrimitives.ReadUInt32BigEndian(message[RequestTemplates.PrefixLengthOffset..]) != (uint)length)
        {
            return false;
        }

        ref CallSlot call = ref _slots[slot];
        if ((call.State & Request) != CallState.RequestEnded || call.ReceiveWindow.Available < message.Length
            || !_receiveWindow.TryTake(message.Length))
        {
            return false;
        }

        if (_receiveWindow.TakeUpdate() is > 0 and int increment)
        {
            WriteWindowUpdate(streamId: 0, increment);
        }

        _calls.Replies.Append(slot, 0, message[RequestTemplates.PrefixLength..]);
        call.ReplyReceived = length;
        Finish(slot, GrpcStatus.Ok, Failure.None);
        return true;
    }

    /// <summary>Both header blocks of a reply, of eight bytes at most, and the state of the table that they refer to.</summary>
    private readonly record struct ReplyBlocks(ulong Headers, ulong Trailers, int HeadersLength, int TrailersLength, uint Generation);
}
