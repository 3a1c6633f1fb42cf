using System.Text.Json;
using System.Text.Json.Serialization;

namespace SpikeBench.Core.Profiles;

/// <summary>Writes a secret as three stars, in every JSON that a value gets into; so a hash of it does not depend on the secret either.</summary>
internal sealed class RedactedConverter : JsonConverter<string>
{
    public const string Stars = "***";

    public override string? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.GetString();

    public override void Write(Utf8JsonWriter writer, string value, JsonSerializerOptions options) => writer.WriteStringValue(Stars);
}
