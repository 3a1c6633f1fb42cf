using System.Text;
using SpikeBench.Core.Engine;
using SpikeBench.Grpc.Calls;
using SpikeBench.Grpc.Hpack;
using SpikeBench.Grpc.Http2;

namespace SpikeBench.Tests.Grpc;

/// <summary>One connection and its calls, without a socket: bytes in, bytes and events out.</summary>
internal sealed class WireClient
{
    private readonly List<byte> _sent = [];

    public WireClient(Http2Options? options = null, int slots = 64, int payloadLength = 100, uint firstStreamId = 1, Func<CallPlan, CallPlan>? change = null, PlannedOperation? operation = null)
    {
        var plan = new CallPlan
        {
            Target = new Uri("http://127.0.0.1:5000"),
            Operations =
            [
                operation ?? new PlannedOperation("one", "/test.Service/One", [new byte[payloadLength]]),
                new PlannedOperation("two", "/test.Service/Two", [new byte[payloadLength]]),
            ],
            Lanes = 1,
            Connections = 1,
            SlotsPerLane = slots,
            RunId = "run",
        };
        plan = change?.Invoke(plan) ?? plan;
        options ??= new Http2Options { MaxStreams = slots };
        Calls = new CallTable(slots);
        Connection = new Http2Connection(0, Calls, new RequestTemplates(plan), options, new HpackScratch(options.MaxHeaderBlockLength));
        Connection.Open(firstStreamId);
    }

    public CallTable Calls { get; }

    public Http2Connection Connection { get; }

    public List<CallEvent> Ended { get; } = [];

    /// <summary>A client whose server has sent its SETTINGS, and that has no bytes waiting.</summary>
    public static WireClient Ready(Http2Options? options = null, int slots = 64, int payloadLength = 100, params (ushort, uint)[] settings)
    {
        var client = new WireClient(options, slots, payloadLength);
        client.Receive(new ServerBytes().Settings(settings).SettingsAck());
        client.TakeFrames();
        return client;
    }

    public void Start(int slot, int operation = 0, long deadlineNs = CallTable.NoDeadlineNs, long arrival = 0)
    {
        Calls.Begin(slot, operation, deadlineNs, arrival);
        Connection.Start(slot);
    }

    public void Receive(ServerBytes bytes) => Receive(bytes.ToArray());

    public void Receive(ReadOnlySpan<byte> bytes)
    {
        Connection.Receive(bytes);
        Connection.Pump();
        TakeEvents();
    }

    public CallEvent Single()
    {
        TakeEvents();
        return Ended.ShouldHaveSingleItem();
    }

    public string ReplyOf(CallEvent end) => Encoding.UTF8.GetString(Calls.Replies.Read(end.Slot, end.Bytes));

    public string TextOf(CallEvent end) => Encoding.UTF8.GetString(Calls.Replies.Read(end.Slot, Calls.Slots[end.Slot].TextLength));

    public void TakeEvents()
    {
        CallEvent[] events = new CallEvent[16];
        for (int count; (count = Calls.Drain(events)) > 0;)
        {
            Ended.AddRange(events.AsSpan(0, count));
        }
    }

    /// <summary>Takes the bytes that wait to be sent, as a socket with room for all of them would, and cuts them into frames.</summary>
    public List<SentFrame> TakeFrames(long atNs = 0)
    {
        while (!Connection.Output.IsEmpty)
        {
            _sent.AddRange(Connection.Output);
            Connection.Sent(Connection.Output.Length, atNs);
            Connection.Pump();
        }

        byte[] bytes = [.. _sent];
        _sent.Clear();
        ReadOnlySpan<byte> rest = bytes;
        if (rest.StartsWith(ControlFrames.Preface))
        {
            rest = rest[ControlFrames.Preface.Length..];
        }

        List<SentFrame> frames = [];
        while (!rest.IsEmpty)
        {
            FrameHeader header = FrameHeader.Read(rest);
            frames.Add(new SentFrame(header, rest.Slice(FrameHeader.Size, header.Length).ToArray()));
            rest = rest[(FrameHeader.Size + header.Length)..];
        }

        return frames;
    }
}

internal sealed record SentFrame(FrameHeader Header, byte[] Payload)
{
    public FrameType Type => Header.Type;

    public uint StreamId => Header.StreamId;
}
