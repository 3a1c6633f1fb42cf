using SpikeBench.Core.Engine;
using SpikeBench.Grpc.Http2;

namespace SpikeBench.Tests.Grpc;

/// <summary>A reply that arrives in one piece is taken in one step: with the same end as frame by frame, whatever is in it.</summary>
public sealed class WholeReplyTests
{
    private static readonly byte[] Ok = ServerBytes.Block(("grpc-status", "0"));
    private static readonly byte[] Head = ServerBytes.Block((":status", "200"), ("content-type", "application/grpc"));
    private static readonly byte[] HeadOfHtml = ServerBytes.Block((":status", "200"), ("content-type", "text/html"));

    public static TheoryData<string> Variants => [.. Replies.Keys];

    // The second call's reply; the first call's, a usual one, came before and is known. Messages are 20 bytes unless said.
    private static Dictionary<string, byte[]> Replies { get; } = new(StringComparer.Ordinal)
    {
        ["usual"] = Reply(3, Head, Message(20), Ok),
        ["empty message"] = Reply(3, Head, Message(0), Ok),
        ["message beyond the inline store"] = Reply(3, Head, Message(2_000), Ok),
        ["message above what is taken"] = Reply(3, Head, Message(5_000), Ok),
        ["message above the stream's window"] = Reply(3, Head, Message(9_000), Ok),
        ["frame above what we allow"] = Reply(3, Head, Message(17_000), Ok),
        ["two messages in one frame"] = Reply(3, Head, [.. Message(3), .. Message(4)], Ok),
        ["half a message"] = Reply(3, Head, Message(20)[..10], Ok),
        ["less than a prefix"] = Reply(3, Head, [0, 0, 0], Ok),
        ["no message"] = Reply(3, Head, [], Ok),
        ["compressed"] = Reply(3, Head, [1, .. Message(20)[1..]], Ok),
        ["length beyond the frame"] = Reply(3, Head, [0, 0xff, 0xff, 0xff, 0xff, 1, 2], Ok),
        ["status 5"] = Reply(3, Head, Message(20), ServerBytes.Block(("grpc-status", "5"))),
        ["no status"] = Reply(3, Head, Message(20), ServerBytes.Block(("x", "y"))),
        ["not gRPC"] = Reply(3, HeadOfHtml, Message(20), Ok),
        ["headers as trailers"] = Reply(3, Head, Message(20), Head),
        ["trailers as headers"] = Reply(3, Ok, Message(20), Ok),
        ["stream 0"] = Reply(0, Head, Message(20), Ok),
        ["idle stream"] = Reply(99, Head, Message(20), Ok),
        ["even stream"] = Reply(2, Head, Message(20), Ok),
        ["stream that has ended"] = [.. Reply(1, Head, Message(20), Ok), .. Reply(3, Head, Message(20), Ok)],
        ["reserved bit"] = Reply(0x8000_0003, Head, Message(20), Ok),
        ["DATA of another stream"] = Mixed(3, 5, 3),
        ["trailers of another stream"] = Mixed(3, 3, 5),
        ["DATA ends the stream"] = Frames(3, FrameFlags.EndHeaders, FrameFlags.EndStream, FrameFlags.EndHeaders | FrameFlags.EndStream),
        ["HEADERS end the stream"] = Frames(3, FrameFlags.EndHeaders | FrameFlags.EndStream, 0, FrameFlags.EndHeaders | FrameFlags.EndStream),
        ["trailers do not end it"] = Frames(3, FrameFlags.EndHeaders, 0, FrameFlags.EndHeaders),
        ["padded DATA"] = Frames(3, FrameFlags.EndHeaders, FrameFlags.Padded, FrameFlags.EndHeaders | FrameFlags.EndStream),
        ["CONTINUATION wanted"] = Frames(3, FrameFlags.None, 0, FrameFlags.EndHeaders | FrameFlags.EndStream),
        ["twice"] = [.. Reply(3, Head, Message(20), Ok), .. Reply(3, Head, Message(20), Ok)],
    };

    [Theory]
    [MemberData(nameof(Variants))]
    public void Reply_in_one_piece_ends_as_it_does_byte_by_byte(string variant)
    {
        byte[] bytes = Replies[variant];
        WireClient whole = Waiting();
        WireClient pieces = Waiting();

        whole.Receive(bytes);
        foreach (byte one in bytes)
        {
            pieces.Receive([one]);
        }

        whole.Ended.ShouldBe(pieces.Ended);
        whole.Ended.Where(e => e.Failure == Failure.None).Select(whole.ReplyOf).ShouldBe(pieces.Ended.Where(e => e.Failure == Failure.None).Select(pieces.ReplyOf));
        whole.Connection.State.ShouldBe(pieces.Connection.State);
        whole.Connection.Error.ShouldBe(pieces.Connection.Error);
        whole.Connection.CallCount.ShouldBe(pieces.Connection.CallCount);
        whole.TakeFrames().Select(f => (f.Header, Convert.ToHexString(f.Payload))).ShouldBe(pieces.TakeFrames().Select(f => (f.Header, Convert.ToHexString(f.Payload))));
    }

    [Fact]
    public void Usual_reply_ends_its_call_with_its_message()
    {
        WireClient client = Waiting();

        client.Receive(new ServerBytes().Reply(3, "good evening").Reply(5, "good night"));

        client.Ended.Skip(1).Select(client.ReplyOf).ShouldBe(["good evening", "good night"]);
    }

    // The first of three calls has had its reply, from which the usual blocks are known.
    private static WireClient Waiting()
    {
        WireClient client = WireClient.Ready(
            new Http2Options { MaxStreams = 8, MaxReplyLength = 4_000, StreamWindow = 8_000, ConnectionWindow = 100_000 });
        for (int slot = 0; slot < 3; slot++)
        {
            client.Start(slot);
        }

        client.TakeFrames();
        client.Receive(Reply(1, Head, Message(20), Ok));
        client.Receive(Reply(1, HeadOfHtml, [], Ok));
        client.Ended.ShouldHaveSingleItem();
        return client;
    }

    private static byte[] Message(int length) => ServerBytes.Message(new string('m', length));

    private static byte[] Reply(uint streamId, byte[] headers, byte[] data, byte[] trailers) => new ServerBytes()
        .Frame(FrameType.Headers, FrameFlags.EndHeaders, streamId, headers)
        .Frame(FrameType.Data, FrameFlags.None, streamId, data)
        .Frame(FrameType.Headers, FrameFlags.EndHeaders | FrameFlags.EndStream, streamId, trailers)
        .ToArray();

    private static byte[] Mixed(uint headers, uint data, uint trailers) => new ServerBytes()
        .Frame(FrameType.Headers, FrameFlags.EndHeaders, headers, Head)
        .Frame(FrameType.Data, FrameFlags.None, data, Message(20))
        .Frame(FrameType.Headers, FrameFlags.EndHeaders | FrameFlags.EndStream, trailers, Ok)
        .ToArray();

    private static byte[] Frames(uint streamId, FrameFlags headers, FrameFlags data, FrameFlags trailers) => new ServerBytes()
        .Frame(FrameType.Headers, headers, streamId, Head)
        .Frame(FrameType.Data, data, streamId, Message(20))
        .Frame(FrameType.Headers, trailers, streamId, Ok)
        .ToArray();
}
