using System.Text;
using SpikeBench.Core;
using SpikeBench.Core.Engine;
using SpikeBench.Grpc.Calls;
using SpikeBench.Grpc.Hpack;
using SpikeBench.Grpc.Http2;

namespace SpikeBench.Tests.Grpc;

/// <summary>What the raw driver's calls carry beside their message: metadata, tokens, compression.</summary>
public sealed class CallHeadersTests
{
    private static readonly byte[] Message = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("새해 복 많이 받으세요 ", 20)));

    [Fact]
    public void Metadata_that_all_calls_share_is_indexed_and_that_of_a_message_goes_with_it()
    {
        WireClient client = Ready(plan => plan with
        {
            Operations =
            [
                new PlannedOperation("one", "/test.Service/One", [[1], [2]])
                {
                    Metadata = [new PlannedMetadata("x-tenant", ["seoul"]), new PlannedMetadata("x-user", ["u-0", "u-1"])],
                },
                new PlannedOperation("two", "/test.Service/Two", [[3]]) { Metadata = [new PlannedMetadata("x-tenant", ["seoul"])] },
            ],
        });
        foreach (int template in new[] { 0, 1, 0, 1, 2, 2 })
        {
            client.Start(_slot++, template);
        }

        List<SentFrame> frames = [.. client.TakeFrames().Where(f => f.Type == FrameType.Headers)];
        var server = new HpackDecoder(4096, new HpackScratch(4096));
        string[] headers = [.. frames.Select(f => Decode(server, f.Payload))];

        headers[0].ShouldEndWith("|x-tenant: seoul|x-user: u-0");
        headers[1].ShouldEndWith("|x-tenant: seoul|x-user: u-1");
        headers[2].ShouldBe(headers[0]);
        headers[3].ShouldBe(headers[1]);
        headers[4].ShouldEndWith("|x-tenant: seoul");
        frames[3].Payload.Length.ShouldBe(9 + 1 + 1 + "x-user".Length + 1 + "u-1".Length, "nine indices and one literal");
        frames[5].Payload.Length.ShouldBe(9);
    }

    [Fact]
    public void A_new_token_is_in_every_later_call_and_the_old_one_in_none()
    {
        var token = new CallToken("authorization", "Bearer old");
        WireClient client = Ready(plan => plan with { Token = token });
        var server = new HpackDecoder(4096, new HpackScratch(4096));
        client.Start(_slot++);
        client.Start(_slot++);
        client.Connection.ReplaceToken(Encoding.ASCII.GetBytes("Bearer new-and-longer"));
        client.Start(_slot++);
        client.Start(_slot++);

        string[] headers = [.. client.TakeFrames().Where(f => f.Type == FrameType.Headers).Select(f => Decode(server, f.Payload))];

        headers[..2].ShouldAllBe(h => h.Contains("authorization: Bearer old|") || h.EndsWith("authorization: Bearer old"));
        headers[2..].ShouldAllBe(h => h.Contains("authorization: Bearer new-and-longer") && !h.Contains("old"));
    }

    [Fact]
    public void A_token_that_fits_no_table_goes_whole_each_time()
    {
        string value = "Bearer " + new string('t', 4_000);
        WireClient client = Ready(plan => plan with { Token = new CallToken("authorization", value) });
        var server = new HpackDecoder(4096, new HpackScratch(8192));
        client.Start(_slot++);
        client.Start(_slot++);
        client.TakeFrames().Where(f => f.Type == FrameType.Headers).ShouldAllBe(f => Decode(server, f.Payload).Contains(value));
    }

    [Fact]
    public void Requests_are_packed_before_the_run_and_packed_replies_are_unpacked()
    {
        WireClient client = Ready(
            plan => plan with { Compression = MessageCompression.Gzip, Operations = [new PlannedOperation("one", "/test.Service/One", [Message])] },
            new Http2Options { MaxStreams = 64, AcceptGzip = true, MaxReplyLength = Message.Length });
        client.Start(slot: 0);
        List<SentFrame> frames = client.TakeFrames();
        Decode(new HpackDecoder(4096, new HpackScratch(4096)), frames[0].Payload).ShouldContain("|grpc-encoding: gzip|grpc-accept-encoding: identity,gzip");
        byte[] data = frames[1].Payload;
        data[0].ShouldBe((byte)1);
        data.Length.ShouldBeLessThan(Message.Length);
        GzipMessages.Unpack(data.AsSpan(5), Message.Length, out byte[] unpacked).ShouldBe(UnpackResult.Done);
        unpacked.ShouldBe(Message);

        client.Receive(new ServerBytes().GrpcHeaders(1).Data(1, false, data).Trailers(1));

        CallEvent end = client.Single();
        end.ShouldSatisfyAllConditions(e => e.Failure.ShouldBe(Failure.None), e => e.Bytes.ShouldBe(Message.Length));
        client.Calls.Replies.Read(end.Slot, end.Bytes).SequenceEqual(Message).ShouldBeTrue();
    }

    [Theory]
    [InlineData(true, 10, GrpcStatus.ResourceExhausted)]
    [InlineData(false, 10_000, GrpcStatus.Internal)]
    public void A_reply_that_unpacks_to_too_much_or_not_at_all_ends_its_call(bool isGzip, int most, byte status)
    {
        WireClient client = Ready(plan => plan with { Compression = MessageCompression.Replies }, new Http2Options { MaxStreams = 64, AcceptGzip = true, MaxReplyLength = most });
        byte[] packed = isGzip ? GzipMessages.Pack(new byte[1_000]) : [1, 2, 3];
        client.Start(slot: 0);
        client.TakeFrames();
        byte[] framed = [1, .. ServerBytes.Words((uint)packed.Length), .. packed];

        // The packed bytes themselves may be many or few.
        client.Receive(new ServerBytes().GrpcHeaders(1).Data(1, false, framed).Trailers(1));
        client.Single().ShouldSatisfyAllConditions(e => e.Status.ShouldBe(status), e => e.Failure.ShouldBe(Failure.Protocol));
    }

    [Fact]
    public void Metadata_beyond_what_servers_take_is_refused_before_the_run()
    {
        Should.Throw<UsageException>(() => Ready(plan => plan with
        {
            Operations = [new PlannedOperation("one", "/test.Service/One", [[1]]) { Metadata = [new PlannedMetadata("x-long", [new string('v', 7_000)])] }],
        })).Message.ShouldContain("7006 characters");
    }

    private int _slot;

    private static WireClient Ready(Func<CallPlan, CallPlan> change, Http2Options? options = null)
    {
        var client = new WireClient(options, change: change);
        client.Receive(new ServerBytes().Settings().SettingsAck());
        client.TakeFrames();
        return client;
    }

    private static string Decode(HpackDecoder decoder, byte[] block)
    {
        var fields = new FieldList();
        decoder.TryDecode(block, fields).ShouldBeTrue();
        return string.Join('|', fields.Fields);
    }

    private sealed class FieldList : IHeaderSink
    {
        public List<string> Fields { get; } = [];

        public void OnHeader(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value) => Fields.Add($"{Encoding.ASCII.GetString(name)}: {Encoding.ASCII.GetString(value)}");
    }
}
