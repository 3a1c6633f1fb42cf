using System.Buffers.Binary;
using SpikeBench.Core.Engine;
using SpikeBench.Grpc.Http2;

namespace SpikeBench.Tests.Grpc;

/// <summary>A server that breaks the rules, one rule at a time: what ends, with which code, and what lives on.</summary>
public sealed class HostileServerTests
{
    private static readonly byte[] Garbage = [0xff, 0xff, 0xff, 0xff];

    public static TheoryData<string> ConnectionErrors => [.. Violations.Keys];

    private static readonly Dictionary<string, (Func<ServerBytes, ServerBytes> Say, Http2ErrorCode Code, ConnectionErrorReason Reason)>
        Violations = new()
        {
            ["a frame beyond 16 KiB"] = (s => s.Data(1, false, new byte[16_385]), Http2ErrorCode.FrameSizeError, ConnectionErrorReason.FrameTooLarge),
            ["DATA on stream 0"] = (s => s.Data(0, false, 1), Http2ErrorCode.ProtocolError, ConnectionErrorReason.FrameOnWrongStream),
            ["DATA on an idle stream"] = (s => s.Data(99, false, 1), Http2ErrorCode.ProtocolError, ConnectionErrorReason.FrameOnIdleStream),
            ["DATA on a server's stream"] = (s => s.Data(2, false, 1), Http2ErrorCode.ProtocolError, ConnectionErrorReason.FrameOnIdleStream),
            ["HEADERS on stream 0"] = (s => s.GrpcHeaders(0), Http2ErrorCode.ProtocolError, ConnectionErrorReason.FrameOnWrongStream),
            ["HEADERS on an idle stream"] = (s => s.GrpcHeaders(99), Http2ErrorCode.ProtocolError, ConnectionErrorReason.FrameOnIdleStream),
            ["HEADERS too short for priority"] = (
                s => s.Frame(FrameType.Headers, FrameFlags.EndHeaders | FrameFlags.Priority, 1, 1, 2),
                Http2ErrorCode.FrameSizeError, ConnectionErrorReason.FrameHasWrongLength),
            ["padding longer than the frame"] = (
                s => s.Frame(FrameType.Data, FrameFlags.Padded, 1, 5, 1, 2), Http2ErrorCode.ProtocolError, ConnectionErrorReason.PaddingTooLong),
            ["padding without a length"] = (
                s => s.Frame(FrameType.Headers, FrameFlags.Padded, 1), Http2ErrorCode.ProtocolError, ConnectionErrorReason.PaddingTooLong),
            ["a malformed header block"] = (
                s => s.Frame(FrameType.Headers, FrameFlags.EndHeaders, 1, Garbage),
                Http2ErrorCode.CompressionError, ConnectionErrorReason.HeaderBlockMalformed),
            ["a malformed header block on an ended stream"] = (
                s => s.Reset(1, Http2ErrorCode.Cancel).Frame(FrameType.Headers, FrameFlags.EndHeaders, 1, Garbage),
                Http2ErrorCode.CompressionError, ConnectionErrorReason.HeaderBlockMalformed),
            ["a frame between HEADERS and CONTINUATION"] = (
                s => s.Frame(FrameType.Headers, 0, 1, 0x88).Ping(1), Http2ErrorCode.ProtocolError, ConnectionErrorReason.HeaderBlockInterrupted),
            ["CONTINUATION of another stream"] = (
                s => s.Frame(FrameType.Headers, 0, 1, 0x88).Frame(FrameType.Continuation, FrameFlags.EndHeaders, 3, 0x88),
                Http2ErrorCode.ProtocolError, ConnectionErrorReason.HeaderBlockInterrupted),
            ["CONTINUATION alone"] = (
                s => s.Frame(FrameType.Continuation, FrameFlags.EndHeaders, 1, 0x88),
                Http2ErrorCode.ProtocolError, ConnectionErrorReason.ContinuationWithoutHeaders),
            ["a header block without end"] = (
                s => Enumerable.Range(0, 4).Aggregate(
                    s.Frame(FrameType.Headers, 0, 1, 0x88), (t, _) => t.Frame(FrameType.Continuation, 0, 1, new byte[16_000])),
                Http2ErrorCode.EnhanceYourCalm, ConnectionErrorReason.HeaderBlockTooLarge),
            ["PUSH_PROMISE"] = (
                s => s.Frame(FrameType.PushPromise, FrameFlags.EndHeaders, 1, 0, 0, 0, 2, 0x88),
                Http2ErrorCode.ProtocolError, ConnectionErrorReason.PushWithoutPermission),
            ["PING of the wrong length"] = (
                s => s.Frame(FrameType.Ping, 0, 0, 1, 2, 3), Http2ErrorCode.FrameSizeError, ConnectionErrorReason.FrameHasWrongLength),
            ["PING on a stream"] = (
                s => s.Frame(FrameType.Ping, 0, 1, new byte[8]), Http2ErrorCode.ProtocolError, ConnectionErrorReason.FrameOnWrongStream),
            ["SETTINGS of the wrong length"] = (
                s => s.Frame(FrameType.Settings, 0, 0, 1, 2, 3), Http2ErrorCode.FrameSizeError, ConnectionErrorReason.FrameHasWrongLength),
            ["SETTINGS on a stream"] = (
                s => s.Frame(FrameType.Settings, 0, 1), Http2ErrorCode.ProtocolError, ConnectionErrorReason.FrameOnWrongStream),
            ["SETTINGS acknowledgement with entries"] = (
                s => s.Frame(FrameType.Settings, FrameFlags.Ack, 0, new byte[6]),
                Http2ErrorCode.FrameSizeError, ConnectionErrorReason.FrameHasWrongLength),
            ["push enabled by a server"] = (
                s => s.Settings((PeerSettings.EnablePushId, 1)), Http2ErrorCode.ProtocolError, ConnectionErrorReason.SettingOutOfRange),
            ["a frame size below 16 KiB"] = (
                s => s.Settings((PeerSettings.MaxFrameSizeId, 100)), Http2ErrorCode.ProtocolError, ConnectionErrorReason.SettingOutOfRange),
            ["a stream window beyond 2^31-1"] = (
                s => s.Settings((PeerSettings.InitialWindowSizeId, 0x8000_0000)),
                Http2ErrorCode.FlowControlError, ConnectionErrorReason.SettingOutOfRange),
            ["WINDOW_UPDATE by zero"] = (
                s => s.WindowUpdate(0, 0), Http2ErrorCode.ProtocolError, ConnectionErrorReason.WindowUpdateOfZero),
            ["WINDOW_UPDATE beyond 2^31-1"] = (
                s => s.WindowUpdate(0, int.MaxValue), Http2ErrorCode.FlowControlError, ConnectionErrorReason.WindowOverflow),
            ["WINDOW_UPDATE of the wrong length"] = (
                s => s.Frame(FrameType.WindowUpdate, 0, 0, 1), Http2ErrorCode.FrameSizeError, ConnectionErrorReason.FrameHasWrongLength),
            ["WINDOW_UPDATE on an idle stream"] = (
                s => s.WindowUpdate(99, 1), Http2ErrorCode.ProtocolError, ConnectionErrorReason.FrameOnIdleStream),
            ["RST_STREAM of the wrong length"] = (
                s => s.Frame(FrameType.RstStream, 0, 1, 1), Http2ErrorCode.FrameSizeError, ConnectionErrorReason.FrameHasWrongLength),
            ["RST_STREAM on an idle stream"] = (
                s => s.Reset(99, Http2ErrorCode.Cancel), Http2ErrorCode.ProtocolError, ConnectionErrorReason.FrameOnIdleStream),
            ["GOAWAY of the wrong length"] = (
                s => s.Frame(FrameType.GoAway, 0, 0, 1), Http2ErrorCode.FrameSizeError, ConnectionErrorReason.FrameHasWrongLength),
            ["GOAWAY on a stream"] = (
                s => s.Frame(FrameType.GoAway, 0, 1, new byte[8]), Http2ErrorCode.ProtocolError, ConnectionErrorReason.FrameOnWrongStream),
            ["GOAWAY that raises the last stream"] = (
                s => s.GoAway(3).GoAway(5), Http2ErrorCode.ProtocolError, ConnectionErrorReason.GoAwayRaisedLastStream),
            ["PRIORITY on stream 0"] = (
                s => s.Frame(FrameType.Priority, 0, 0, new byte[5]), Http2ErrorCode.ProtocolError, ConnectionErrorReason.FrameOnWrongStream),
            ["PINGs without end while nothing is read"] = (
                s => Enumerable.Range(0, 8000).Aggregate(s, (t, i) => t.Ping((ulong)i)),
                Http2ErrorCode.EnhanceYourCalm, ConnectionErrorReason.TooManyUnreadReplies),
        };

    [Theory]
    [MemberData(nameof(ConnectionErrors))]
    public void Connection_ends_with_its_code_and_every_call_with_it_when_the_server_sends(string violation)
    {
        (Func<ServerBytes, ServerBytes> say, Http2ErrorCode code, ConnectionErrorReason reason) = Violations[violation];

        WireClient client = WireClient.Ready();
        client.Start(slot: 0);
        client.Start(slot: 1);
        client.Connection.Receive(say(new ServerBytes()).ToArray());

        client.Connection.State.ShouldBe(Http2State.Failed);
        client.Connection.Error.ShouldBe(new ConnectionError(code, reason));
        client.Connection.Error.Describe().ShouldNotBeEmpty();
        if (reason != ConnectionErrorReason.TooManyUnreadReplies)
        {
            SentFrame goodbye = client.TakeFrames()[^1];
            goodbye.Type.ShouldBe(FrameType.GoAway);
            BinaryPrimitives.ReadUInt32BigEndian(goodbye.Payload.AsSpan(4)).ShouldBe((uint)code);
        }

        client.Connection.Lose();
        client.TakeEvents();
        client.Ended.Select(e => e.Slot).Order().ShouldBe([0, 1]);
        client.Ended[^1].Status.ShouldBeOneOf(GrpcStatus.Internal, GrpcStatus.Unavailable);
    }

    public static TheoryData<string> StreamErrors => [.. StreamViolations.Keys];

    private static readonly Dictionary<string, (Func<ServerBytes, ServerBytes> Say, Http2ErrorCode Code, StreamErrorReason Reason, byte Status)>
        StreamViolations = new()
        {
            ["DATA before HEADERS"] = (
                s => s.Data(1, false, 1), Http2ErrorCode.ProtocolError, StreamErrorReason.DataBeforeHeaders, GrpcStatus.Internal),
            ["trailers that do not end the stream"] = (
                s => s.GrpcHeaders(1).Headers(1, false, ("grpc-status", "0")),
                Http2ErrorCode.ProtocolError, StreamErrorReason.TrailersWithoutEnd, GrpcStatus.Internal),
            ["headers without :status"] = (
                s => s.Headers(1, false, ("content-type", "application/grpc")),
                Http2ErrorCode.ProtocolError, StreamErrorReason.MalformedHeaders, GrpcStatus.Internal),
            [":status twice"] = (
                s => s.Headers(1, false, (":status", "200"), (":status", "200")),
                Http2ErrorCode.ProtocolError, StreamErrorReason.MalformedHeaders, GrpcStatus.Internal),
            [":status behind a field"] = (
                s => s.Headers(1, false, ("server", "x"), (":status", "200")),
                Http2ErrorCode.ProtocolError, StreamErrorReason.MalformedHeaders, GrpcStatus.Internal),
            [":status in trailers"] = (
                s => s.GrpcHeaders(1).Headers(1, true, (":status", "200"), ("grpc-status", "0")),
                Http2ErrorCode.ProtocolError, StreamErrorReason.MalformedHeaders, GrpcStatus.Internal),
            ["a :status that is no number"] = (
                s => s.Headers(1, false, (":status", "abc")),
                Http2ErrorCode.ProtocolError, StreamErrorReason.MalformedHeaders, GrpcStatus.Internal),
            ["an interim response that ends the stream"] = (
                s => s.Headers(1, true, (":status", "100")),
                Http2ErrorCode.ProtocolError, StreamErrorReason.MalformedHeaders, GrpcStatus.Internal),
            ["WINDOW_UPDATE by zero"] = (
                s => s.WindowUpdate(1, 0), Http2ErrorCode.ProtocolError, StreamErrorReason.WindowUpdateOfZero, GrpcStatus.Internal),
            ["WINDOW_UPDATE beyond 2^31-1"] = (
                s => s.WindowUpdate(1, 1).WindowUpdate(1, int.MaxValue), Http2ErrorCode.FlowControlError, StreamErrorReason.WindowOverflow, GrpcStatus.Internal),
            ["DATA beyond the stream's window"] = (
                s => s.GrpcHeaders(1).Data(1, false, [0, 0, 0, 50, 0, .. new byte[8_000]]),
                Http2ErrorCode.FlowControlError, StreamErrorReason.WindowOverrun, GrpcStatus.Internal),
            ["a message beyond what is taken"] = (
                s => s.GrpcHeaders(1).Data(1, false, 0, 0xff, 0xff, 0xff, 0xff),
                Http2ErrorCode.Cancel, StreamErrorReason.MessageTooLarge, GrpcStatus.ResourceExhausted),
            ["a compressed message"] = (
                s => s.GrpcHeaders(1).Data(1, false, 1, 0, 0, 0, 1, 7),
                Http2ErrorCode.Cancel, StreamErrorReason.CompressedMessage, GrpcStatus.Internal),
            ["a second message"] = (
                s => s.GrpcHeaders(1).Data(1, false, [.. ServerBytes.Message("a"), .. ServerBytes.Message("b")]),
                Http2ErrorCode.Cancel, StreamErrorReason.SecondMessage, GrpcStatus.Internal),
        };

    [Theory]
    [MemberData(nameof(StreamErrors))]
    public void Call_ends_and_its_neighbour_lives_when_the_server_sends(string violation)
    {
        (Func<ServerBytes, ServerBytes> say, Http2ErrorCode code, StreamErrorReason reason, byte status) = StreamViolations[violation];
        WireClient client = WireClient.Ready(new Http2Options { MaxStreams = 8, StreamWindow = 4_000 }, payloadLength: 70_000);
        client.Start(slot: 0);
        client.Start(slot: 1);
        client.Receive(say(new ServerBytes()));

        CallEvent end = client.Single();
        (end.Slot, end.Failure, end.Status).ShouldBe((0, Failure.Protocol, status));
        client.Connection.LastStreamError.ShouldBe(reason);
        client.Connection.State.ShouldBe(Http2State.Ready);
        SentFrame reset = client.TakeFrames().Single(f => f.Type == FrameType.RstStream);
        (reset.StreamId, BinaryPrimitives.ReadUInt32BigEndian(reset.Payload)).ShouldBe((1u, (uint)code));

        client.Receive(new ServerBytes().WindowUpdate(0, 1 << 20).WindowUpdate(3, 1 << 20).Reply(3));
        client.Ended[1].Failure.ShouldBe(Failure.None);
    }

    [Theory]
    [InlineData("HTTP/1.1 400 Bad Request\r\n\r\n", ConnectionErrorReason.PeerSpeaksHttp1)]
    [InlineData("\u0015\u0003\u0001\u0000\u0002\u0002\u0046\u0000\u0000", ConnectionErrorReason.PeerSpeaksTls)]
    [InlineData("SSH-2.0-OpenSSH_9.2\r\n", ConnectionErrorReason.FirstFrameIsNotSettings)]
    public void Connection_names_what_it_met_when_the_server_speaks_something_else(string greeting, object reason)
    {
        var client = new WireClient();
        client.Receive(System.Text.Encoding.Latin1.GetBytes(greeting));
        client.Connection.State.ShouldBe(Http2State.Failed);
        client.Connection.Error.Reason.ShouldBe((ConnectionErrorReason)reason);
    }

    [Fact]
    public void Connection_fails_when_GOAWAY_comes_instead_of_SETTINGS()
    {
        var client = new WireClient();
        client.Receive(new ServerBytes().GoAway(0, Http2ErrorCode.Http11Required));
        client.Connection.Error.Reason.ShouldBe(ConnectionErrorReason.GoAwayBeforeSettings);
    }
}
