using System.Text.Json;

namespace SpikeBench.Tests.Histograms;

/// <summary>Access to the files that other implementations of the family printed (Golden/README.md says how).</summary>
internal static class GoldenData
{
    private static readonly string Root = Path.Combine(AppContext.BaseDirectory, "Histograms", "Golden");

    public static string PathOf(string name) => Path.Combine(Root, name);

    public static string Text(string name) => File.ReadAllText(PathOf(name));

    /// <summary>The rows of a CSV without its header and comments; no field there holds a comma in quotes.</summary>
    public static IEnumerable<string[]> Rows(string name) =>
        File.ReadLines(PathOf(name)).Skip(1).Where(line => !line.StartsWith('#')).Select(line => line.Split(','));

    public static IReadOnlyList<JsonElement> Cases(string name)
    {
        using JsonDocument document = JsonDocument.Parse(Text(name));
        return [.. document.RootElement.GetProperty("cases").EnumerateArray().Select(e => e.Clone())];
    }

    /// <summary>A number, whether written as such or as a string because it has 64 bits.</summary>
    public static long Long(this JsonElement element, string property)
    {
        JsonElement value = element.GetProperty(property);
        return value.ValueKind == JsonValueKind.String ? long.Parse(value.GetString()!) : value.GetInt64();
    }

    public static string String(this JsonElement element, string property) => element.GetProperty(property).GetString()!;

    /// <summary>IEEE-754 bits written as 0x and 16 hexadecimal digits.</summary>
    public static long Bits(string hex) => Convert.ToInt64(hex, 16);
}
