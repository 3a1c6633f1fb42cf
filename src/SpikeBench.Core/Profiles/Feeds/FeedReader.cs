using System.Security.Cryptography;
using System.Text;

namespace SpikeBench.Core.Profiles.Feeds;

/// <summary>Reads the files that requests are made from, each once, however many operations name it.</summary>
/// <param name="readFile">Reads a file's text; null where a profile has no folder.</param>
internal sealed class FeedReader(Func<string, string>? readFile)
{
    private const int MostRows = 1 << 18;

    private readonly Dictionary<string, (string? Text, string? Error)> _texts = [];
    private readonly Dictionary<string, (FeedFile? File, string? Error)> _tables = [];

    /// <summary>A CSV for <c>${csv …}</c>.</summary>
    public (FeedFile? File, string? Error) Table(string file)
    {
        if (!_tables.TryGetValue(file, out (FeedFile? File, string? Error) known))
        {
            known = ReadTable(file);
            _tables[file] = known;
        }

        return known;
    }

    /// <summary>A file of whole messages: a JSON array, one JSON object per line, or a CSV whose columns are fields.</summary>
    public (FeedFile? File, string? Error) Messages(string file)
    {
        (string? text, string? error) = Text(file);
        if (text is null)
        {
            return (null, error);
        }

        (IReadOnlyList<ProfileNode>? messages, error) = Path.GetExtension(file).ToLowerInvariant() switch
        {
            ".json" => ReadArray(text),
            ".ndjson" or ".jsonl" => ReadLines(text),
            ".csv" => ReadRows(text),
            _ => (null, "is of no kind that can be read: .json (an array), .ndjson or .jsonl (an object per line) or .csv"),
        };
        return messages is null ? (null, $"{file}: {error}")
            : messages.Count > MostRows ? (null, TooMany(file, messages.Count))
            : (new FeedFile(file, HashOf(text), messages.Count) { Messages = messages }, null);
    }

    private (FeedFile? File, string? Error) ReadTable(string file)
    {
        (string? text, string? error) = Text(file);
        if (text is null)
        {
            return (null, error);
        }

        (CsvTable? table, error) = CsvTable.Read(text);
        return table is null ? (null, $"{file}: {error}")
            : table.Rows.Count > MostRows ? (null, TooMany(file, table.Rows.Count))
            : (new FeedFile(file, HashOf(text), table.Rows.Count) { Table = table }, null);
    }

    private static string TooMany(string file, int rows) =>
        $"{file}: has {Units.Count(rows)} rows; a message is made for each before the run, of {Units.Count(MostRows)} at the most: take a sample of it";

    private (string? Text, string? Error) Text(string file)
    {
        if (!_texts.TryGetValue(file, out (string? Text, string? Error) known))
        {
            known = ReadText(file);
            _texts[file] = known;
        }

        return known;
    }

    private (string? Text, string? Error) ReadText(string file)
    {
        if (readFile is null)
        {
            return (null, $"'{file}' cannot be read: a ready-made profile has no folder to read from; copy it to a file of yours first");
        }

        try
        {
            return (readFile(file), null);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            return (null, $"'{file}' cannot be read: {e.Message}");
        }
    }

    private static (IReadOnlyList<ProfileNode>? Messages, string? Error) ReadArray(string text)
    {
        (ProfileNode? node, string? error) = JsonNodes.Read(text);
        return node switch
        {
            null => (null, error),
            SequenceNode { Items.Count: 0 } => (null, "is an empty array"),
            SequenceNode list when list.Items.All(i => i is MappingNode) => (list.Items, null),
            MappingNode => ([node], null),
            _ => (null, "must be an array of messages, each an object"),
        };
    }

    private static (IReadOnlyList<ProfileNode>? Messages, string? Error) ReadLines(string text)
    {
        var messages = new List<ProfileNode>();
        int number = 0;
        foreach (ReadOnlySpan<char> line in text.AsSpan().EnumerateLines())
        {
            number++;
            if (line.IsWhiteSpace())
            {
                continue;
            }

            (ProfileNode? node, string? error) = JsonNodes.Read(line.ToString());
            if (node is not MappingNode)
            {
                return (null, $"line {number}: {error ?? "must be one message, an object"}");
            }

            messages.Add(node);
        }

        return messages.Count == 0 ? (null, "is empty; each line is a message, an object") : (messages, null);
    }

    // Cells are text as it stands, not templates: they come from elsewhere. An empty one leaves its field unset.
    private static (IReadOnlyList<ProfileNode>? Messages, string? Error) ReadRows(string text)
    {
        (CsvTable? table, string? error) = CsvTable.Read(text);
        if (table is null)
        {
            return (null, error);
        }

        string? inTheWay = table.Header.FirstOrDefault(h => table.Header.Any(o => o.StartsWith(h + ".", StringComparison.Ordinal)));
        return inTheWay is not null
            ? (null, $"line 1: column '{inTheWay}' is a value, and another column is a field inside it")
            : ([.. table.Rows.Select(row => Nested(table.Header.Zip(row).Where(c => c.Second.Length > 0).Select(c => (c.First, c.Second))))], null);
    }

    private static MappingNode Nested(IEnumerable<(string Path, string Cell)> cells) => new(
        [
            .. cells.GroupBy(c => c.Path.Split('.', 2)[0]).Select(g => new MappingEntry(
                g.Key,
                g.First().Path == g.Key ? new ScalarNode(Templates.Template.Escape(g.First().Cell), 0, 0) : Nested(g.Select(c => (c.Path[(g.Key.Length + 1)..], c.Cell))),
                0,
                0)),
        ],
        0,
        0);

    private static string HashOf(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
