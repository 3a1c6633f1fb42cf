using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Google.Protobuf;
using SpikeBench.Core.Engine;
using SpikeBench.Core.Profiles.Templates;
using SpikeBench.Core.Schedule;

namespace SpikeBench.Tests.Engine;

public sealed class MessagePatchTests
{
    private const long NewYearNs = 1_767_225_599_987_654_321; // 2025-12-31T23:59:59.987654321Z

    [Theory]
    [InlineData(PatchForm.Varint, 5, 35)]
    [InlineData(PatchForm.Varint, 9, 63)]
    [InlineData(PatchForm.ZigZag, 5, 34)]
    public void Padded_varints_are_read_by_any_parser(PatchForm form, int width, int bits) =>
        Prop.ForAll<long>(number =>
        {
            long value = number & ((1L << bits) - 1);
            byte[] bytes = Written(new MessagePatch { Offset = 0, Form = form, Width = (byte)width, Bits = (byte)bits }, value);
            bytes.Length.ShouldBe(width);
            var input = new CodedInputStream(bytes);
            (form == PatchForm.ZigZag ? input.ReadSInt64() : input.ReadInt64()).ShouldBe(value);
            input.IsAtEnd.ShouldBeTrue();
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Numbers_are_little_endian_where_their_width_is_fixed()
    {
        BinaryPrimitives.ReadUInt32LittleEndian(Written(new MessagePatch { Offset = 0, Form = PatchForm.Fixed32, Width = 4, Bits = 32 }, 4_000_000_000)).ShouldBe(4_000_000_000u);
        BinaryPrimitives.ReadUInt64LittleEndian(Written(new MessagePatch { Offset = 0, Form = PatchForm.Fixed64, Width = 8 }, 1L << 40)).ShouldBe(1UL << 40);
        BinaryPrimitives.ReadDoubleLittleEndian(Written(new MessagePatch { Offset = 0, Form = PatchForm.Binary64, Width = 8 }, 123_456_789_012)).ShouldBe(123_456_789_012.0);
        BinaryPrimitives.ReadSingleLittleEndian(Written(new MessagePatch { Offset = 0, Form = PatchForm.Binary32, Width = 4 }, 9_999_999)).ShouldBe(9_999_999f);
    }

    [Fact]
    public void A_number_that_its_field_does_not_hold_goes_round() =>
        Written(new MessagePatch { Offset = 0, Form = PatchForm.Fixed32, Width = 4, Bits = 31 }, (1L << 31) + 5).ShouldBe([5, 0, 0, 0]);

    [Theory]
    [InlineData("${seq}", "0000000042")]
    [InlineData("${seq 4}", "0042")]
    [InlineData("${now}", "2025-12-31T23:59:59.987654321Z")]
    [InlineData("${now s}", "1767225599")]
    [InlineData("${now ms}", "1767225599987")]
    [InlineData("${now us}", "1767225599987654")]
    [InlineData("${now ns}", "1767225599987654321")]
    public void Text_has_a_fixed_width(string template, string expected) => RenderCall(template, 42).ShouldBe(expected);

    [Fact]
    public void Text_that_is_too_narrow_for_the_number_goes_round() => RenderCall("${seq 4}", 123_456).ShouldBe("3456");

    [Fact]
    public void Times_are_those_of_the_calendar() =>
        Prop.ForAll<int, int>((seconds, fraction) =>
        {
            long unixSeconds = Math.Abs((long)seconds) * 4;
            long ns = Math.Abs((long)fraction) % 1_000_000_000;
            string text = RenderCall("${now}", 0, unixSeconds * 1_000_000_000 + ns);
            text.ShouldBe(DateTimeOffset.FromUnixTimeSeconds(unixSeconds).ToString("yyyy-MM-dd'T'HH:mm:ss", CultureInfo.InvariantCulture) + $".{ns:000000000}Z");
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Uuids_are_of_version_4_and_a_function_of_seed_and_place()
    {
        BoundTemplate template = Bound("${uuid}", seed: 7);
        var all = new HashSet<string>();
        for (long i = 0; i < 10_000; i++)
        {
            string text = template.RenderCall(i, 0);
            text.ShouldMatch("^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$");
            all.Add(text).ShouldBeTrue();
        }

        Bound("${uuid}", seed: 7).RenderCall(9_999, 0).ShouldBe(template.RenderCall(9_999, 0));
        Bound("${uuid}", seed: 8).RenderCall(9_999, 0).ShouldNotBe(template.RenderCall(9_999, 0));
        Bound("${uuid} ${uuid}", seed: 7).RenderCall(1, 0).Split(' ').Distinct().Count().ShouldBe(2, "two places are two identities");
    }

    [Fact]
    public void A_timestamp_is_two_padded_fields()
    {
        byte[] bytes = new byte[12];
        MessagePatch.ForTimestamp(0).Write(bytes, 0, NewYearNs);
        Google.Protobuf.WellKnownTypes.Timestamp time = Google.Protobuf.WellKnownTypes.Timestamp.Parser.ParseFrom(bytes);
        (time.Seconds, time.Nanos).ShouldBe((1_767_225_599, 987_654_321));
    }

    [Fact]
    public void Pieces_of_a_message_say_what_the_whole_says()
    {
        MessagePatch[] patches =
        [
            MessagePatch.ForText(new UuidPart(), 3, new CounterRandom(1, CounterRandom.Stream.Templates)),
            MessagePatch.ForText(new NowPart(null), 41, default),
            MessagePatch.ForText(new SequencePart(10), 71, default),
        ];
        byte[] whole = new byte[90];
        Array.ForEach(patches, p => p.Write(whole, 77, NewYearNs));
        for (int size = 1; size <= whole.Length; size++)
        {
            byte[] pieces = new byte[whole.Length];
            for (int at = 0; at < pieces.Length; at += size)
            {
                Span<byte> piece = pieces.AsSpan(at, Math.Min(size, pieces.Length - at));
                foreach (MessagePatch patch in patches)
                {
                    patch.WritePiece(piece, at, 77, NewYearNs);
                }
            }

            pieces.ShouldBe(whole, $"in pieces of {size}");
        }
    }

    private static byte[] Written(MessagePatch patch, long index)
    {
        byte[] bytes = new byte[patch.Width];
        patch.Write(bytes, index, 0);
        return bytes;
    }

    private static string RenderCall(string template, long index, long unixNs = NewYearNs) => Bound(template, 1).RenderCall(index, unixNs);

    private static BoundTemplate Bound(string text, ulong seed)
    {
        Template.TryParse(text, out Template? template, out string? error).ShouldBeTrue(error);
        Encoding.ASCII.GetByteCount(text).ShouldBe(text.Length);
        return template!.Bind(new TemplateScope(seed));
    }
}
