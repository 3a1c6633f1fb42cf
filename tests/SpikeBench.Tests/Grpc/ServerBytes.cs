using System.Buffers.Binary;
using System.Text;
using SpikeBench.Grpc.Http2;

namespace SpikeBench.Tests.Grpc;

/// <summary>What a server says, frame by frame; nothing here is checked, so that it can also say what it must not.</summary>
internal sealed class ServerBytes
{
    private readonly List<byte> _bytes = [];

    public byte[] ToArray() => [.. _bytes];

    public ServerBytes Raw(params byte[] bytes)
    {
        _bytes.AddRange(bytes);
        return this;
    }

    public ServerBytes Frame(FrameType type, FrameFlags flags, uint streamId, params byte[] payload)
    {
        byte[] header = new byte[FrameHeader.Size];
        new FrameHeader(payload.Length, type, flags, streamId).TryWrite(header);
        return Raw(header).Raw(payload);
    }

    public ServerBytes Settings(params (ushort Id, uint Value)[] settings)
    {
        byte[] payload = new byte[settings.Length * PeerSettings.EntrySize];
        for (int i = 0; i < settings.Length; i++)
        {
            BinaryPrimitives.WriteUInt16BigEndian(payload.AsSpan(i * PeerSettings.EntrySize), settings[i].Id);
            BinaryPrimitives.WriteUInt32BigEndian(payload.AsSpan(i * PeerSettings.EntrySize + 2), settings[i].Value);
        }

        return Frame(FrameType.Settings, FrameFlags.None, 0, payload);
    }

    public ServerBytes SettingsAck() => Frame(FrameType.Settings, FrameFlags.Ack, 0);

    public ServerBytes Ping(ulong opaque) => Frame(FrameType.Ping, FrameFlags.None, 0, Words((uint)(opaque >> 32), (uint)opaque));

    public ServerBytes WindowUpdate(uint streamId, uint increment) => Frame(FrameType.WindowUpdate, FrameFlags.None, streamId, Words(increment));

    public ServerBytes Reset(uint streamId, Http2ErrorCode code) => Frame(FrameType.RstStream, FrameFlags.None, streamId, Words((uint)code));

    public ServerBytes GoAway(uint lastStreamId, Http2ErrorCode code = Http2ErrorCode.NoError)
        => Frame(FrameType.GoAway, FrameFlags.None, 0, Words(lastStreamId, (uint)code));

    public ServerBytes Headers(uint streamId, bool end, params (string Name, string Value)[] fields)
        => Frame(FrameType.Headers, FrameFlags.EndHeaders | (end ? FrameFlags.EndStream : 0), streamId, Block(fields));

    /// <summary>The headers of a usual gRPC response.</summary>
    public ServerBytes GrpcHeaders(uint streamId) => Headers(streamId, end: false, (":status", "200"), ("content-type", "application/grpc"));

    public ServerBytes Trailers(uint streamId, string status = "0") => Headers(streamId, end: true, ("grpc-status", status));

    public ServerBytes Data(uint streamId, bool end, params byte[] payload)
        => Frame(FrameType.Data, end ? FrameFlags.EndStream : FrameFlags.None, streamId, payload);

    /// <summary>A whole response with one message and status 0.</summary>
    public ServerBytes Reply(uint streamId, string message = "hello")
        => GrpcHeaders(streamId).Data(streamId, end: false, Message(message)).Trailers(streamId);

    public static byte[] Message(string text) => Message(Encoding.UTF8.GetBytes(text));

    public static byte[] Message(byte[] bytes) => [0, .. Words((uint)bytes.Length), .. bytes];

    /// <summary>A header block of literals without indexing.</summary>
    public static byte[] Block(params (string Name, string Value)[] fields)
        => [.. fields.SelectMany(f => (byte[])[0x00, .. Text(f.Name), .. Text(f.Value)])];

    /// <summary>A header block of literals that are put into the dynamic table.</summary>
    public static byte[] IndexingBlock(params (string Name, string Value)[] fields)
        => [.. fields.SelectMany(f => (byte[])[0x40, .. Text(f.Name), .. Text(f.Value)])];

    public static byte[] Words(params uint[] words)
    {
        byte[] bytes = new byte[words.Length * sizeof(uint)];
        for (int i = 0; i < words.Length; i++)
        {
            BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(i * sizeof(uint)), words[i]);
        }

        return bytes;
    }

    private static byte[] Text(string text)
    {
        text.Length.ShouldBeLessThan(127, "longer lengths take more than one byte");
        return [(byte)text.Length, .. Encoding.ASCII.GetBytes(text)];
    }
}
