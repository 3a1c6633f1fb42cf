using System.Globalization;
using System.Text.RegularExpressions;

namespace SpikeBench.Core.Profiles;

/// <summary>
/// Reads one mapping by its <see cref="FormatShape"/>: reports unknown, repeated and missing keys at once, then hands out values and
/// reports each that does not parse. A value that was reported reads as its fallback, so that binding goes on to the next mistake.
/// </summary>
internal sealed partial class MappingReader
{
    private readonly MappingNode _node;
    private readonly string _path;
    private readonly List<ProfileError> _errors;

    private MappingReader(MappingNode node, FormatShape shape, string path, List<ProfileError> errors)
    {
        _node = node;
        _path = path;
        _errors = errors;
        CheckKeys(shape);
    }

    /// <summary>A reader for <paramref name="node"/>, or null after reporting that it is no mapping.</summary>
    public static MappingReader? Open(ProfileNode node, FormatShape shape, string path, List<ProfileError> errors)
    {
        if (node is MappingNode mapping)
        {
            return new MappingReader(mapping, shape, path, errors);
        }

        string keys = string.Join(", ", shape.Keys.Select(k => k.Name));
        errors.Add(new ProfileError(node.Line, node.Column, path, $"expected keys and values ({keys}), got {Describe(node)}"));
        return null;
    }

    public IReadOnlyList<MappingEntry> Entries => _node.Entries;

    public int Line => _node.Line;

    public int Column => _node.Column;

    public bool Has(string key) => _node.Find(key) is not null;

    public string PathOf(string key) => _path.Length == 0 ? key : $"{_path}.{key}";

    /// <summary>Reports a mistake at a key's value, or at the mapping where the key is missing.</summary>
    public void Report(string key, string message)
    {
        ProfileNode at = _node.Find(key) ?? _node;
        _errors.Add(new ProfileError(at.Line, at.Column, PathOf(key), message));
    }

    public string? Text(string key)
    {
        string? value = Scalar(key);
        if (value is { Length: 0 })
        {
            Report(key, "must not be empty");
        }

        return value;
    }

    public long Duration(string key, long fallbackNs, bool positive = true)
    {
        if (Scalar(key) is not { } text)
        {
            return fallbackNs;
        }

        if (!Units.TryDuration(text, out long ns))
        {
            Report(key, $"'{text}' is not a duration; write it with a unit, like 250ms, 5s, 2m or 1h");
            return fallbackNs;
        }

        if (positive && ns <= 0)
        {
            Report(key, $"'{text}' must be above 0");
            return fallbackNs;
        }

        return ns;
    }

    /// <summary>A rate in calls per second; multiples count from <paramref name="oneX"/>, or are refused when that is null.</summary>
    public double? Rate(string key, double? oneX)
    {
        if (Scalar(key) is not { } text)
        {
            return null;
        }

        if (Units.TryRate(text, out double perSecond))
        {
            return perSecond;
        }

        if (oneX is { } reference && Units.TryMultiple(text, out double multiple))
        {
            return multiple * reference;
        }

        Report(key, oneX is null
            ? $"'{text}' is not a rate; write it like 2000/s or 2k/s"
            : $"'{text}' is not a rate; write it like 2000/s, or as a multiple of the reference rate like 1.5x");
        return null;
    }

    public double Multiple(string key, double fallback)
    {
        if (Scalar(key) is not { } text)
        {
            return fallback;
        }

        if (Units.TryMultiple(text, out double value))
        {
            return value;
        }

        Report(key, $"'{text}' is not a multiple; write it like 2x");
        return fallback;
    }

    public double Percent(string key, double fallback)
    {
        if (Scalar(key) is not { } text)
        {
            return fallback;
        }

        if (Units.TryPercent(text, out double value))
        {
            return value;
        }

        Report(key, $"'{text}' is not a share; write it like 95% or 99.9%");
        return fallback;
    }

    public double Number(string key, double fallback, double min, double max)
    {
        if (Scalar(key) is not { } text)
        {
            return fallback;
        }

        if (!Units.TryNumber(text, out double value))
        {
            Report(key, $"'{text}' is not a number");
            return fallback;
        }

        if (value < min || value > max)
        {
            Report(key, string.Create(CultureInfo.InvariantCulture, $"{text} is outside {min:0.######} to {max:0.######}"));
            return fallback;
        }

        return value;
    }

    public long Whole(string key, long fallback, long min, long max)
    {
        if (Scalar(key) is not { } text)
        {
            return fallback;
        }

        if (!long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long value))
        {
            Report(key, $"'{text}' is not a whole number");
            return fallback;
        }

        if (value < min || value > max)
        {
            Report(key, string.Create(CultureInfo.InvariantCulture, $"{value} is outside {min} to {max}"));
            return fallback;
        }

        return value;
    }

    /// <summary>Bytes, such as <c>64KiB</c>.</summary>
    public long Size(string key, long fallback, long max)
    {
        if (Scalar(key) is not { } text)
        {
            return fallback;
        }

        if (!Units.TrySize(text, out long bytes))
        {
            Report(key, $"'{text}' is not a size; write it with a unit, like 512B, 64KiB or 4MiB");
            return fallback;
        }

        if (bytes < 1 || bytes > max)
        {
            Report(key, string.Create(CultureInfo.InvariantCulture, $"'{text}' is outside 1B to {max / 1024 / 1024}MiB"));
            return fallback;
        }

        return bytes;
    }

    public bool Flag(string key, bool fallback) => Choice(key, fallback ? "true" : "false", ["true", "false"]) == "true";

    public string Choice(string key, string fallback, IReadOnlyCollection<string> choices)
    {
        if (Scalar(key) is not { } text)
        {
            return fallback;
        }

        if (choices.Contains(text))
        {
            return text;
        }

        Report(key, $"'{text}' is not one of {string.Join(", ", choices)}{Suggestion.DidYouMean(text, choices)}");
        return fallback;
    }

    /// <summary>One text or a list of them; nothing where the key is not there.</summary>
    public IReadOnlyList<string> Texts(string key)
    {
        ProfileNode? node = _node.Find(key);
        IReadOnlyList<ProfileNode> items = node is SequenceNode list ? list.Items : node is null ? [] : [node];
        if (node is not null && (items.Count == 0 || items.Any(i => i is not ScalarNode { Value.Length: > 0 })))
        {
            Report(key, "must be a text, or a list of texts");
            return [];
        }

        return [.. items.Cast<ScalarNode>().Select(i => i.Value)];
    }

    /// <summary>The items of a list, or nothing after reporting that it is none or empty.</summary>
    public IReadOnlyList<ProfileNode> List(string key)
    {
        switch (_node.Find(key))
        {
            case null:
                return [];
            case SequenceNode { Items.Count: > 0 } list:
                return list.Items;
            case SequenceNode:
                Report(key, "must have at least one item");
                return [];
            case { } other:
                Report(key, $"expected a list, got {Describe(other)}; start each item with '- '");
                return [];
        }
    }

    public string? Scalar(string key)
    {
        switch (_node.Find(key))
        {
            case null:
                return null;
            case ScalarNode scalar:
                return scalar.Value;
            case { } other:
                Report(key, $"expected a single value, got {Describe(other)}");
                return null;
        }
    }

    public MappingReader? Object(string key, FormatShape shape) =>
        _node.Find(key) is { } child ? Open(child, shape, PathOf(key), _errors) : null;

    public static string Describe(ProfileNode node) => node switch
    {
        ScalarNode { Value.Length: 0 } => "nothing",
        ScalarNode scalar => $"'{scalar.Value}'",
        SequenceNode => "a list",
        _ => "keys and values",
    };

    [GeneratedRegex(@"^p\d{1,2}(\.\d{1,4})?$")]
    public static partial Regex PercentileKey();

    private void CheckKeys(FormatShape shape)
    {
        var known = shape.Keys.Select(k => k.Name).ToList();
        var seen = new HashSet<string>();
        foreach (MappingEntry entry in _node.Entries)
        {
            if (!seen.Add(entry.Key))
            {
                AddAt(entry, "is given twice");
            }
            else if (shape.NotYet.Contains(entry.Key))
            {
                AddAt(entry, "is not supported by this version; remove it: a key that is not acted on is never ignored");
            }
            else if (!known.Contains(entry.Key) && !(shape.Percentiles && PercentileKey().IsMatch(entry.Key)))
            {
                string hint = Suggestion.DidYouMean(entry.Key, known);
                AddAt(entry, hint.Length > 0 ? $"is not a key here{hint}" : $"is not a key here; there are {string.Join(", ", known)}{(shape.Percentiles ? ", percentiles like p50 or p99.9" : "")}");
            }
        }

        foreach (FormatKey key in shape.Keys.Where(k => k.Required && !seen.Contains(k.Name)))
        {
            _errors.Add(new ProfileError(_node.Line, _node.Column, PathOf(key.Name), $"is missing: {char.ToLowerInvariant(key.About[0])}{key.About[1..]}"));
        }
    }

    private void AddAt(MappingEntry entry, string message) =>
        _errors.Add(new ProfileError(entry.Line, entry.Column, PathOf(entry.Key), message));
}
