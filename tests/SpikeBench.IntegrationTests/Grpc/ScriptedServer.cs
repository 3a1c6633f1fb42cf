using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace SpikeBench.IntegrationTests.Grpc;

/// <summary>
/// A small HTTP/2 server of ours on a loopback port, one thread per connection, that answers each request with a fixed reply and
/// misbehaves as it is told.
/// </summary>
internal sealed class ScriptedServer : IDisposable
{
    private const int HeaderLength = 9;
    private const int PrefaceLength = 24;
    private const byte GoAwayType = 7;
    private static readonly byte[] Settings = [0, 0, 0, 4, 0, 0, 0, 0, 0];
    private static readonly byte[] SettingsAck = [0, 0, 0, 4, 1, 0, 0, 0, 0];
    private static readonly byte[] WideWindow = [0, 0, 4, 8, 0, 0, 0, 0, 0, 0x3f, 0, 0, 0];
    private static readonly byte[] Headers = [0x88, 0x0f, 16, 16, .. "application/grpc"u8];
    private static readonly byte[] Trailers = [0x00, 11, .. "grpc-status"u8, 1, (byte)'0'];
    private static readonly byte[] Message = [0, 0, 0, 0, 2, (byte)'h', (byte)'i'];

    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly List<Socket> _accepted = [];
    private readonly int _port;
    private int _answered;
    private int _connections;
    private int _requests;

    public ScriptedServer(int port = 0)
    {
        _listener.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, port));
        _listener.Listen(64);
        _port = ((IPEndPoint)_listener.LocalEndPoint!).Port;
        Address = new Uri($"http://127.0.0.1:{_port}");
        new Thread(Accept) { IsBackground = true }.Start();
    }

    public Uri Address { get; }

    public int Port => _port;

    /// <summary>GOAWAY follows the answer to this many requests of a connection, as nginx does; what came later is not answered.</summary>
    public int GoAwayAfter { get; init; } = int.MaxValue;

    /// <summary>The code of that GOAWAY.</summary>
    public byte GoAwayCode { get; init; }

    /// <summary>The connection is reset after this many answers.</summary>
    public int DropAfter { get; init; } = int.MaxValue;

    /// <summary>Says nothing at all after accepting.</summary>
    public bool IsSilent { get; init; }

    /// <summary>Takes requests and never answers them.</summary>
    public bool IsMute { get; init; }

    /// <summary>Answers every request with RST_STREAM(INTERNAL_ERROR).</summary>
    public bool ResetsStreams { get; init; }

    /// <summary>The status of every answer; one digit or two.</summary>
    public int Status { get; init; }

    /// <summary>MAX_CONCURRENT_STREAMS of its SETTINGS; null: it sets no limit.</summary>
    public byte? MaxStreams { get; init; }

    /// <summary>How long it thinks about a request, one after the other.</summary>
    public TimeSpan AnswersAfter { get; init; }

    /// <summary>Bytes that are no frame follow this many answers of a connection.</summary>
    public int GarbageAfter { get; init; } = int.MaxValue;

    /// <summary>The whole server dies after this many answers: no connection and nobody listening any more.</summary>
    public int DiesAfter { get; init; } = int.MaxValue;

    /// <summary>What is said instead of HTTP/2, before closing.</summary>
    public byte[]? Greeting { get; init; }

    /// <summary>Waits this long before it begins to read, so that the client's socket fills up.</summary>
    public TimeSpan ReadsAfter { get; init; }

    public int Answered => Volatile.Read(ref _answered);

    /// <summary>Requests that came in whole, answered or not.</summary>
    public int Requests => Volatile.Read(ref _requests);

    public int Connections => Volatile.Read(ref _connections);

    public void Dispose()
    {
        _listener.Dispose();
        lock (_accepted)
        {
            foreach (Socket socket in _accepted)
            {
                // A reset rather than a goodbye; nothing when it is closed already.
                socket.Close(0);
            }
        }
    }

    private void Accept()
    {
        try
        {
            while (true)
            {
                Socket socket = _listener.Accept();
                socket.NoDelay = true;
                Interlocked.Increment(ref _connections);
                lock (_accepted)
                {
                    _accepted.Add(socket);
                }

                new Thread(() => Serve(socket)) { IsBackground = true }.Start();
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Disposed: the test is over.
        }
    }

    private void Serve(Socket socket)
    {
        try
        {
            if (Greeting is not null)
            {
                socket.Send(Greeting);
                socket.Shutdown(SocketShutdown.Send);
                return;
            }

            if (!IsSilent)
            {
                Answer(socket);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or IOException)
        {
            // The client has gone, or the test is over.
        }
    }

    private void Answer(Socket socket)
    {
        using var stream = new NetworkStream(socket, ownsSocket: false);
        stream.Write(MaxStreams is { } most ? [0, 0, 6, 4, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, most] : Settings);
        stream.Write(WideWindow);
        if (ReadsAfter > TimeSpan.Zero)
        {
            using var wait = new ManualResetEventSlim();
            wait.Wait(ReadsAfter);
        }

        stream.ReadExactly(new byte[PrefaceLength]);
        byte[] header = new byte[HeaderLength];
        int answered = 0;
        while (true)
        {
            stream.ReadExactly(header);
            int length = (int)(BinaryPrimitives.ReadUInt32BigEndian(header) >> 8);
            stream.ReadExactly(new byte[length]);
            if (header[3] == 4 && header[4] == 0)
            {
                stream.Write(SettingsAck);
            }

            if (header[3] != 0)
            {
                continue;
            }

            // Both windows at once: the request's bytes are given back as they come.
            if (length > 0)
            {
                stream.Write([.. Frame(8, 0, [0, 0, 0, 0], Word(length)), .. Frame(8, 0, header[5..], Word(length))]);
            }

            if ((header[4] & 1) == 0)
            {
                continue;
            }

            Interlocked.Increment(ref _requests);
            if (IsMute)
            {
                continue;
            }

            if (AnswersAfter > TimeSpan.Zero)
            {
                using var wait = new ManualResetEventSlim();
                wait.Wait(AnswersAfter);
            }

            if (ResetsStreams)
            {
                stream.Write(Frame(3, 0, header[5..], Word(2)));
                continue;
            }

            if (answered >= GarbageAfter)
            {
                stream.Write("\u00ff\u00ff\u00ffthis is no frame at all, whoever reads it"u8);
                return;
            }

            byte[] trailers = Status == 0 ? Trailers : [0x00, 11, .. "grpc-status"u8, (byte)Status.ToString(System.Globalization.CultureInfo.InvariantCulture).Length, .. System.Text.Encoding.ASCII.GetBytes(Status.ToString(System.Globalization.CultureInfo.InvariantCulture))];
            stream.Write(
                [.. Frame(1, 4, header[5..], Headers), .. Frame(0, 0, header[5..], Message), .. Frame(1, 5, header[5..], trailers)]);
            if (Interlocked.Increment(ref _answered) >= DiesAfter)
            {
                Dispose();
                return;
            }

            if (++answered == DropAfter)
            {
                socket.Close(0);
                return;
            }

            if (answered == GoAwayAfter)
            {
                stream.Write(Frame(GoAwayType, 0, [0, 0, 0, 0], [.. header[5..], 0, 0, 0, GoAwayCode]));

                // The rest is read, as a close would otherwise reset what the client has not read yet; it closes first.
                while (socket.Receive(new byte[1 << 16]) > 0)
                {
                }

                return;
            }
        }
    }

    private static byte[] Frame(byte type, byte flags, byte[] streamId, byte[] payload)
        => [0, (byte)(payload.Length >> 8), (byte)payload.Length, type, flags, .. streamId, .. payload];

    private static byte[] Word(int value)
    {
        byte[] word = new byte[sizeof(int)];
        BinaryPrimitives.WriteInt32BigEndian(word, value);
        return word;
    }
}
