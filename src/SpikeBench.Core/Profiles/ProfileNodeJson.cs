using System.Text.Json;
using System.Text.Json.Serialization;

namespace SpikeBench.Core.Profiles;

/// <summary>Writes a node as the JSON that it says, and reads it back; places are left out, so that a comment added to a profile is no other profile.</summary>
internal sealed class ProfileNodeJson : JsonConverter<ProfileNode>
{
    public override ProfileNode? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        using JsonDocument document = JsonDocument.ParseValue(ref reader);
        return JsonNodes.Of(document.RootElement);
    }

    public override void Write(Utf8JsonWriter writer, ProfileNode value, JsonSerializerOptions options)
    {
        switch (value)
        {
            case MappingNode mapping:
                writer.WriteStartObject();
                foreach (MappingEntry entry in mapping.Entries)
                {
                    writer.WritePropertyName(entry.Key);
                    Write(writer, entry.Value, options);
                }

                writer.WriteEndObject();
                break;
            case SequenceNode list:
                writer.WriteStartArray();
                foreach (ProfileNode item in list.Items)
                {
                    Write(writer, item, options);
                }

                writer.WriteEndArray();
                break;
            case ScalarNode scalar when JsonNodes.IsWord(scalar):
                writer.WriteRawValue(scalar.Value);
                break;
            case ScalarNode scalar:
                writer.WriteStringValue(scalar.Value);
                break;
        }
    }
}
