using System.Buffers.Binary;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using SpikeBench.Core.Engine;
using SpikeBench.Grpc.Hpack;
using SpikeBench.Grpc.Http2;

namespace SpikeBench.Tests.Grpc;

/// <summary>A connection with a well-behaved server: requests, replies, windows, settings, GOAWAY.</summary>
public sealed class Http2ConnectionTests
{
    [Fact]
    public void Connection_opens_with_preface_settings_and_window_when_made()
    {
        var client = new WireClient();
        client.Connection.Output.StartsWith("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8).ShouldBeTrue();

        List<SentFrame> frames = client.TakeFrames();

        frames[0].Type.ShouldBe(FrameType.Settings);
        frames[1].ShouldSatisfyAllConditions(
            f => f.Type.ShouldBe(FrameType.WindowUpdate),
            f => BinaryPrimitives.ReadInt32BigEndian(f.Payload).ShouldBe((16 << 20) - 65_535));
        client.Connection.CanStart.ShouldBeFalse("the server's SETTINGS are not in");
    }

    [Fact]
    public void Call_is_answered_when_headers_message_and_trailers_come()
    {
        WireClient client = WireClient.Ready();
        client.Start(slot: 7);
        client.Calls.NowNs = 1234;
        client.Receive(new ServerBytes().Reply(1, "hello"));

        client.Single().ShouldBe(new CallEvent(7, EventKind.Ended, GrpcStatus.Ok, Failure.None, 1234, -1, 5));
        client.ReplyOf(client.Single()).ShouldBe("hello");
    }

    [Fact]
    public void Call_is_stamped_on_wire_when_its_last_byte_is_taken()
    {
        WireClient client = WireClient.Ready();
        client.Start(slot: 0);
        client.Start(slot: 1);
        int all = client.Connection.Output.Length;
        client.Connection.Sent(all - 1, atNs: 100);
        client.Connection.Sent(1, atNs: 200);
        client.Receive(new ServerBytes().Reply(1).Reply(3));

        client.Ended.Select(e => e.OnWireNs).ShouldBe([100, 200]);
    }

    [Fact]
    public void Request_carries_its_headers_as_literals_first_and_as_indices_later()
    {
        WireClient client = WireClient.Ready();
        client.Start(slot: 0, operation: 0, deadlineNs: 1_000_000_000);
        client.Start(slot: 1, operation: 1, deadlineNs: 1_000_000_000);
        client.Start(slot: 2, operation: 0, deadlineNs: 1_000_000_000);
        client.Start(slot: 3, operation: 1);
        client.Start(slot: 4, operation: 1);
        List<SentFrame> frames = client.TakeFrames();

        var server = new HpackDecoder(4096, new HpackScratch(4096));
        string[] headers = [.. frames.Where(f => f.Type == FrameType.Headers).Select(f => Decode(server, f.Payload))];
        const string Common = "|:authority: 127.0.0.1:5000|te: trailers|content-type: application/grpc|user-agent: grpc-spikebench"
            + "|x-spikebench-run: run";
        headers[0].ShouldBe(":method: POST|:scheme: http|:path: /test.Service/One" + Common + "|grpc-timeout: 1000m");
        headers[1].ShouldBe(":method: POST|:scheme: http|:path: /test.Service/Two" + Common + "|grpc-timeout: 1000m");
        headers[2].ShouldBe(headers[0]);
        headers[3].ShouldBe(":method: POST|:scheme: http|:path: /test.Service/Two" + Common);
        frames.Where(f => f.Type == FrameType.Headers).Select(f => f.Payload.Length).Last().ShouldBe(8);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(200)]
    [InlineData(4096)]
    [InlineData(100_000)]
    public void Request_headers_stay_decodable_when_the_server_changes_its_table_size(int size)
    {
        WireClient client = WireClient.Ready();
        var server = new HpackDecoder(4096, new HpackScratch(4096));
        client.Start(slot: 0);
        string before = Decode(server, client.TakeFrames()[0].Payload);
        client.Receive(new ServerBytes().Settings((PeerSettings.HeaderTableSizeId, (uint)size)));
        for (int slot = 1; slot < 4; slot++)
        {
            client.Start(slot);
            Decode(server, client.TakeFrames().First(f => f.Type == FrameType.Headers).Payload).ShouldBe(before);
            server.Table.MaxSize.ShouldBe(Math.Min(size, 4096));
        }
    }

    [Fact]
    public void Events_are_the_same_however_the_bytes_are_split()
    {
        byte[] bytes = RecordedServer.Mixed();
        List<CallEvent> whole = Play(bytes, [bytes.Length]);
        whole.Count.ShouldBe(RecordedServer.Calls);
        for (int at = 1; at < bytes.Length; at++)
        {
            Play(bytes, [at, bytes.Length - at]).ShouldBe(whole);
        }

        Play(bytes, [.. Enumerable.Repeat(1, bytes.Length)]).ShouldBe(whole);
        Prop.ForAll<PositiveInt[]>(cuts => Play(bytes, [.. cuts.Select(c => c.Get)]).ShouldBe(whole)).QuickCheckThrowOnFailure();
    }

    private static List<CallEvent> Play(byte[] bytes, int[] lengths)
    {
        WireClient client = RecordedServer.Client();
        int at = 0;
        foreach (int length in lengths)
        {
            int count = Math.Min(length, bytes.Length - at);
            client.Receive(bytes.AsSpan(at, count));
            at += count;
        }

        client.Receive(bytes.AsSpan(at));
        return client.Ended;
    }

    [Fact]
    public void Calls_wait_for_a_stream_when_the_server_allows_few_and_go_on_when_it_allows_more()
    {
        WireClient client = WireClient.Ready(settings: (PeerSettings.MaxConcurrentStreamsId, 2));
        client.Start(slot: 0);
        client.Start(slot: 1);
        client.Connection.CanStart.ShouldBeFalse();
        client.Receive(new ServerBytes().Reply(1));
        client.Connection.CanStart.ShouldBeTrue();
        client.Receive(new ServerBytes().Settings((PeerSettings.MaxConcurrentStreamsId, 1)));
        client.Connection.CanStart.ShouldBeFalse("one is still open");
        client.Receive(new ServerBytes().Settings((PeerSettings.MaxConcurrentStreamsId, 3)));
        client.Connection.CanStart.ShouldBeTrue();
    }

    [Fact]
    public void Request_is_sent_in_pieces_as_windows_open_when_it_is_larger_than_they_are()
    {
        const int Length = 200_000;
        WireClient client = WireClient.Ready(payloadLength: Length);
        client.Start(slot: 0);
        List<SentFrame> sent = client.TakeFrames();
        Bytes(sent).ShouldBe(65_535);

        client.Receive(new ServerBytes().WindowUpdate(0, 1_000_000));
        client.TakeFrames().ShouldBeEmpty("the stream's window is shut");
        client.Receive(new ServerBytes().WindowUpdate(1, 10));
        sent.AddRange(client.TakeFrames());
        Bytes(sent).ShouldBe(65_545);

        client.Receive(new ServerBytes().Settings((PeerSettings.InitialWindowSizeId, 65_535 + 100_000)));
        sent.AddRange(client.TakeFrames());
        Bytes(sent).ShouldBe(165_545, "the setting moves the window of an open stream");

        client.Receive(new ServerBytes().Settings((PeerSettings.InitialWindowSizeId, 0)));
        client.Receive(new ServerBytes().WindowUpdate(1, 165_535));
        sent.AddRange(client.TakeFrames());
        Bytes(sent).ShouldBe(165_545, "the window was below zero, and is exactly zero now");

        client.Receive(new ServerBytes().WindowUpdate(1, 1_000_000));
        sent.AddRange(client.TakeFrames());
        Bytes(sent).ShouldBe(Length + 5);
        sent.Count(f => f.Type == FrameType.Data && f.Header.EndStream).ShouldBe(1);
        sent.ShouldAllBe(f => f.Header.Length <= 16_384);
        client.Receive(new ServerBytes().Reply(1));
        client.Single().Failure.ShouldBe(Failure.None);
    }

    [Fact]
    public void Connection_window_is_shared_when_it_is_smaller_than_the_streams()
    {
        WireClient client = WireClient.Ready(payloadLength: 30_000, settings: (PeerSettings.InitialWindowSizeId, 1_000_000));
        client.Start(slot: 0);
        client.Start(slot: 1);
        client.Start(slot: 2);
        Bytes(client.TakeFrames()).ShouldBe(65_535);
        client.Receive(new ServerBytes().WindowUpdate(0, 24_480));
        List<SentFrame> rest = client.TakeFrames();
        Bytes(rest).ShouldBe(24_480);
        rest.Last(f => f.Type == FrameType.Data).Header.EndStream.ShouldBeTrue("3 x 30 005 bytes are 90 015");
    }

    private static int Bytes(List<SentFrame> frames) => frames.Where(f => f.Type == FrameType.Data).Sum(f => f.Payload.Length);

    [Fact]
    public void Blocked_request_does_not_hold_up_the_others_when_only_its_own_window_is_shut()
    {
        WireClient client = WireClient.Ready(settings: (PeerSettings.InitialWindowSizeId, 50));
        client.Start(slot: 0);
        client.Start(slot: 1);
        client.TakeFrames();
        client.Receive(new ServerBytes().WindowUpdate(3, 1000));
        client.TakeFrames().ShouldHaveSingleItem().StreamId.ShouldBe(3u);
    }

    [Fact]
    public void Both_receive_windows_are_given_back_when_half_is_used()
    {
        WireClient client = WireClient.Ready(new Http2Options { MaxStreams = 8, StreamWindow = 30_000, ConnectionWindow = 100_000 });
        client.Start(slot: 0);
        client.TakeFrames();
        client.Receive(new ServerBytes().GrpcHeaders(1).Data(1, end: false, [0, 0, 1, 0, 0, .. new byte[15_000]]));
        SentFrame stream = client.TakeFrames().ShouldHaveSingleItem();
        (stream.StreamId, BinaryPrimitives.ReadInt32BigEndian(stream.Payload)).ShouldBe((1u, 15_005));

        client.Receive(new ServerBytes().Data(1, end: false, new byte[16_000]).Data(1, false, new byte[14_000]).Data(1, false, new byte[6_000]));
        client.TakeFrames().Select(f => f.StreamId).Order().ShouldBe([0u, 1u, 1u]);
    }

    [Fact]
    public void Late_frames_count_for_flow_control_and_HPACK_when_their_call_has_ended()
    {
        WireClient client = WireClient.Ready(new Http2Options { MaxStreams = 8, ConnectionWindow = 100_000 });
        client.Start(slot: 0);
        client.TakeFrames();
        client.Connection.Abandon(0, GrpcStatus.DeadlineExceeded, Failure.Timeout);
        SentFrame reset = client.TakeFrames().ShouldHaveSingleItem();
        (reset.Type, BinaryPrimitives.ReadUInt32BigEndian(reset.Payload)).ShouldBe((FrameType.RstStream, (uint)Http2ErrorCode.Cancel));

        byte[] learnt = ServerBytes.IndexingBlock((":status", "200"), ("content-type", "application/grpc"));
        client.Receive(new ServerBytes().Frame(FrameType.Headers, FrameFlags.EndHeaders, 1, learnt));
        for (int i = 0; i < 4; i++)
        {
            client.Receive(new ServerBytes().Data(1, end: false, new byte[14_000]));
        }

        client.TakeFrames().ShouldHaveSingleItem().ShouldSatisfyAllConditions(
            f => f.Type.ShouldBe(FrameType.WindowUpdate), f => f.StreamId.ShouldBe(0u));
        client.Single().Failure.ShouldBe(Failure.Timeout);

        // The next response refers to what the swallowed block put into the table.
        client.Start(slot: 1);
        client.Receive(new ServerBytes()
            .Frame(FrameType.Headers, FrameFlags.EndHeaders, 3, 0xbf, 0xbe).Data(3, false, ServerBytes.Message("x")).Trailers(3));
        client.Ended[1].Failure.ShouldBe(Failure.None);
    }

    [Fact]
    public void Ping_is_acknowledged_when_it_comes()
    {
        WireClient client = WireClient.Ready();
        client.Receive(new ServerBytes().Ping(0x0102030405060708));
        SentFrame ack = client.TakeFrames().ShouldHaveSingleItem();
        ack.Header.Ack.ShouldBeTrue();
        ack.Payload.ShouldBe([1, 2, 3, 4, 5, 6, 7, 8]);
    }

    [Fact]
    public void Goaway_moves_unhandled_calls_and_lets_the_others_finish()
    {
        WireClient client = WireClient.Ready();
        for (int slot = 0; slot < 4; slot++)
        {
            client.Start(slot);
        }

        client.Receive(new ServerBytes().GoAway(int.MaxValue));
        client.Connection.State.ShouldBe(Http2State.Draining);
        client.Calls.FirstHomeless.ShouldBe(-1, "a first GOAWAY that only warns");
        client.Receive(new ServerBytes().GoAway(3).Reply(1));

        client.Single().Slot.ShouldBe(0);
        client.Connection.CanStart.ShouldBeFalse();
        client.Connection.IsDrained.ShouldBeFalse();
        client.Calls.FirstHomeless.ShouldBe(2);
        client.Calls.Counters.CallsMoved.ShouldBe(2);

        client.Receive(new ServerBytes().Reply(3).Reply(5));
        client.Ended.Select(e => e.Slot).ShouldBe([0, 1]);
        client.Connection.IsDrained.ShouldBeTrue();
        client.Connection.Lose();
        client.TakeEvents();
        client.Ended.Count.ShouldBe(2);
    }

    [Fact]
    public void Moved_call_starts_again_on_a_new_connection_and_ends_when_moved_too_often()
    {
        WireClient client = WireClient.Ready();
        client.Start(slot: 5);
        for (int move = 0; move < Http2Connection.MaxMoves; move++)
        {
            client.Receive(new ServerBytes().GoAway(0));
            client.Connection.Lose();
            client.Connection.Open();
            client.Receive(new ServerBytes().Settings());
            client.Ended.ShouldBeEmpty();
            client.Calls.TakeHome(5);
            client.Connection.Start(5);
        }

        client.Receive(new ServerBytes().GoAway(0));
        client.Single().ShouldSatisfyAllConditions(
            e => e.Failure.ShouldBe(Failure.Connection), e => e.Status.ShouldBe(GrpcStatus.Unavailable));
    }

    [Fact]
    public void Calls_end_as_unavailable_when_the_connection_is_lost()
    {
        WireClient client = WireClient.Ready(payloadLength: 100_000);
        client.Start(slot: 0);
        client.Start(slot: 1);
        client.Connection.Lose();
        client.TakeEvents();
        client.Ended.Select(e => (e.Slot, e.Failure, e.Status)).ShouldBe(
            [(0, Failure.Connection, GrpcStatus.Unavailable), (1, Failure.Connection, GrpcStatus.Unavailable)], ignoreOrder: true);
    }

    [Fact]
    public void Stream_ids_are_skipped_when_a_long_call_holds_their_cell()
    {
        WireClient client = WireClient.Ready(new Http2Options { MaxStreams = 2 }, slots: 4);
        client.Start(slot: 0);
        uint last = 1;
        for (int i = 0; i < 20; i++)
        {
            client.Start(slot: 1);
            last = client.TakeFrames().Last(f => f.Type == FrameType.Headers).StreamId;
            client.Receive(new ServerBytes().Reply(last));
        }

        client.Ended.Count.ShouldBe(20);
        last.ShouldBeGreaterThan(41u, "every fourth id would have displaced stream 1");
        client.Receive(new ServerBytes().Reply(1));
        client.Ended[^1].Slot.ShouldBe(0);
    }

    [Fact]
    public void Connection_asks_for_its_replacement_before_the_last_stream_id()
    {
        var client = new WireClient(firstStreamId: 0x7fff_ffff - 100_000);
        client.Receive(new ServerBytes().Settings());
        client.Connection.IsNearLastStream.ShouldBeTrue();
        client.Connection.CanStart.ShouldBeTrue("it serves until its successor stands");
        client.Connection.Retire();
        client.Connection.CanStart.ShouldBeFalse();
    }

    [Fact]
    public void Last_ids_are_never_passed_when_no_replacement_comes()
    {
        var client = new WireClient(firstStreamId: 0x7fff_ffff - 400);
        client.Receive(new ServerBytes().Settings());
        int started = 0;
        for (; client.Connection.CanStart && started < 1000; started++)
        {
            client.Start(slot: 0);
            uint id = client.TakeFrames().Last(f => f.Type == FrameType.Headers).StreamId;
            client.Receive(new ServerBytes().Reply(id));
        }

        started.ShouldBeInRange(1, 200);
        client.Ended.Count.ShouldBe(started);
    }

    [Fact]
    public void Reading_and_starting_allocate_nothing_when_warm()
    {
        WireClient client = WireClient.Ready();
        byte[] replies = new ServerBytes().Reply(1).ToArray();
        CallEvent[] events = new CallEvent[4];
        long least = long.MaxValue, before = 0;
        int ended = 0;
        for (int round = 0; round <= 5000; round++)
        {
            // The least of several stretches: a collection that another test brings about counts the rest of this thread's 8 KiB.
            if (round % 1000 == 0)
            {
                long now = GC.GetAllocatedBytesForCurrentThread();
                least = round < 2000 ? least : Math.Min(least, now - before);
                before = now;
            }

            client.Calls.Begin(0, 0, 1_000_000_000);
            client.Connection.Start(0);
            client.Connection.Sent(client.Connection.Output.Length, 5);
            uint id = client.Calls.Slots[0].StreamId;
            PatchStreamIds(replies, id);
            client.Connection.Receive(replies);
            ended += client.Calls.Drain(events);
        }

        ended.ShouldBe(5001);
        least.ShouldBe(0);
    }

    private static void PatchStreamIds(Span<byte> bytes, uint id)
    {
        for (int at = 0; at < bytes.Length; at += FrameHeader.Size + FrameHeader.Read(bytes[at..]).Length)
        {
            BinaryPrimitives.WriteUInt32BigEndian(bytes[(at + FrameHeader.StreamIdOffset)..], id);
        }
    }

    private static string Decode(HpackDecoder decoder, byte[] block)
    {
        var fields = new Fields();
        decoder.TryDecode(block, fields).ShouldBeTrue();
        return string.Join('|', fields.List);
    }

    private sealed class Fields : IHeaderSink
    {
        public List<string> List { get; } = [];

        public void OnHeader(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
            => List.Add($"{Encoding.ASCII.GetString(name)}: {Encoding.ASCII.GetString(value)}");
    }
}
