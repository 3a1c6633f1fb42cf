using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace SpikeBench.Grpc.Http2;

/// <summary>
/// A window for sending DATA (RFC 9113, 5.2 and 6.9): how many bytes the peer is ready to take.
/// </summary>
/// <remarks>
/// It may be negative: SETTINGS_INITIAL_WINDOW_SIZE can shrink below what was already sent, and the sender then waits until
/// WINDOW_UPDATEs lift it above zero again (6.9.2).
/// </remarks>
internal struct FlowWindow(int initial)
{
    /// <summary>The largest window, 2^31 − 1 (6.9.1).</summary>
    public const int Max = int.MaxValue;

    /// <summary>Both windows of a new connection until the peer says otherwise (6.9.2).</summary>
    public const int Default = 65_535;

    /// <summary>Bytes that may be sent now; negative after a shrink.</summary>
    public int Available { get; private set; } = initial;

    /// <summary>Takes <paramref name="bytes"/> out of the window for DATA that is being sent.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Spend(int bytes)
    {
        Debug.Assert(bytes >= 0, $"{bytes} bytes cannot be spent.");
        Debug.Assert(bytes <= Math.Max(0, Available), $"{bytes} bytes do not fit in a window of {Available}.");
        Available -= bytes;
    }

    /// <summary>Adds a WINDOW_UPDATE's increment or a setting's difference; false when the window would pass 2^31 − 1.</summary>
    public bool TryAdd(int bytes)
    {
        long sum = (long)Available + bytes;
        if (sum > Max)
        {
            return false;
        }

        Debug.Assert(sum >= int.MinValue, $"A window of {sum}: settings cannot shrink it below -(2^31 - 1).");
        Available = (int)sum;
        return true;
    }
}

/// <summary>
/// A window for receiving DATA: what the peer may still send, and what we have taken but not yet given back.
/// Given back in one WINDOW_UPDATE once half of the window is used, so that a busy stream costs few frames and never stops.
/// </summary>
internal struct ReceiveWindow(int size)
{
    private readonly int _size = size;
    private int _used;

    /// <summary>Bytes the peer may send before the next WINDOW_UPDATE.</summary>
    public readonly int Available => _size - _used;

    /// <summary>Counts received bytes, padding included (RFC 9113, 6.9.1); false when the peer overran the window.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryTake(int bytes)
    {
        Debug.Assert(bytes >= 0, $"{bytes} bytes cannot be received.");
        if (bytes > Available)
        {
            return false;
        }

        _used += bytes;
        return true;
    }

    /// <summary>The increment to announce now, or 0 while less than half of the window is used.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int TakeUpdate()
    {
        if (_used < _size / 2 + 1)
        {
            return 0;
        }

        int increment = _used;
        _used = 0;
        return increment;
    }
}
