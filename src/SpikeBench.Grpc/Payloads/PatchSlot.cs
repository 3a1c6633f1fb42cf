using System.Globalization;
using System.Text;
using Google.Protobuf.Reflection;
using SpikeBench.Core.Engine;
using SpikeBench.Core.Profiles.Templates;
using SpikeBench.Core.Schedule;

namespace SpikeBench.Grpc.Payloads;

/// <summary>
/// A place that each call writes over, before it is known where in the encoded message it stands.
/// </summary>
/// <remarks>
/// It is found by an imagined call: one whose value is just as wide as the place, so that its ordinary encoding fills it. The message is
/// encoded with that value, and where the value's bytes stand the place is.
/// </remarks>
internal sealed class PatchSlot
{
    // Five bytes of a varint begin at 2²⁸; a 32-bit field, and zigzag's doubling, leave room to 2³⁰.
    private const long FiveBytes = 1L << 28;
    private const long SevenBytes = 1L << 42;
    private const long EightBytes = 1L << 49;
    private const long NineBytes = 1L << 56;

    private readonly long _least;
    private readonly long _end;
    private readonly bool _isDateAndTime;

    private PatchSlot(MessagePatch patch, long least, long end, bool isDateAndTime = false)
    {
        Patch = patch;
        _least = least;
        _end = end;
        _isDateAndTime = isDateAndTime;
    }

    /// <summary>The patch, at offset 0.</summary>
    public MessagePatch Patch { get; }

    /// <summary>A part as text.</summary>
    public static PatchSlot OfText(TemplatePart part, CounterRandom draws)
    {
        MessagePatch patch = MessagePatch.ForText(part, 0, draws);
        return patch.Form switch
        {
            PatchForm.UuidText => new PatchSlot(patch, 0, 1L << 61),
            PatchForm.Rfc3339 => new PatchSlot(patch, FiveBytes, 1L << 30, isDateAndTime: true),
            _ when patch.Source == PatchSource.Sequence => new PatchSlot(patch, (long)Math.Pow(10, patch.Width - 1), (long)Math.Pow(10, patch.Width)),
            _ => OfTime(patch),
        };
    }

    /// <summary>The 16 bytes of a UUID.</summary>
    public static PatchSlot OfUuidBytes(CounterRandom draws) =>
        new(new MessagePatch { Offset = 0, Form = PatchForm.UuidBytes, Width = 16, Draws = draws }, 0, 1L << 61);

    /// <summary>google.protobuf.Timestamp.</summary>
    public static PatchSlot OfTimestamp() => new(MessagePatch.ForTimestamp(0), FiveBytes, 1L << 30, isDateAndTime: true);

    /// <summary>A number in a field of a kind; null and why where it cannot stand there.</summary>
    public static (PatchSlot? Slot, string? Error) OfNumber(TemplatePart part, FieldDescriptor field)
    {
        FieldType kind = field.FieldType;
        PatchSource source = part is NowPart now ? MessagePatch.SourceOf(now.Unit ?? TimeUnit.Milliseconds) : PatchSource.Sequence;
        bool isNarrow = kind is FieldType.Int32 or FieldType.UInt32 or FieldType.SInt32 or FieldType.Fixed32 or FieldType.SFixed32 or FieldType.Float;
        if (isNarrow && (source is PatchSource.Milliseconds or PatchSource.Microseconds or PatchSource.Nanoseconds || (kind == FieldType.Float && source != PatchSource.Sequence)))
        {
            return (null, $"is {FieldKinds.WithArticle(field)}, which does not hold that time{(kind == FieldType.Float ? "" : "; write ${now s} for whole seconds")}");
        }

        (PatchForm form, byte width) = kind switch
        {
            FieldType.SInt32 or FieldType.SInt64 => (PatchForm.ZigZag, VarintWidth(source)),
            FieldType.Fixed32 or FieldType.SFixed32 => (PatchForm.Fixed32, (byte)4),
            FieldType.Fixed64 or FieldType.SFixed64 => (PatchForm.Fixed64, (byte)8),
            FieldType.Float => (PatchForm.Binary32, (byte)4),
            FieldType.Double => (PatchForm.Binary64, (byte)8),
            _ => (PatchForm.Varint, VarintWidth(source)),
        };
        int bits = form switch
        {
            PatchForm.Varint => 7 * width,
            PatchForm.ZigZag => 7 * width - 1,
            _ => 63,
        };
        int most = kind is FieldType.Int32 or FieldType.SInt32 or FieldType.SFixed32 ? 31 : isNarrow && kind != FieldType.Float ? 32 : 63;
        var patch = new MessagePatch { Offset = 0, Form = form, Width = width, Source = source, Bits = (byte)Math.Min(bits, most) };
        return source == PatchSource.Sequence
            ? (new PatchSlot(patch, form == PatchForm.Binary32 ? 1 << 22 : FiveBytes, form == PatchForm.Binary32 ? 1 << 24 : 1L << 30), null)
            : (OfTime(patch), null);
    }

    /// <summary>A call that fills the place, and what JSON says of it there.</summary>
    /// <param name="draws">Where it is drawn from.</param>
    /// <param name="number">Of the draw.</param>
    public Mark Imagine(CounterRandom draws, long number)
    {
        long value = _least + (long)(draws.Unit(2 * number) * (_end - _least));

        // Nanoseconds from 2²⁸ on take five bytes as well.
        long unixNs = _isDateAndTime ? value * 1_000_000_000 + FiveBytes + draws.Below(2 * number + 1, 1_000_000_000 - (int)FiveBytes) : value * UnitNs;
        var pattern = new byte[Patch.Width];
        Patch.Write(pattern, value, unixNs);
        string text = Patch.Form switch
        {
            PatchForm.Digits or PatchForm.UuidText or PatchForm.Rfc3339 => Encoding.ASCII.GetString(pattern),
            PatchForm.UuidBytes => Convert.ToBase64String(pattern),
            PatchForm.Timestamp => Rfc3339(unixNs),
            _ => value.ToString(CultureInfo.InvariantCulture),
        };
        return new Mark(Patch, pattern, text);
    }

    private long UnitNs => Patch.Source switch
    {
        PatchSource.Seconds => 1_000_000_000,
        PatchSource.Milliseconds => 1_000_000,
        PatchSource.Microseconds => 1_000,
        _ => 1,
    };

    // Digits: as many as such times have from 2001 on. Milliseconds end at 2⁴³, where their nanoseconds are no long any more; a double is
    // exact to 2⁵³.
    private static PatchSlot OfTime(MessagePatch patch)
    {
        bool isDigits = patch.Form == PatchForm.Digits;
        (long least, long end) = patch.Source switch
        {
            PatchSource.Seconds => isDigits ? (1_000_000_000, 9_000_000_000) : (FiveBytes, 1L << 30),
            PatchSource.Milliseconds => (SevenBytes, 1L << 43),
            PatchSource.Microseconds => (isDigits ? 1_000_000_000_000_000 : EightBytes, 1L << 51),
            _ when patch.Form == PatchForm.Binary64 => (EightBytes, 1L << 51),
            _ => isDigits ? (1_000_000_000_000_000_000, 9_000_000_000_000_000_000) : (NineBytes, 1L << 58),
        };
        return new PatchSlot(patch, least, end);
    }

    // The sequence and seconds to 2³⁴, milliseconds to 2⁴⁸, microseconds to 2⁵⁵, nanoseconds to 2⁶²: the year 2116 at the nearest.
    private static byte VarintWidth(PatchSource source) => source switch
    {
        PatchSource.Milliseconds => 7,
        PatchSource.Microseconds => 8,
        PatchSource.Nanoseconds => 9,
        _ => 5,
    };

    private static string Rfc3339(long unixNs)
    {
        MessagePatch patch = MessagePatch.ForText(new NowPart(null), 0, default);
        Span<byte> text = stackalloc byte[MessagePatch.MaxWidth];
        patch.Write(text, 0, unixNs);
        return Encoding.ASCII.GetString(text[..patch.Width]);
    }
}

/// <summary>The value of an imagined call: what is to be written later, its bytes, and what JSON says for it.</summary>
internal readonly record struct Mark(MessagePatch Patch, byte[] Pattern, string Text);
