using System.Text;
using SpikeBench.Core.Engine;
using SpikeBench.Grpc.Calls;
using SpikeBench.Grpc.Http2;

namespace SpikeBench.Tests.Grpc;

/// <summary>From what a server says to a call's status.</summary>
public sealed class StatusTests
{
    [Theory]
    [InlineData("0", GrpcStatus.Ok, Failure.None)]
    [InlineData("5", 5, Failure.Status)]
    [InlineData("4", GrpcStatus.DeadlineExceeded, Failure.Timeout)]
    [InlineData("99", GrpcStatus.Unknown, Failure.Status)]
    [InlineData("abc", GrpcStatus.Unknown, Failure.Protocol)]
    [InlineData("-1", GrpcStatus.Unknown, Failure.Protocol)]
    [InlineData("", GrpcStatus.Unknown, Failure.Protocol)]
    public void Status_of_the_trailers_decides_when_it_is_one(string status, byte expected, Failure failure)
    {
        WireClient client = WireClient.Ready();
        client.Start(slot: 0);
        client.Receive(new ServerBytes().GrpcHeaders(1).Data(1, false, ServerBytes.Message("x")).Trailers(1, status));
        CallEvent end = client.Single();
        (end.Status, end.Failure).ShouldBe((expected, failure));
    }

    [Fact]
    public void Text_of_a_failed_call_is_percent_decoded_also_when_the_block_is_repeated()
    {
        WireClient client = WireClient.Ready();
        for (uint i = 0; i < 3; i++)
        {
            client.Start(slot: 0);
            client.Receive(new ServerBytes().Headers(
                2 * i + 1, true, (":status", "200"), ("content-type", "application/grpc"), ("grpc-status", "5"), ("grpc-message", "r%C3%B8m%21 %zz%2")));
            client.TextOf(client.Ended[^1]).ShouldBe("røm! %zz%2");
        }
    }

    [Fact]
    public void Ok_without_a_whole_message_is_internal_when_the_server_says_so()
    {
        WireClient client = WireClient.Ready();
        client.Start(slot: 0);
        client.Start(slot: 1);
        client.Start(slot: 2);
        client.Receive(new ServerBytes()
            .Headers(1, true, (":status", "200"), ("content-type", "application/grpc"), ("grpc-status", "0"))
            .GrpcHeaders(3).Data(3, false, 0, 0, 0, 0, 9, 1).Trailers(3)
            .GrpcHeaders(5).Data(5, false, 0, 0, 0).Trailers(5));
        client.Ended.Count.ShouldBe(3);
        client.Ended.ShouldAllBe(e => e.Status == GrpcStatus.Internal && e.Failure == Failure.Protocol);
    }

    [Theory]
    [InlineData(200, GrpcStatus.Unknown)]
    [InlineData(400, GrpcStatus.Internal)]
    [InlineData(401, GrpcStatus.Unauthenticated)]
    [InlineData(403, GrpcStatus.PermissionDenied)]
    [InlineData(404, GrpcStatus.Unimplemented)]
    [InlineData(429, GrpcStatus.Unavailable)]
    [InlineData(500, GrpcStatus.Unknown)]
    [InlineData(502, GrpcStatus.Unavailable)]
    [InlineData(503, GrpcStatus.Unavailable)]
    [InlineData(504, GrpcStatus.Unavailable)]
    public void Http_status_decides_when_there_is_no_grpc_status(int http, byte expected)
    {
        WireClient client = WireClient.Ready();
        client.Start(slot: 0);
        string status = http.ToString(System.Globalization.CultureInfo.InvariantCulture);
        client.Receive(new ServerBytes().Headers(1, end: true, (":status", status), ("content-type", "text/plain")));
        CallEvent end = client.Single();
        (end.Status, end.Failure).ShouldBe((expected, Failure.Protocol));
    }

    [Theory]
    [InlineData("application/grpc-web", false)]
    [InlineData("application/grpc+proto", true)]
    [InlineData("application/grpc;charset=utf-8", true)]
    [InlineData("text/html", false)]
    public void Content_type_must_be_gRPCs_when_the_status_is_to_count(string contentType, bool counts)
    {
        WireClient client = WireClient.Ready();
        client.Start(slot: 0);
        client.Receive(new ServerBytes().Headers(1, end: true, (":status", "200"), ("content-type", contentType), ("grpc-status", "5")));
        client.Single().Failure.ShouldBe(counts ? Failure.Status : Failure.Protocol);
    }

    [Theory]
    [InlineData(0u, GrpcStatus.Internal)]
    [InlineData(7u, GrpcStatus.Unavailable)]
    [InlineData(8u, GrpcStatus.Cancelled)]
    [InlineData(11u, GrpcStatus.ResourceExhausted)]
    [InlineData(12u, GrpcStatus.PermissionDenied)]
    [InlineData(2u, GrpcStatus.Internal)]
    [InlineData(4711u, GrpcStatus.Internal)]
    public void Reset_becomes_a_status_when_the_stream_is_open(uint code, byte expected)
    {
        WireClient client = WireClient.Ready();
        client.Start(slot: 0);
        client.Receive(new ServerBytes().GrpcHeaders(1).Reset(1, (Http2ErrorCode)code));
        CallEvent end = client.Single();
        (end.Status, end.Failure).ShouldBe((expected, Failure.Status));
    }

    [Fact]
    public void Reset_with_NO_ERROR_changes_nothing_when_the_trailers_were_whole()
    {
        WireClient client = WireClient.Ready();
        client.Start(slot: 0);
        client.Receive(new ServerBytes().Reply(1).Reset(1, Http2ErrorCode.NoError));
        client.Single().Failure.ShouldBe(Failure.None);
    }

    [Fact]
    public void Request_is_reset_when_the_answer_comes_before_its_end()
    {
        WireClient client = WireClient.Ready(payloadLength: 100_000);
        client.Start(slot: 0);
        client.TakeFrames();
        client.Receive(new ServerBytes().Headers(
            1, true, (":status", "200"), ("content-type", "application/grpc"), ("grpc-status", "8")));
        client.Single().Status.ShouldBe(GrpcStatus.ResourceExhausted);
        client.TakeFrames().ShouldHaveSingleItem().Type.ShouldBe(FrameType.RstStream);
    }

    [Theory]
    [InlineData(1, "1u")]
    [InlineData(1_500, "2u")]
    [InlineData(99_999_000, "99999u")]
    [InlineData(100_000_000, "100m")]
    [InlineData(1_000_400_000, "1000m")]
    [InlineData(99_999_998_000_000, "99999998m")]
    [InlineData(100_000_000_000_000, "100000S")]
    [InlineData(4_000_000_000_000_000_000, "99999999S")]
    [InlineData(-5, "1u")]
    public void Timeout_has_at_most_8_digits_and_its_unit_whatever_remains(long remainingNs, string expected)
    {
        ReadOnlySpan<byte> field = new TimeoutField().For(remainingNs, hasDeadline: true);
        Encoding.ASCII.GetString(field[..14]).ShouldBe("\u0010\u000cgrpc-timeout");
        field[14].ShouldBe((byte)expected.Length);
        Encoding.ASCII.GetString(field[15..]).ShouldBe(expected);
    }
}
