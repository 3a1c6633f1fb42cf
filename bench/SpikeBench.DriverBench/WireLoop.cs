using System.Buffers.Binary;
using System.Globalization;
using SpikeBench.Core.Engine;
using SpikeBench.Grpc.Http2;
using SpikeBench.Tests.Grpc;

namespace SpikeBench.DriverBench;

/// <summary>
/// The protocol without sockets: calls into bytes, canned replies into events, in one thread and one process. It depends on neither the
/// kernel nor a second core, so two builds can be compared by turns on a machine that does other things too.
/// </summary>
internal sealed class WireLoop
{
    private const int Outstanding = 100;
    private const int SlotsPerConnection = 128;
    private const long DeadlineNs = 1_000_000_000;
    private const int HeaderLength = 9;
    private const int StreamIdOffset = 5;

    // What the null target says from a connection's second reply on: 11 + 34 + 10 bytes.
    private static readonly byte[] Reply =
    [
        0, 0, 2, 1, 4, 0, 0, 0, 0, 0x88, 0xbf,
        0, 0, 25, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 20, .. "Happy new year, 2020"u8,
        0, 0, 1, 1, 5, 0, 0, 0, 0, 0xbe,
    ];

    private readonly WireClient _client;
    private readonly int _payloads;
    private readonly byte[] _replies = new byte[Outstanding * 55];
    private readonly CallEvent[] _events = new CallEvent[Outstanding];
    private uint _streamId = 1;
    private long _started;
    private int _payload;

    /// <param name="operation">Whose messages calls take in turn; null: one message of 100 bytes.</param>
    public WireLoop(PlannedOperation? operation = null)
    {
        _payloads = operation?.Payloads.Count ?? 1;
        _client = new WireClient(new Http2Options { MaxStreams = SlotsPerConnection }, SlotsPerConnection, operation: operation);
        _client.Receive(new ServerBytes().Settings((PeerSettings.MaxConcurrentStreamsId, SlotsPerConnection), (PeerSettings.InitialWindowSizeId, 1 << 20)).SettingsAck());
        _client.TakeFrames();

        // The first reply teaches the table what the canned ones refer to.
        _client.Start(0);
        _client.TakeFrames();
        _client.Receive(new ServerBytes()
            .Frame(FrameType.Headers, FrameFlags.EndHeaders, 1, [0x88, .. ServerBytes.IndexingBlock(("content-type", "application/grpc"))])
            .Data(1, end: false, ServerBytes.Message("x"))
            .Frame(FrameType.Headers, FrameFlags.EndHeaders | FrameFlags.EndStream, 1, ServerBytes.IndexingBlock(("grpc-status", "0"))));
        _client.Ended[0].Failure.ShouldBe(Failure.None);
    }

    /// <summary>Runs so many calls; processor time per call in nanoseconds, best of five.</summary>
    public string Run(int calls) =>
        string.Create(CultureInfo.InvariantCulture, $"{Measure(calls):0.0} ns of processor time per call, request and reply, without sockets");

    /// <summary>The figure alone.</summary>
    public double Measure(int calls)
    {
        double best = double.MaxValue;
        Batches(calls / Outstanding / 5);
        for (int i = 0; i < 5; i++)
        {
            var cpu = new CpuMeter();
            Batches(calls / Outstanding / 5);
            best = Math.Min(best, (cpu.UserUs + cpu.KernelUs) * 1e3 / (calls / 5));
        }

        return best;
    }

    private void Batches(int count)
    {
        Http2Connection connection = _client.Connection;
        for (int batch = 0; batch < count; batch++)
        {
            _client.Calls.NowNs += 100_000;
            for (int slot = 0; slot < Outstanding; slot++)
            {
                _client.Calls.Begin(slot, _payload, _client.Calls.NowNs + DeadlineNs, _started++);
                connection.Start(slot);
                _payload = _payload + 1 == _payloads ? 0 : _payload + 1;
            }

            if (batch % 1000 == 0)
            {
                // The server gives the connection's window back.
                connection.Receive([0, 0, 4, 8, 0, 0, 0, 0, 0, 0, 0xc0, 0, 0]);
            }

            connection.Sent(connection.Output.Length, _client.Calls.NowNs);
            FillReplies();
            connection.Receive(_replies);
            connection.Sent(connection.Output.Length, _client.Calls.NowNs);
            int ended = _client.Calls.Drain(_events);
            if (ended != Outstanding || _events[0].Failure != Failure.None || _events[^1].Bytes != 20)
            {
                throw new InvalidOperationException("A call did not end well.");
            }
        }
    }

    private void FillReplies()
    {
        for (int i = 0; i < Outstanding; i++)
        {
            Span<byte> reply = _replies.AsSpan(i * 55, 55);
            Reply.CopyTo(reply);
            _streamId += 2;
            BinaryPrimitives.WriteUInt32BigEndian(reply[StreamIdOffset..], _streamId);
            BinaryPrimitives.WriteUInt32BigEndian(reply[(11 + StreamIdOffset)..], _streamId);
            BinaryPrimitives.WriteUInt32BigEndian(reply[(11 + 34 + StreamIdOffset)..], _streamId);
        }
    }
}
