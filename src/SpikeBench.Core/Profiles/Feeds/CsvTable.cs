namespace SpikeBench.Core.Profiles.Feeds;

/// <summary>
/// Comma-separated values by RFC 4180: the first record names the columns; a field in double quotes may hold commas, line breaks and,
/// doubled, quotes. Line ends may be CRLF or LF; empty lines are skipped; text stays as it is.
/// </summary>
/// <param name="Header">The columns' names.</param>
/// <param name="Rows">The records, each with as many cells as the header.</param>
public sealed record CsvTable(IReadOnlyList<string> Header, IReadOnlyList<IReadOnlyList<string>> Rows)
{
    /// <summary>A column's place, or −1.</summary>
    public int IndexOf(string column)
    {
        for (int i = 0; i < Header.Count; i++)
        {
            if (Header[i] == column)
            {
                return i;
            }
        }

        return -1;
    }

    /// <summary>Reads a text.</summary>
    /// <param name="text">The file's text.</param>
    /// <returns>The table, or what is wrong and in which line.</returns>
    public static (CsvTable? Table, string? Error) Read(string text)
    {
        var reader = new RecordReader(text, skipsEmptyLines: true);
        (List<string> Cells, int Line)? header = null;
        var rows = new List<IReadOnlyList<string>>();
        while (reader.TryRead(out List<string> cells, out int line))
        {
            if (header is not { } names)
            {
                header = (cells, line);
                string? twice = cells.GroupBy(c => c).FirstOrDefault(g => g.Count() > 1)?.Key;
                if (twice is not null)
                {
                    return (null, $"line {line}: two columns are called '{twice}'");
                }
            }
            else if (cells.Count != names.Cells.Count)
            {
                return (null, $"line {line}: has {cells.Count} cell{(cells.Count == 1 ? "" : "s")} where the first line names {names.Cells.Count} columns");
            }
            else
            {
                rows.Add(cells);
            }
        }

        if (reader.Error is { } error)
        {
            return (null, error);
        }

        return header is null ? (null, "is empty; its first line names the columns")
            : rows.Count == 0 ? (null, "has no row below the line that names the columns")
            : (new CsvTable(header.Value.Cells, rows), null);
    }
}
