using System.Text;
using SpikeBench.Core.Engine;
using SpikeBench.Core.Profiles.Templates;
using SpikeBench.Core.Schedule;
using SpikeBench.Grpc.Http2;

namespace SpikeBench.Tests.Grpc;

/// <summary>What a call writes over its message, on the wire.</summary>
public sealed class PatchedFramesTests
{
    private const int Prefix = 5;
    private const long NewYearNs = 1_767_225_599_987_654_321;

    private static readonly MessagePatch[] Patches =
    [
        MessagePatch.ForText(new SequencePart(10), 4, default),
        MessagePatch.ForText(new UuidPart(), 20, new CounterRandom(3, CounterRandom.Stream.Templates)),
        MessagePatch.ForText(new NowPart(null), 60, default),
    ];

    [Fact]
    public void Each_call_sends_its_own_values_and_the_pool_stays_as_it_is()
    {
        byte[] pooled = Encoding.ASCII.GetBytes(new string('.', 100));
        WireClient client = Client(pooled);
        for (int slot = 0; slot < 3; slot++)
        {
            client.Start(slot, arrival: 1_000 + slot);
        }

        byte[][] sent = [.. client.TakeFrames().Where(f => f.Type == FrameType.Data).Select(f => f.Payload[Prefix..])];
        for (int i = 0; i < sent.Length; i++)
        {
            sent[i].ShouldBe(Expected(pooled, 1_000 + i));
        }

        sent.Length.ShouldBe(3);
        pooled.ShouldAllBe(b => b == '.');
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(50)]
    public void A_message_that_leaves_in_pieces_says_one_time_and_one_identity(int window)
    {
        byte[] pooled = Encoding.ASCII.GetBytes(new string('.', 100));
        WireClient client = Client(pooled, (PeerSettings.InitialWindowSizeId, (uint)window));
        client.Start(slot: 0, arrival: 77);
        List<SentFrame> frames = client.TakeFrames();
        while (frames.Sum(f => f.Type == FrameType.Data ? f.Payload.Length : 0) < pooled.Length + Prefix)
        {
            client.Calls.NowNs += 1_000_000_000;
            client.Receive(new ServerBytes().WindowUpdate(1, (uint)window));
            frames.AddRange(client.TakeFrames());
        }

        byte[] sent = [.. frames.Where(f => f.Type == FrameType.Data).SelectMany(f => f.Payload)];
        sent[Prefix..].ShouldBe(Expected(pooled, 77));
    }

    [Fact]
    public void Writing_them_allocates_nothing()
    {
        WireClient client = Client(new byte[100]);
        var events = new CallEvent[64];
        byte[] replies = new byte[4096];
        uint stream = 1;
        long least = long.MaxValue;
        for (int round = 0; round < 50; round++)
        {
            byte[] reply = new ServerBytes().Reply(stream).ToArray();
            reply.CopyTo(replies, 0);
            long before = GC.GetAllocatedBytesForCurrentThread();
            client.Calls.Begin(0, 0, 1L << 40, arrival: round);
            client.Connection.Start(0);
            client.Connection.Sent(client.Connection.Output.Length, 0);
            long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            client.Connection.Receive(replies.AsSpan(0, reply.Length));
            client.Calls.Drain(events).ShouldBe(1);
            stream += 2;
            least = round < 5 ? least : Math.Min(least, allocated);
        }

        least.ShouldBe(0);
    }

    private static byte[] Expected(byte[] pooled, long index)
    {
        byte[] expected = [.. pooled];
        foreach (MessagePatch patch in Patches)
        {
            patch.Write(expected, index, NewYearNs);
        }

        return expected;
    }

    private static WireClient Client(byte[] message, params (ushort, uint)[] settings)
    {
        var client = new WireClient(operation: new PlannedOperation("one", "/test.Service/One", [message]) { Patches = [Patches] });
        client.Calls.UnixOffsetNs = NewYearNs;
        client.Receive(new ServerBytes().Settings(settings).SettingsAck());
        client.TakeFrames();
        return client;
    }
}
