using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using SpikeBench.Grpc.Http2;

namespace SpikeBench.Grpc.Epoll;

/// <summary>
/// A socket under an <see cref="Http2Connection"/>, and that connection's place in its lane. Used again after it was closed.
/// </summary>
/// <remarks>
/// The socket object is held, and its handle counted, for as long as the descriptor is in use: a collected one would close the
/// descriptor under the loop, which epoll does not report.
/// </remarks>
internal sealed unsafe class RawConnection(int index, Http2Connection http, EpollSet epoll) : IDisposable
{
    private Socket? _socket;
    private SafeSocketHandle? _handle;
    private int _descriptor = -1;
    private uint _interest;

    public int Index => index;

    public Http2Connection Http => http;

    /// <summary>Grows with every socket: an event of an earlier socket, reported in the same turn, is told by it.</summary>
    public uint Generation { get; private set; }

    public LinkState Link { get; private set; }

    /// <summary>The place in the lane that it serves or is to serve, or −1 when it only drains.</summary>
    public int Position { get; set; } = -1;

    public long ConnectByNs { get; set; }

    public bool IsOffered { get; set; }

    public bool IsDirty { get; set; }

    /// <summary>The socket took no more bytes, and epoll will say when it does again: until then there is no use in trying.</summary>
    public bool IsFull => Link == LinkState.Connected && (_interest & LibC.EpollOut) != 0;

    private long EpollData => ((long)Generation << 32) | (uint)index;

    /// <summary>Begins to connect without waiting; 0, or the errno with which it failed at once.</summary>
    public int BeginConnect(EndPoint target, uint firstStreamId)
    {
        Generation++;
        try
        {
            _socket = target.AddressFamily == AddressFamily.Unix
                ? new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified) { Blocking = false }
                : new Socket(target.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true, Blocking = false };
        }
        catch (SocketException e)
        {
            // No descriptor or no memory for one: a state of this machine that may pass, and no bug.
            return ErrnoOf(e);
        }

        _handle = _socket.SafeHandle;
        bool counted = false;
        _handle.DangerousAddRef(ref counted);
        _descriptor = (int)_handle.DangerousGetHandle();
        Link = LinkState.Connecting;
        _interest = LibC.EpollIn | LibC.EpollOut;
        epoll.Add(_descriptor, _interest, EpollData);
        http.Open(firstStreamId);

        SocketAddress address = target.Serialize();
        fixed (byte* bytes = address.Buffer.Span)
        {
            if (LibC.Connect(_descriptor, bytes, (uint)address.Size) == 0)
            {
                return 0;
            }
        }

        int error = Marshal.GetLastPInvokeError();
        return error == LibC.EInProgress ? 0 : error;
    }

    /// <summary>The socket became writable, or failed: 0 when it is connected now, else the errno.</summary>
    public int EndConnect()
    {
        int error = 0;
        uint length = sizeof(int);
        if (LibC.GetSocketOption(_descriptor, LibC.SolSocket, LibC.SoError, &error, &length) != 0)
        {
            return Marshal.GetLastPInvokeError();
        }

        if (error == 0)
        {
            Link = LinkState.Connected;
        }

        return error;
    }

    /// <summary>Reads once. Positive: bytes. 0: the peer has closed. Negative: nothing now (−EAGAIN), or the negated errno.</summary>
    public int Receive(Span<byte> buffer)
    {
        fixed (byte* bytes = buffer)
        {
            nint count = LibC.Receive(_descriptor, bytes, (nuint)buffer.Length, LibC.MsgDontWait);
            return count >= 0 ? (int)count : -Transient(Marshal.GetLastPInvokeError());
        }
    }

    /// <summary>Writes once, without a signal for a closed peer. Positive: bytes taken. Negative: as <see cref="Receive"/>.</summary>
    public int Send(ReadOnlySpan<byte> buffer)
    {
        fixed (byte* bytes = buffer)
        {
            nint count = LibC.Send(_descriptor, bytes, (nuint)buffer.Length, LibC.MsgDontWait | LibC.MsgNoSignal);
            return count >= 0 ? (int)count : -Transient(Marshal.GetLastPInvokeError());
        }
    }

    /// <summary>Asks to be told when the socket takes bytes again, or no longer.</summary>
    public void WatchWritable(bool watch)
    {
        uint interest = LibC.EpollIn | (watch ? LibC.EpollOut : 0);
        if (interest != _interest)
        {
            _interest = interest;
            epoll.Modify(_descriptor, interest, EpollData);
        }
    }

    public void Close()
    {
        if (_socket is null)
        {
            return;
        }

        epoll.Remove(_descriptor);
        _handle!.DangerousRelease();
        _socket.Dispose();
        _socket = null;
        _handle = null;
        _descriptor = -1;
        Link = LinkState.Closed;
    }

    public void Dispose() => Close();

    private static int ErrnoOf(SocketException e) => e.SocketErrorCode switch
    {
        SocketError.TooManyOpenSockets => LibC.EMFile,
        SocketError.NoBufferSpaceAvailable => LibC.ENoBufs,
        _ => e.NativeErrorCode,
    };

    private static int Transient(int error) => error == LibC.EIntr ? LibC.EAgain : error;
}

/// <summary>The state of a connection's socket.</summary>
internal enum LinkState : byte
{
    Closed,
    Connecting,
    Connected,
}
