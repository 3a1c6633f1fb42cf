using System.Text.Json;
using System.Text.Json.Nodes;

namespace SpikeBench.Tests.Cli;

/// <summary>Checks a document against the part of JSON schema that our schemas use; an unknown keyword is an error, not a blind eye.</summary>
internal static class SchemaCheck
{
    private static readonly string[] Silent = ["$schema", "title", "description", "properties", "additionalProperties"];

    public static List<string> Errors(JsonNode schema, JsonNode? value)
    {
        var errors = new List<string>();
        Check((JsonObject)schema, value, "$", errors);
        return errors;
    }

    private static void Check(JsonObject schema, JsonNode? value, string at, List<string> errors)
    {
        foreach ((string keyword, JsonNode? rule) in schema)
        {
            switch (keyword)
            {
                case "type":
                    string[] types = rule is JsonArray several ? [.. several.Select(t => (string)t!)] : [(string)rule!];
                    if (!types.Any(t => Is(value, t)))
                    {
                        errors.Add($"{at} is not {string.Join(" or ", types)}");
                        return;
                    }

                    break;
                case "enum":
                    if (!((JsonArray)rule!).Any(v => JsonNode.DeepEquals(v, value)))
                    {
                        errors.Add($"{at} is none of {rule!.ToJsonString()}");
                    }

                    break;
                case "items":
                    for (int i = 0; i < ((value as JsonArray)?.Count ?? 0); i++)
                    {
                        Check((JsonObject)rule!, ((JsonArray)value!)[i], $"{at}[{i}]", errors);
                    }

                    break;
                case "required":
                    errors.AddRange(((JsonArray)rule!).Where(n => value is JsonObject o && !o.ContainsKey((string)n!)).Select(n => $"{at}.{n} is missing"));
                    break;
                default:
                    if (!Silent.Contains(keyword))
                    {
                        errors.Add($"the schema's {keyword} is not understood");
                    }

                    break;
            }
        }

        if (value is JsonObject members && schema["properties"] is JsonObject properties)
        {
            foreach ((string name, JsonNode? member) in members)
            {
                if (properties[name] is JsonObject child)
                {
                    Check(child, member, $"{at}.{name}", errors);
                }
                else if ((bool?)schema["additionalProperties"] == false)
                {
                    errors.Add($"{at}.{name} is unknown");
                }
            }
        }
    }

    private static bool Is(JsonNode? value, string type) => type switch
    {
        "null" => value is null,
        "object" => value is JsonObject,
        "array" => value is JsonArray,
        "string" => value?.GetValueKind() == JsonValueKind.String,
        "boolean" => value?.GetValueKind() is JsonValueKind.True or JsonValueKind.False,
        "integer" => value?.GetValueKind() == JsonValueKind.Number && value.ToJsonString().All(c => char.IsAsciiDigit(c) || c == '-'),
        "number" => value?.GetValueKind() == JsonValueKind.Number,
        _ => false,
    };
}
