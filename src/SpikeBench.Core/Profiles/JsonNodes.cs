using System.Text.Json;

namespace SpikeBench.Core.Profiles;

/// <summary>Reads JSON text into <see cref="ProfileNode"/>s. Bare words (numbers, true, false, null) are plain; places are not kept.</summary>
public static class JsonNodes
{
    private static readonly JsonDocumentOptions Options = new() { MaxDepth = 64 };

    /// <summary>Reads one JSON value.</summary>
    /// <returns>The node, or what is wrong with the text.</returns>
    public static (ProfileNode? Node, string? Error) Read(string text)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(text, Options);
            return (Of(document.RootElement), null);
        }
        catch (JsonException e)
        {
            string hint = text.Contains(": ${", StringComparison.Ordinal) || text.Contains(":${", StringComparison.Ordinal)
                ? "; a template stands in quotes, in a number's place too: \"room\": \"${zipf 10000 1.1}\"" : "";
            string what = e.Message.Split(" LineNumber:")[0].TrimEnd('.');
            return (null, $"is not JSON: line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}: {what}{hint}");
        }
    }

    /// <summary>The node of an element.</summary>
    public static ProfileNode Of(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => new MappingNode([.. element.EnumerateObject().Select(p => new MappingEntry(p.Name, Of(p.Value), 0, 0))], 0, 0),
        JsonValueKind.Array => new SequenceNode([.. element.EnumerateArray().Select(Of)], 0, 0),
        JsonValueKind.String => new ScalarNode(element.GetString()!, 0, 0),
        _ => new ScalarNode(element.GetRawText(), 0, 0) { IsPlain = true },
    };

    /// <summary>True for a plain word that is a number, true, false or null in JSON.</summary>
    public static bool IsWord(ScalarNode scalar)
    {
        if (!scalar.IsPlain)
        {
            return false;
        }

        if (scalar.Value is "true" or "false" or "null")
        {
            return true;
        }

        // JSON's numbers, not YAML's: no leading zeros, no +, no bare point.
        ReadOnlySpan<char> digits = scalar.Value.AsSpan().TrimStart('-');
        if (digits.IsEmpty || !char.IsAsciiDigit(digits[0]) || scalar.Value.Length > 400)
        {
            return false;
        }

        try
        {
            using JsonDocument document = JsonDocument.Parse(scalar.Value);
            return document.RootElement.ValueKind == JsonValueKind.Number;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
