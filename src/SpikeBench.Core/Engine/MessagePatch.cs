using System.Buffers.Binary;
using System.Runtime.InteropServices;
using SpikeBench.Core.Profiles.Templates;
using SpikeBench.Core.Schedule;

namespace SpikeBench.Core.Engine;

/// <summary>How a value is written over its place in a message.</summary>
public enum PatchForm : byte
{
    /// <summary>A varint padded to its width: bytes of 7 bits, least first, all but the last with the top bit set.</summary>
    Varint,

    /// <summary>The same of 2v: zigzag of a value that is never negative.</summary>
    ZigZag,

    /// <summary>4 bytes, least first.</summary>
    Fixed32,

    /// <summary>8 bytes, least first.</summary>
    Fixed64,

    /// <summary>IEEE 754, 4 bytes, least first.</summary>
    Binary32,

    /// <summary>IEEE 754, 8 bytes, least first.</summary>
    Binary64,

    /// <summary>Decimal digits with zeros in front.</summary>
    Digits,

    /// <summary>8-4-4-4-12 hexadecimal digits (RFC 9562).</summary>
    UuidText,

    /// <summary>16 bytes in the text's order.</summary>
    UuidBytes,

    /// <summary><c>2026-01-01T00:00:00.000000000Z</c> (RFC 3339).</summary>
    Rfc3339,

    /// <summary>google.protobuf.Timestamp's two fields, each a padded varint.</summary>
    Timestamp,
}

/// <summary>Where a patch's number is from.</summary>
public enum PatchSource : byte
{
    /// <summary>The call's place in the plan.</summary>
    Sequence,

    /// <summary>Wall time since 1970, in the unit of the same name.</summary>
    Seconds,
    Milliseconds,
    Microseconds,
    Nanoseconds,
}

/// <summary>
/// A place of fixed width in an encoded message that each call writes its own value over: in the call's own copy, as it goes into the
/// send buffer, never in the pool.
/// </summary>
/// <remarks>
/// A varint may be longer than it needs to be: a parser reads up to ten bytes and the padding is worth nothing (protobuf's encoding
/// guide, "Base 128 Varints"). So a number's place is as wide as its largest value, and no length in the message ever changes.
/// Nothing here allocates.
/// </remarks>
[StructLayout(LayoutKind.Auto)]
public readonly record struct MessagePatch
{
    /// <summary>No place is wider.</summary>
    public const int MaxWidth = 36;

    /// <summary>Two tags of a byte and two varints of five: seconds to the year 3058, and a thousand million nanoseconds.</summary>
    private const int TimestampWidth = 12;

    private const int Rfc3339Width = 30;
    private const int UuidWidth = 36;
    private const long NsPerSecond = 1_000_000_000;

    /// <summary>The first byte of the place, counted from the message's.</summary>
    public required int Offset { get; init; }

    /// <summary>How the value is written.</summary>
    public required PatchForm Form { get; init; }

    /// <summary>Bytes of the place.</summary>
    public required byte Width { get; init; }

    /// <summary>Where a number is from; UUIDs and times of day have a source of their own. (default: the sequence)</summary>
    public PatchSource Source { get; init; }

    /// <summary>How many low bits of a number the field holds: beyond, it goes round. (default: 63)</summary>
    public byte Bits { get; init; } = 63;

    /// <summary>What UUIDs are drawn from.</summary>
    public CounterRandom Draws { get; init; }

    public MessagePatch()
    {
    }

    /// <summary>The patch that writes a template's part as text.</summary>
    /// <param name="part">A part that differs from call to call.</param>
    /// <param name="offset">The first byte of the text.</param>
    /// <param name="draws">Of the part.</param>
    public static MessagePatch ForText(TemplatePart part, int offset, CounterRandom draws) => part switch
    {
        SequencePart sequence => new MessagePatch { Offset = offset, Form = PatchForm.Digits, Width = (byte)sequence.Digits },
        UuidPart => new MessagePatch { Offset = offset, Form = PatchForm.UuidText, Width = UuidWidth, Draws = draws },
        NowPart { Unit: null } => new MessagePatch { Offset = offset, Form = PatchForm.Rfc3339, Width = Rfc3339Width },
        NowPart { Unit: { } unit } => new MessagePatch { Offset = offset, Form = PatchForm.Digits, Width = DigitsOf(unit), Source = SourceOf(unit) },
        _ => throw new InvariantException($"{part} does not differ from call to call."),
    };

    /// <summary>google.protobuf.Timestamp of the wall time.</summary>
    public static MessagePatch ForTimestamp(int offset) => new() { Offset = offset, Form = PatchForm.Timestamp, Width = TimestampWidth };

    /// <summary>The source of a wall time's number.</summary>
    public static PatchSource SourceOf(TimeUnit unit) => PatchSource.Seconds + (byte)unit;

    /// <summary>Writes the value of one call.</summary>
    /// <param name="message">The call's copy of the message; the place must be in it.</param>
    /// <param name="index">The call's place in the plan.</param>
    /// <param name="unixNs">Wall time in nanoseconds since 1970, before the year 2262.</param>
    public void Write(Span<byte> message, long index, long unixNs)
    {
        Span<byte> place = message.Slice(Offset, Width);
        switch (Form)
        {
            case PatchForm.Varint:
                WriteVarint(place, Number(index, unixNs));
                break;
            case PatchForm.ZigZag:
                WriteVarint(place, Number(index, unixNs) << 1);
                break;
            case PatchForm.Fixed32:
                BinaryPrimitives.WriteUInt32LittleEndian(place, (uint)Number(index, unixNs));
                break;
            case PatchForm.Fixed64:
                BinaryPrimitives.WriteUInt64LittleEndian(place, Number(index, unixNs));
                break;
            case PatchForm.Binary32:
                BinaryPrimitives.WriteSingleLittleEndian(place, Number(index, unixNs));
                break;
            case PatchForm.Binary64:
                BinaryPrimitives.WriteDoubleLittleEndian(place, Number(index, unixNs));
                break;
            case PatchForm.Digits:
                WriteDigits(place, Number(index, unixNs));
                break;
            case PatchForm.UuidText:
                UuidOf(index).TryFormat(place, out _);
                break;
            case PatchForm.UuidBytes:
                UuidOf(index).TryWriteBytes(place, bigEndian: true, out _);
                break;
            case PatchForm.Rfc3339:
                WriteRfc3339(place, unixNs);
                break;
            case PatchForm.Timestamp:
                WriteTimestamp(place, unixNs);
                break;
        }
    }

    /// <summary>Writes what falls into one piece of a message that leaves in several.</summary>
    /// <param name="piece">The piece's own copy.</param>
    /// <param name="start">Where the piece begins, counted from the message's first byte.</param>
    /// <param name="index">The call's place in the plan.</param>
    /// <param name="unixNs">The same for all pieces.</param>
    public void WritePiece(Span<byte> piece, int start, long index, long unixNs)
    {
        int from = Math.Max(Offset, start);
        int to = Math.Min(Offset + Width, start + piece.Length);
        if (from >= to)
        {
            return;
        }

        Span<byte> whole = stackalloc byte[MaxWidth];
        (this with { Offset = 0 }).Write(whole, index, unixNs);
        whole[(from - Offset)..(to - Offset)].CopyTo(piece[(from - start)..]);
    }

    private ulong Number(long index, long unixNs)
    {
        long value = Source switch
        {
            PatchSource.Sequence => index,
            PatchSource.Seconds => unixNs / NsPerSecond,
            PatchSource.Milliseconds => unixNs / 1_000_000,
            PatchSource.Microseconds => unixNs / 1_000,
            _ => unixNs,
        };
        return (ulong)value & ((1UL << Bits) - 1);
    }

    // RFC 9562, 5.4: version 4 in the upper half of byte 6, variant 10 in the top bits of byte 8; the rest is random.
    private Guid UuidOf(long index)
    {
        ulong high = (Draws.Bits(2 * index) & 0xFFFFFFFFFFFF0FFF) | 0x4000;
        ulong low = (Draws.Bits(2 * index + 1) & 0x3FFFFFFFFFFFFFFF) | 0x8000000000000000;
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, high);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[8..], low);
        return new Guid(bytes, bigEndian: true);
    }

    private static void WriteVarint(Span<byte> place, ulong value)
    {
        for (int i = 0; i < place.Length - 1; i++)
        {
            place[i] = (byte)(value | 0x80);
            value >>= 7;
        }

        place[^1] = (byte)(value & 0x7F);
    }

    private static void WriteDigits(Span<byte> place, ulong value)
    {
        for (int i = place.Length - 1; i >= 0; i--)
        {
            (value, ulong digit) = Math.DivRem(value, 10);
            place[i] = (byte)('0' + digit);
        }
    }

    private static void WriteRfc3339(Span<byte> place, long unixNs)
    {
        (long seconds, long ns) = Math.DivRem(unixNs, NsPerSecond);
        DateTime time = DateTime.UnixEpoch.AddTicks(seconds * TimeSpan.TicksPerSecond);
        time.Deconstruct(out DateOnly date, out TimeOnly day);
        WriteDigits(place[..4], (ulong)date.Year);
        place[4] = (byte)'-';
        WriteDigits(place[5..7], (ulong)date.Month);
        place[7] = (byte)'-';
        WriteDigits(place[8..10], (ulong)date.Day);
        place[10] = (byte)'T';
        WriteDigits(place[11..13], (ulong)day.Hour);
        place[13] = (byte)':';
        WriteDigits(place[14..16], (ulong)day.Minute);
        place[16] = (byte)':';
        WriteDigits(place[17..19], (ulong)day.Second);
        place[19] = (byte)'.';
        WriteDigits(place[20..29], (ulong)ns);
        place[29] = (byte)'Z';
    }

    // Field 1: seconds, int64; field 2: nanos, int32. A tag is the number and wire type 0.
    private static void WriteTimestamp(Span<byte> place, long unixNs)
    {
        (long seconds, long ns) = Math.DivRem(unixNs, NsPerSecond);
        place[0] = 1 << 3;
        WriteVarint(place[1..6], (ulong)seconds);
        place[6] = 2 << 3;
        WriteVarint(place[7..12], (ulong)ns);
    }

    private static byte DigitsOf(TimeUnit unit) => unit switch
    {
        TimeUnit.Seconds => 10,
        TimeUnit.Milliseconds => 13,
        TimeUnit.Microseconds => 16,
        _ => 19,
    };
}
