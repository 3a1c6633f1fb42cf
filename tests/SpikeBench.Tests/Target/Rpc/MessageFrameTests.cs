using System.Buffers;
using FsCheck;
using FsCheck.Fluent;
using SpikeBench.Target.Rpc;

namespace SpikeBench.Tests.Target.Rpc;

public sealed class MessageFrameTests
{
    private const int Limit = 1000;

    [Fact]
    public void Messages_come_out_as_they_went_in_for_any_cut_into_frames()
    {
        Prop.ForAll(ArbMap.Default.ArbFor<byte[][]>(), ArbMap.Default.ArbFor<byte>(), (messages, cut) =>
        {
            using var wire = new MemoryStream();
            foreach (byte[] message in messages)
            {
                byte[] frame = new byte[MessageFrame.PrefixLength];
                MessageFrame.WritePrefix(frame, compressed: message.Length % 2 == 1, message.Length);
                wire.Write(frame);
                wire.Write(message);
            }

            ReadOnlySequence<byte> buffer = Cut(wire.ToArray(), (cut % 7) + 1);
            foreach (byte[] message in messages)
            {
                MessageFrame.TryRead(ref buffer, Limit, out bool compressed, out ReadOnlySequence<byte> read).ShouldBeTrue();
                read.ToArray().ShouldBe(message);
                compressed.ShouldBe(message.Length % 2 == 1);
            }

            buffer.IsEmpty.ShouldBeTrue();
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Nothing_is_taken_while_a_message_is_not_whole()
    {
        byte[] wire = [0, 0, 0, 0, 3, 7, 8, 9];
        for (int length = 0; length < wire.Length; length++)
        {
            var buffer = new ReadOnlySequence<byte>(wire, 0, length);
            MessageFrame.TryRead(ref buffer, Limit, out _, out _).ShouldBeFalse();
            buffer.Length.ShouldBe(length);
        }
    }

    [Theory]
    [InlineData(new byte[] { 2, 0, 0, 0, 0 }, GrpcCode.Internal)]
    [InlineData(new byte[] { 0, 0, 0, 3, 233 }, GrpcCode.ResourceExhausted)]
    [InlineData(new byte[] { 0, 255, 255, 255, 255 }, GrpcCode.ResourceExhausted)]
    public void Prefix_that_cannot_be_is_refused_before_its_body_comes(byte[] wire, GrpcCode code) =>
        Should.Throw<GrpcException>(() =>
        {
            var buffer = new ReadOnlySequence<byte>(wire);
            MessageFrame.TryRead(ref buffer, Limit, out _, out _);
        }).Status.Code.ShouldBe(code);

    [Fact]
    public void Gzip_gives_back_what_it_took_and_stops_at_the_limit()
    {
        byte[] zeros = new byte[100_000];
        byte[] packed = Gzip.Pack(zeros);
        packed.Length.ShouldBeLessThan(1000);
        Gzip.Unpack(new ReadOnlySequence<byte>(packed), zeros.Length).ShouldBe(zeros);
        Should.Throw<GrpcException>(() => Gzip.Unpack(new ReadOnlySequence<byte>(packed), zeros.Length - 1))
            .Status.Code.ShouldBe(GrpcCode.ResourceExhausted);
        Should.Throw<GrpcException>(() => Gzip.Unpack(new ReadOnlySequence<byte>([1, 2, 3, 4]), 10))
            .Status.Code.ShouldBe(GrpcCode.Internal);
    }

    private static ReadOnlySequence<byte> Cut(byte[] bytes, int pieceBytes)
    {
        var first = new Piece(ReadOnlyMemory<byte>.Empty, null);
        Piece last = first;
        for (int at = 0; at < bytes.Length; at += pieceBytes)
        {
            last = new Piece(bytes.AsMemory(at, Math.Min(pieceBytes, bytes.Length - at)), last);
        }

        return new ReadOnlySequence<byte>(first, 0, last, last.Memory.Length);
    }

    private sealed class Piece : ReadOnlySequenceSegment<byte>
    {
        public Piece(ReadOnlyMemory<byte> memory, Piece? before)
        {
            Memory = memory;
            if (before is not null)
            {
                RunningIndex = before.RunningIndex + before.Memory.Length;
                before.Next = this;
            }
        }
    }
}
