using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace SpikeBench.Grpc.Http2;

/// <summary>
/// Bytes on their way to one socket: written behind, sent from the front. Fixed and pinned, so that sending copies and allocates nothing.
/// </summary>
internal sealed class SendBuffer(int capacity)
{
    private readonly byte[] _bytes = GC.AllocateUninitializedArray<byte>(capacity, pinned: true);
    private int _start;
    private int _end;

    /// <summary>Bytes not yet sent.</summary>
    public int Length => _end - _start;

    /// <summary>What is to be sent next.</summary>
    public ReadOnlySpan<byte> Pending => _bytes.AsSpan(_start, _end - _start);

    /// <summary>Room behind the pending bytes for at least <paramref name="bytes"/>; empty when there is none.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Span<byte> Reserve(int bytes)
        => _bytes.Length - _end >= bytes ? _bytes.AsSpan(_end) : MakeRoom(bytes);

    /// <summary>Counts bytes written into the last <see cref="Reserve"/>.</summary>
    public void Commit(int bytes)
    {
        Debug.Assert(_end + bytes <= _bytes.Length, $"{bytes} bytes were not reserved.");
        _end += bytes;
    }

    /// <summary>Forgets bytes from the front that were sent.</summary>
    public void Sent(int bytes)
    {
        Debug.Assert(bytes <= Length, $"{bytes} of {Length} bytes sent.");
        _start += bytes;
        if (_start == _end)
        {
            Clear();
        }
    }

    public void Clear()
    {
        _start = 0;
        _end = 0;
    }

    private Span<byte> MakeRoom(int bytes)
    {
        if (_bytes.Length - Length < bytes)
        {
            return default;
        }

        Pending.CopyTo(_bytes);
        _end -= _start;
        _start = 0;
        return _bytes.AsSpan(_end);
    }
}
