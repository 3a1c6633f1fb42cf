using System.Text;
using System.Text.Json;
using Google.Protobuf.Reflection;

namespace SpikeBench.Grpc.Dynamic;

/// <summary>
/// Encodes JSON as a protobuf message of any type, by its descriptor and by the protobuf JSON mapping
/// (protobuf.dev/programming-guides/json).
/// </summary>
/// <remarks>
/// Stricter than the mapping where a mistake would otherwise go unseen: a field given twice, two fields of one oneof and a required field
/// that is missing are errors. Fields are written in the order of their numbers, map entries in the order given.
/// </remarks>
public static class JsonToWire
{
    private const int MostLevels = 100;

    /// <summary>Encodes one message.</summary>
    /// <param name="type">The message's type.</param>
    /// <param name="json">Its JSON.</param>
    /// <param name="types">What <c>Any</c> and extensions are looked up in; null: what the type's own file sees.</param>
    /// <exception cref="MessageJsonException">The JSON is not that of such a message.</exception>
    public static byte[] Encode(MessageDescriptor type, JsonElement json, MessageTypes? types = null)
    {
        var encoder = new JsonEncoder(type, types ?? MessageTypes.Of(type.File));
        return encoder.Encode(json);
    }

    /// <summary>Reads JSON text and encodes it.</summary>
    /// <param name="type">The message's type.</param>
    /// <param name="json">The text.</param>
    /// <param name="types">What <c>Any</c> and extensions are looked up in; null: what the type's own file sees.</param>
    /// <exception cref="MessageJsonException">The text is no JSON, or not that of such a message.</exception>
    public static byte[] Encode(MessageDescriptor type, string json, MessageTypes? types = null)
    {
        using JsonDocument document = Parse(json, type.Name);
        return Encode(type, document.RootElement, types);
    }

    /// <summary>Reads JSON text.</summary>
    /// <param name="json">The text.</param>
    /// <param name="what">What the error calls it.</param>
    /// <exception cref="MessageJsonException">It is no JSON.</exception>
    public static JsonDocument Parse(string json, string what)
    {
        try
        {
            return JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = MostLevels });
        }
        catch (JsonException e)
        {
            // Both count from 0, and the position in bytes.
            long line = (e.LineNumber ?? 0) + 1;
            string text = json.Split('\n').ElementAtOrDefault((int)line - 1) ?? "";
            byte[] before = Encoding.UTF8.GetBytes(text);
            int column = Encoding.UTF8.GetCharCount(before, 0, (int)Math.Min(e.BytePositionInLine ?? 0, before.Length)) + 1;
            string problem = e.Message.Split(" LineNumber:", 2)[0].TrimEnd('.');
            throw new MessageJsonException(what, $"is not JSON at line {line}, column {column}: {problem}");
        }
    }
}
