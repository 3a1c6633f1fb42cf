using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace SpikeBench.DriverBench;

/// <summary>
/// A target that costs next to nothing: one thread with a blocking socket per connection, which finds the end of each request and
/// answers it with canned HEADERS, DATA and trailers. It understands as little of HTTP/2 as clients let it get away with.
/// </summary>
internal static class NullTarget
{
    private const int HeaderLength = 9;
    private const int PrefaceLength = 24;
    private const int LengthAndTypeBytes = 4;
    private const int FlagsOffset = 4;
    private const int StreamIdOffset = 5;
    private const byte DataType = 0;
    private const byte SettingsType = 4;
    private const byte PingType = 6;
    private const byte EndStreamOrAck = 1;

    /// <summary>The connection's window is raised by this much at the start and after each use of it.</summary>
    private const int WindowIncrement = 0x7fff_0000 - 65_535;

    private static readonly byte[] Settings = [0, 0, 0, 4, 0, 0, 0, 0, 0];
    private static readonly byte[] SettingsAck = [0, 0, 0, 4, 1, 0, 0, 0, 0];

    // :status 200 and content-type, grpc-status 0: literals that teach the client's table, and from then on indices into it.
    private static readonly byte[] FirstReply = Reply(
        [0x88, 0x5f, 16, .. "application/grpc"u8], [0x40, 11, .. "grpc-status"u8, 1, (byte)'0']);
    private static readonly byte[] NextReply = Reply([0x88, 0xbf], [0xbe]);

    public static void Run()
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(512);
        Console.WriteLine($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndPoint!).Port}");
        while (true)
        {
            Socket connection = listener.Accept();
            new Thread(() => Serve(connection)) { IsBackground = true }.Start();
        }
    }

    private static void Serve(Socket socket)
    {
        using (socket)
        {
            try
            {
                ServeUntilClosed(socket);
            }
            catch (SocketException)
            {
                // The client went away without a word, as clients of a benchmark do.
            }
        }
    }

    private static void ServeUntilClosed(Socket socket)
    {
        socket.NoDelay = true;
        byte[] input = new byte[1 << 18];
        byte[] output = new byte[1 << 20];
        int have = 0;
        int at = 0;
        bool prefaceSeen = false;
        bool taught = false;
        long windowUsed = 0;
        int pending = Put(output, 0, Settings);
        pending = PutWindowUpdate(output, pending);
        while (true)
        {
            if (pending > 0)
            {
                for (int sent = 0; sent < pending;)
                {
                    sent += socket.Send(output, sent, pending - sent, SocketFlags.None);
                }

                pending = 0;
            }

            input.AsSpan(at, have - at).CopyTo(input);
            have -= at;
            at = 0;
            int count = socket.Receive(input, have, input.Length - have, SocketFlags.None);
            if (count == 0)
            {
                return;
            }

            have += count;
            if (!prefaceSeen)
            {
                if (have < PrefaceLength)
                {
                    continue;
                }

                prefaceSeen = true;
                at = PrefaceLength;
            }

            while (have - at >= HeaderLength)
            {
                ReadOnlySpan<byte> frame = input.AsSpan(at, have - at);
                uint lengthAndType = BinaryPrimitives.ReadUInt32BigEndian(frame[..LengthAndTypeBytes]);
                int length = (int)(lengthAndType >> 8);
                if (frame.Length < HeaderLength + length)
                {
                    break;
                }

                byte flags = frame[FlagsOffset];
                switch ((byte)lengthAndType)
                {
                    case DataType:
                        windowUsed += length;
                        if ((flags & EndStreamOrAck) != 0)
                        {
                            pending = PutReply(output, pending, frame.Slice(StreamIdOffset, sizeof(uint)), taught);
                            taught = true;
                        }

                        break;
                    case SettingsType when (flags & EndStreamOrAck) == 0:
                        pending = Put(output, pending, SettingsAck);
                        break;
                    case PingType when (flags & EndStreamOrAck) == 0:
                        frame[..(HeaderLength + length)].CopyTo(output.AsSpan(pending));
                        output[pending + FlagsOffset] = EndStreamOrAck;
                        pending += HeaderLength + length;
                        break;
                }

                at += HeaderLength + length;
            }

            if (windowUsed > WindowIncrement)
            {
                windowUsed -= WindowIncrement;
                pending = PutWindowUpdate(output, pending);
            }
        }
    }

    private static int PutReply(byte[] output, int at, ReadOnlySpan<byte> streamId, bool taught)
    {
        byte[] reply = taught ? NextReply : FirstReply;
        int end = Put(output, at, reply);
        for (int frame = at; frame < end;)
        {
            streamId.CopyTo(output.AsSpan(frame + StreamIdOffset));
            frame += HeaderLength + (int)(BinaryPrimitives.ReadUInt32BigEndian(output.AsSpan(frame)) >> 8);
        }

        return end;
    }

    private static int PutWindowUpdate(byte[] output, int at)
    {
        byte[] frame = [0, 0, 4, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(HeaderLength), WindowIncrement);
        return Put(output, at, frame);
    }

    private static int Put(byte[] output, int at, byte[] bytes)
    {
        bytes.CopyTo(output, at);
        return at + bytes.Length;
    }

    // A message of 20 bytes between the two blocks.
    private static byte[] Reply(byte[] headers, byte[] trailers)
        =>
        [
            0, 0, (byte)headers.Length, 1, 4, 0, 0, 0, 0, .. headers,
            0, 0, 25, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 20, .. "Happy new year, 2020"u8,
            0, 0, (byte)trailers.Length, 1, 5, 0, 0, 0, 0, .. trailers,
        ];
}
