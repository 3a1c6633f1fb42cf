using System.Buffers.Binary;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using SpikeBench.Core.Engine;
using SpikeBench.Core.Profiles;

namespace SpikeBench.Grpc.Replies;

/// <summary>
/// Holds the bytes of a reply against what its fields must be, without decoding the rest of it and without allocating.
/// </summary>
/// <remarks>
/// Protobuf's rules: of a field that stands several times the last counts, a field that does not stand has its default, and unknown fields
/// are skipped. Bytes that are no message fail every check.
/// </remarks>
public sealed class ReplyCheck : IReplyCheck
{
    private readonly FieldTest[] _tests;

    private ReplyCheck(FieldTest[] tests) => _tests = tests;

    /// <summary>The check of an operation's <c>reply</c>.</summary>
    /// <param name="message">The reply's type.</param>
    /// <param name="fields">What its fields must be; at least one.</param>
    /// <param name="path">The operation's place in the profile, for errors.</param>
    /// <param name="errors">Takes what is wrong with them.</param>
    /// <returns>The check, or null and at least one error.</returns>
    public static ReplyCheck? Compile(MessageDescriptor message, IReadOnlyList<ReplyField> fields, string path, List<ProfileError> errors)
    {
        var tests = new List<FieldTest>();
        foreach (ReplyField field in fields)
        {
            (FieldTest? test, string? error) = FieldTest.Compile(message, field);
            if (test is null)
            {
                errors.Add(new ProfileError(field.Line, field.Column, $"{path}.reply.{field.Path}", error!));
            }
            else
            {
                tests.Add(test);
            }
        }

        return tests.Count == fields.Count ? new ReplyCheck([.. tests]) : null;
    }

    /// <inheritdoc/>
    public bool Holds(ReadOnlySpan<byte> reply)
    {
        foreach (FieldTest test in _tests)
        {
            if (!test.Holds(reply))
            {
                return false;
            }
        }

        return true;
    }
}

/// <summary>What one field must be: the way to it by field numbers, and its value as it stands on the wire.</summary>
internal sealed class FieldTest
{
    private readonly int[] _way;
    private readonly WireFormat.WireType _wire;
    private readonly ulong _number;
    private readonly ulong _mask;
    private readonly byte[] _bytes;

    private FieldTest(int[] way, WireFormat.WireType wire, ulong number, ulong mask, byte[] bytes)
    {
        _way = way;
        _wire = wire;
        _number = number & mask;
        _mask = mask;
        _bytes = bytes;
    }

    /// <summary>Finds the field and reads its value.</summary>
    public static (FieldTest? Test, string? Error) Compile(MessageDescriptor message, ReplyField wanted)
    {
        var way = new List<int>();
        FieldDescriptor? field = null;
        foreach (string name in wanted.Path.Split('.'))
        {
            MessageDescriptor? at = field is null ? message : field.FieldType == FieldType.Message ? field.MessageType : null;
            if (at is null)
            {
                return (null, $"{field!.FullName} is {Kind(field)} and has no fields");
            }

            FieldDescriptor[] all = [.. at.Fields.InDeclarationOrder()];
            field = Array.Find(all, f => f.Name == name || f.JsonName == name);
            if (field is null)
            {
                return (null, $"{at.FullName} has no field '{name}'; it has {string.Join(", ", all.Select(f => f.Name))}{Suggestion.DidYouMean(name, all.Select(f => f.Name))}");
            }

            if (field.IsRepeated)
            {
                return (null, $"{field.FullName} is repeated; only single fields can be checked");
            }

            way.Add(field.FieldNumber);
        }

        // A wrapper is written as the value in it.
        if (field!.FieldType == FieldType.Message && field.MessageType.File.Package == "google.protobuf" && field.MessageType.Name.EndsWith("Value", StringComparison.Ordinal)
            && field.MessageType.FindFieldByName("value") is { } inner)
        {
            way.Add(inner.FieldNumber);
            field = inner;
        }

        return WireValue.TryParse(field, wanted.Value, out WireFormat.WireType wire, out ulong number, out ulong mask, out byte[] bytes)
            ? (new FieldTest([.. way], wire, number, mask, bytes), null)
            : (null, field.FieldType is FieldType.Message or FieldType.Group
                ? $"{field.FullName} is a message: name one of its fields, {wanted.Path}.{field.MessageType.Fields.InDeclarationOrder().FirstOrDefault()?.Name}"
                : $"'{wanted.Value}' is not {Kind(field)}");
    }

    public bool Holds(ReadOnlySpan<byte> message)
    {
        for (int i = 0; i < _way.Length - 1; i++)
        {
            if (!TryFind(message, _way[i], WireFormat.WireType.LengthDelimited, out _, out message, out _))
            {
                return false;
            }
        }

        if (!TryFind(message, _way[^1], _wire, out ulong number, out ReadOnlySpan<byte> bytes, out bool found))
        {
            return false;
        }

        return _wire == WireFormat.WireType.LengthDelimited
            ? (found ? bytes : default).SequenceEqual(_bytes)
            : ((found ? number : 0) & _mask) == _number;
    }

    private static string Kind(FieldDescriptor field) => field.FieldType switch
    {
        FieldType.Enum => $"one of {string.Join(", ", field.EnumType.Values.Select(v => v.Name))}",
        FieldType.Bytes => "bytes in base64",
        FieldType.Message => $"a {field.MessageType.FullName}",
        _ => $"a {field.FieldType.ToString().ToLowerInvariant()}",
    };

    // The last field of a number; false when the bytes are no message, or the field has another wire type.
    private static bool TryFind(ReadOnlySpan<byte> message, int field, WireFormat.WireType wire, out ulong number, out ReadOnlySpan<byte> bytes, out bool found)
    {
        number = 0;
        bytes = default;
        found = false;
        while (!message.IsEmpty)
        {
            if (!TryVarint(ref message, out ulong tag) || !TryValue(ref message, (WireFormat.WireType)(tag & 7), out ulong value, out ReadOnlySpan<byte> body))
            {
                return false;
            }

            if (tag >> 3 == (ulong)field)
            {
                if ((WireFormat.WireType)(tag & 7) != wire)
                {
                    return false;
                }

                number = value;
                bytes = body;
                found = true;
            }
        }

        return true;
    }

    private static bool TryValue(scoped ref ReadOnlySpan<byte> message, WireFormat.WireType wire, out ulong value, out ReadOnlySpan<byte> body)
    {
        value = 0;
        body = default;
        switch (wire)
        {
            case WireFormat.WireType.Varint:
                return TryVarint(ref message, out value);
            case WireFormat.WireType.Fixed32 when message.Length >= sizeof(uint):
                value = BinaryPrimitives.ReadUInt32LittleEndian(message);
                message = message[sizeof(uint)..];
                return true;
            case WireFormat.WireType.Fixed64 when message.Length >= sizeof(ulong):
                value = BinaryPrimitives.ReadUInt64LittleEndian(message);
                message = message[sizeof(ulong)..];
                return true;
            case WireFormat.WireType.LengthDelimited when TryVarint(ref message, out ulong length) && length <= (ulong)message.Length:
                body = message[..(int)length];
                message = message[(int)length..];
                return true;
            default:
                return false;
        }
    }

    private static bool TryVarint(ref ReadOnlySpan<byte> message, out ulong value)
    {
        const int MostBytes = 10;
        value = 0;
        for (int i = 0; i < message.Length && i < MostBytes; i++)
        {
            value |= (ulong)(message[i] & 0x7f) << (7 * i);
            if (message[i] < 0x80)
            {
                message = message[(i + 1)..];
                return true;
            }
        }

        return false;
    }
}
