using System.Buffers.Binary;
using SpikeBench.Grpc.Http2;

namespace SpikeBench.Grpc.Calls;

/// <summary>
/// What stands before a request's message, ready to copy: the whole HEADERS frame and the header of the DATA frame. Per operation
/// the last one is kept; from one call to the next only the stream's id differs.
/// </summary>
internal sealed class RequestHeads
{
    private readonly byte[] _bytes;
    private readonly int _stride;
    private readonly Entry[] _entries;

    public RequestHeads(int operations, int maxLength)
    {
        _stride = maxLength;
        _bytes = new byte[operations * _stride];
        _entries = new Entry[operations];
        Array.Fill(_entries, new Entry(0, -1, 0, 0));
    }

    /// <summary>Writes the kept frames with a stream's id in them; their length, or 0 when what is kept differs in anything else.</summary>
    /// <param name="operation">The operation.</param>
    /// <param name="messageLength">Bytes of the DATA frame.</param>
    /// <param name="headers">Version of the header block.</param>
    /// <param name="timeout">Version of the timeout behind it.</param>
    /// <param name="streamId">The call's stream.</param>
    /// <param name="destination">Has room for them.</param>
    public int Write(int operation, int messageLength, uint headers, uint timeout, uint streamId, Span<byte> destination)
    {
        ref readonly Entry kept = ref _entries[operation];
        if (kept.MessageLength != messageLength || kept.Timeout != timeout || kept.Headers != headers)
        {
            return 0;
        }

        _bytes.AsSpan(operation * _stride, kept.Length).CopyTo(destination);
        BinaryPrimitives.WriteUInt32BigEndian(destination[FrameHeader.StreamIdOffset..], streamId);
        BinaryPrimitives.WriteUInt32BigEndian(destination[(kept.Length - sizeof(uint))..], streamId);
        return kept.Length;
    }

    /// <summary>Keeps the frames that were just written.</summary>
    public void Keep(int operation, int messageLength, uint headers, uint timeout, ReadOnlySpan<byte> frames)
    {
        frames.CopyTo(_bytes.AsSpan(operation * _stride));
        _entries[operation] = new Entry(frames.Length, messageLength, headers, timeout);
    }

    /// <summary>Forgets all, as at a connection's start.</summary>
    public void Clear() => Array.Fill(_entries, new Entry(0, -1, 0, 0));

    private readonly record struct Entry(int Length, int MessageLength, uint Headers, uint Timeout);
}
