using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace SpikeBench.Core.Profiles;

/// <summary>The profile format as a JSON schema (draft 2020-12), for editors; generated from <see cref="ProfileFormat"/>.</summary>
public static class ProfileSchema
{
    private static readonly JsonSerializerOptions Indented = new()
    {
        WriteIndented = true,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>The schema's text, ending in a newline.</summary>
    public static string Generate()
    {
        JsonObject root = Describe(ProfileFormat.Root);
        var schema = new JsonObject
        {
            ["$schema"] = "https://json-schema.org/draft/2020-12/schema",
            ["title"] = "SpikeBench load profile",
        };
        foreach ((string key, JsonNode? value) in root.ToList())
        {
            root.Remove(key);
            schema[key] = value;
        }

        schema["$defs"] = new JsonObject { ["step"] = Describe(ProfileFormat.Step) };
        return schema.ToJsonString(Indented) + "\n";
    }

    private static JsonObject Describe(FormatShape shape)
    {
        var properties = new JsonObject();
        foreach (FormatKey key in shape.Keys)
        {
            JsonObject value = Describe(key);
            value["description"] = key.About;
            properties[key.Name] = value;
        }

        var schema = new JsonObject { ["type"] = "object", ["additionalProperties"] = false, ["properties"] = properties };
        if (shape.Keys.Any(k => k.Required))
        {
            schema["required"] = new JsonArray([.. shape.Keys.Where(k => k.Required).Select(k => JsonValue.Create(k.Name))]);
        }

        if (shape.OneOf)
        {
            schema["minProperties"] = 1;
            schema["maxProperties"] = 1;
        }

        if (shape.Percentiles)
        {
            schema["patternProperties"] = new JsonObject
            {
                ["^p[0-9]{1,2}(\\.[0-9]{1,4})?$"] = new JsonObject
                {
                    ["type"] = "string",
                    ["pattern"] = $"^{(shape.Exceeded ? ">" : "<=")} *[0-9.]+(ns|us|µs|ms|s|m|min|h)$",
                    ["description"] = shape.Exceeded
                        ? "Stop when this percentile of the window's calls is above a response time: \"> 800ms\"."
                        : "The response time that this percentile of all calls must not exceed: \"<= 200ms\".",
                },
            };
        }

        return schema;
    }

    private static JsonObject Describe(FormatKey key) => key.Kind switch
    {
        ValueKind.Text => Typed("string"),
        ValueKind.Whole => Typed("integer"),
        ValueKind.Number => Typed("number"),
        ValueKind.Duration => Pattern("^[0-9.]+(ns|us|µs|ms|s|m|min|h)$"),
        ValueKind.Rate => Pattern("^([0-9.]+[kM]?/(s|m|min|h)|[0-9.]+x)$"),
        ValueKind.Multiple => Pattern("^[0-9.]+x$"),
        ValueKind.Percent => Pattern("^[0-9.]+%$"),
        ValueKind.Limit => Pattern("^<= *[0-9.]+%$"),
        ValueKind.Excess => Pattern("^> *[0-9.]+%$"),
        ValueKind.Size => Pattern("^[0-9.]+(B|kB|MB|GB|KiB|MiB|GiB)$"),
        ValueKind.Flag => Typed("boolean"),
        ValueKind.Choice => new JsonObject { ["enum"] = new JsonArray([.. key.Choices.Select(c => JsonValue.Create(c))]) },
        ValueKind.Connections => new JsonObject { ["anyOf"] = new JsonArray(new JsonObject { ["const"] = "auto" }, Typed("integer")) },
        ValueKind.Texts => new JsonObject { ["anyOf"] = new JsonArray(Typed("string"), new JsonObject { ["type"] = "array", ["minItems"] = 1, ["items"] = Typed("string") }) },
        ValueKind.Names => new JsonObject { ["type"] = "array", ["items"] = Typed("string") },
        ValueKind.Fields => new JsonObject { ["anyOf"] = new JsonArray(Typed("object"), new JsonObject { ["type"] = "array", ["minItems"] = 1, ["items"] = Typed("object") }) },
        ValueKind.Values => new JsonObject { ["type"] = "object", ["additionalProperties"] = new JsonObject { ["type"] = new JsonArray("string", "number", "boolean") } },
        ValueKind.Steps => new JsonObject { ["type"] = "array", ["minItems"] = 1, ["items"] = new JsonObject { ["$ref"] = "#/$defs/step" } },
        ValueKind.List => new JsonObject { ["type"] = "array", ["minItems"] = 1, ["items"] = Describe(key.Child!) },
        _ => Describe(key.Child!),
    };

    private static JsonObject Typed(string type) => new() { ["type"] = type };

    private static JsonObject Pattern(string pattern) => new() { ["type"] = "string", ["pattern"] = pattern };
}
