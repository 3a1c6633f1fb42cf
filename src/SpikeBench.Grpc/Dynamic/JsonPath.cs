using System.Globalization;
using System.Text;

namespace SpikeBench.Grpc.Dynamic;

/// <summary>Where in a message the reader is; text only when something is wrong there.</summary>
internal sealed class JsonPath(string root)
{
    private const int Named = -1;
    private const int Keyed = -2;

    private readonly List<(string? Name, int Index)> _parts = [];

    /// <summary>Goes down to a field.</summary>
    public void Field(string name) => _parts.Add((name, Named));

    /// <summary>Goes down to a list's item.</summary>
    public void Item(int index) => _parts.Add((null, index));

    /// <summary>Goes down to a map's entry.</summary>
    public void Entry(string key) => _parts.Add((key, Keyed));

    /// <summary>Goes up again.</summary>
    public void Leave() => _parts.RemoveAt(_parts.Count - 1);

    /// <summary>How many levels below the root.</summary>
    public int Depth => _parts.Count;

    /// <summary>Such as <c>Order.lines[0].labels["de"]</c>.</summary>
    public override string ToString()
    {
        var text = new StringBuilder(root);
        foreach ((string? name, int index) in _parts)
        {
            _ = index switch
            {
                Named => text.Append('.').Append(name),
                Keyed => text.Append("[\"").Append(name).Append("\"]"),
                _ => text.Append('[').Append(index.ToString(CultureInfo.InvariantCulture)).Append(']'),
            };
        }

        return text.ToString();
    }
}
