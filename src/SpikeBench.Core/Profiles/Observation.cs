using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;

namespace SpikeBench.Core.Profiles;

/// <summary>A query to a Prometheus API whose series are recorded beside the run: what was saturated while calls were slow?</summary>
/// <param name="Name">Its name in results.</param>
/// <param name="Prometheus">The API's address; credentials in it are never shown or stored.</param>
/// <param name="Query">In PromQL.</param>
/// <param name="Unit">What its values count, for the chart; null for bare numbers.</param>
public sealed partial record Observation(string Name, [property: JsonConverter(typeof(Observation.ShownAddress))] string Prometheus, string Query, string? Unit)
{
    /// <summary>The address without its user and password.</summary>
    [JsonIgnore]
    public string Address => UserInfo().Replace(Prometheus, "${scheme}***@");

    [GeneratedRegex(@"(?<scheme>//)[^/@\s]+@")]
    private static partial Regex UserInfo();

    internal sealed class ShownAddress : JsonConverter<string>
    {
        public override string? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.GetString();

        public override void Write(Utf8JsonWriter writer, string value, JsonSerializerOptions options) => writer.WriteStringValue(UserInfo().Replace(value, "${scheme}***@"));
    }
}
