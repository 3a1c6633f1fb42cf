using System.Text;

namespace SpikeBench.IntegrationTests.Grpc;

/// <summary>Messages of grpc.testing (interop/test.proto) by hand: what the driver sends is bytes, and the test knows each of them.</summary>
internal static class InteropMessages
{
    private const int LengthDelimited = 2;

    /// <summary>SimpleRequest.</summary>
    public static byte[] Simple(
        int responseSize = 0, int payload = 0, bool fillUsername = false, bool responseCompressed = false, (int Code, string Message)? status = null) =>
    [
        .. Number(2, responseSize),
        .. payload == 0 ? [] : Chunk(3, Chunk(2, new byte[payload])),
        .. Number(4, fillUsername ? 1 : 0),
        .. responseCompressed ? Chunk(6, Number(1, 1)) : [],
        .. status is { } s ? Chunk(7, [.. Number(1, s.Code), .. Chunk(2, Encoding.UTF8.GetBytes(s.Message))]) : [],
    ];

    /// <summary>StreamingOutputCallRequest: so many replies of one byte, each after a while.</summary>
    public static byte[] Stream(int replies, TimeSpan interval)
        => [.. Enumerable.Repeat(Chunk(2, [.. Number(1, 1), .. Number(2, (int)interval.TotalMicroseconds)]), replies).SelectMany(b => b)];

    /// <summary>SimpleResponse's payload.body length and username.</summary>
    public static (int Body, string Username) ReadSimple(ReadOnlySpan<byte> reply)
    {
        int body = 0;
        string username = "";
        while (!reply.IsEmpty)
        {
            int key = Varint(ref reply);
            int length = Varint(ref reply);
            ReadOnlySpan<byte> part = reply[..length];
            if (key >> 3 == 2)
            {
                username = Encoding.UTF8.GetString(part);
            }
            else
            {
                body = BodyOf(part);
            }

            reply = reply[length..];
        }

        return (body, username);
    }

    private static int BodyOf(ReadOnlySpan<byte> payload)
    {
        if (payload.IsEmpty)
        {
            return 0;
        }

        Varint(ref payload);
        int length = Varint(ref payload);
        payload.Length.ShouldBe(length);
        return length;
    }

    private static byte[] Number(int field, int value) => value == 0 ? [] : [.. Varint(field << 3), .. Varint(value)];

    private static byte[] Chunk(int field, byte[] bytes) => [.. Varint((field << 3) | LengthDelimited), .. Varint(bytes.Length), .. bytes];

    private static List<byte> Varint(int value)
    {
        List<byte> bytes = [];
        for (; value >= 0x80; value >>= 7)
        {
            bytes.Add((byte)(value | 0x80));
        }

        bytes.Add((byte)value);
        return bytes;
    }

    private static int Varint(ref ReadOnlySpan<byte> bytes)
    {
        int value = 0;
        for (int shift = 0; ; shift += 7)
        {
            byte b = bytes[0];
            bytes = bytes[1..];
            value |= (b & 0x7f) << shift;
            if (b < 0x80)
            {
                return value;
            }
        }
    }
}
