using System.Globalization;
using Google.Protobuf.Reflection;
using SpikeBench.Core;

namespace SpikeBench.Grpc.Dynamic;

/// <summary>How a message is printed.</summary>
/// <param name="Indented">Two spaces a level; otherwise one line. (default: one line)</param>
/// <param name="WithDefaults">Fields that cannot tell their default from none are printed too: 0, "", [], {}. (default: left out, as the mapping has it)</param>
public readonly record struct JsonStyle(bool Indented = false, bool WithDefaults = false);

/// <summary>
/// Prints a protobuf message of any type as JSON, by its descriptor and by the protobuf JSON mapping (protobuf.dev/programming-guides/json).
/// </summary>
/// <remarks>
/// Fields stand in the order of their numbers; fields that the descriptor does not know are left out. Where the mapping has no JSON for a
/// message, it is still shown: a Timestamp, Duration or FieldMask out of its range as an object of its fields, an Any of an unknown
/// type with its bytes as <c>@value</c>.
/// </remarks>
public static class WireToJson
{
    /// <summary>Prints one message.</summary>
    /// <param name="type">The message's type.</param>
    /// <param name="wire">Its bytes.</param>
    /// <param name="types">What <c>Any</c> and extensions are looked up in; null: what the type's own file sees.</param>
    /// <param name="style">Lines and defaults.</param>
    /// <exception cref="TargetException">The bytes are no such message.</exception>
    public static string Print(MessageDescriptor type, ReadOnlySpan<byte> wire, MessageTypes? types = null, JsonStyle style = default)
    {
        try
        {
            MessageTypes known = types ?? MessageTypes.Of(type.File);
            var printer = new JsonPrinter(known, style);
            printer.Message(WireMessage.Read(type, wire, known));
            return printer.ToString();
        }
        catch (WireException e)
        {
            throw new TargetException($"{wire.Length.ToString(CultureInfo.InvariantCulture)} bytes are no {type.FullName}: {e.Message}", e);
        }
    }
}
