using System.Globalization;

namespace SpikeBench.Core.Recording;

/// <summary>Observed series as a table, a row per value; milliseconds from T0. Text is quoted as RFC 4180 has it.</summary>
public static class ObservedCsv
{
    private const string Header = "name,labels,unit,at_ms,value";
    private const int Columns = 5;

    public static void Write(IReadOnlyList<ObservedSeries> series, TextWriter writer)
    {
        writer.WriteLine(Header);
        foreach (ObservedSeries one in series)
        {
            string start = $"{Quote(one.Name)},{Quote(one.Labels)},{Quote(one.Unit ?? "")}";
            foreach (ObservedPoint point in one.Points)
            {
                writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{start},{point.AtNs / 1e6m:0.######},{point.Value:R}"));
            }
        }
    }

    /// <summary>Reads a table that <see cref="Write"/> wrote.</summary>
    /// <exception cref="FormatException">It is not such a table.</exception>
    public static IReadOnlyList<ObservedSeries> Read(TextReader reader)
    {
        if (reader.ReadLine() != Header)
        {
            throw new FormatException($"{RunFolder.ObservedFile}: its first line is not {Header}");
        }

        var series = new List<(string Name, string Labels, string Unit, List<ObservedPoint> Points)>();
        var rows = new RecordReader(reader.ReadToEnd(), skipsEmptyLines: false, firstLine: 2);
        while (rows.TryRead(out List<string> parts, out int line))
        {
            if (parts.Count != Columns)
            {
                throw new FormatException($"{RunFolder.ObservedFile}({line}): has {parts.Count} fields; must have {Columns}");
            }

            if (series.Count == 0 || (series[^1].Name, series[^1].Labels, series[^1].Unit) != (parts[0], parts[1], parts[2]))
            {
                series.Add((parts[0], parts[1], parts[2], []));
            }

            series[^1].Points.Add(new ObservedPoint(
                (long)(decimal.Parse(parts[3], CultureInfo.InvariantCulture) * 1e6m), double.Parse(parts[4], CultureInfo.InvariantCulture)));
        }

        if (rows.Error is { } error)
        {
            throw new FormatException($"{RunFolder.ObservedFile}: {error}");
        }

        return [.. series.Select(s => new ObservedSeries(s.Name, s.Labels, s.Unit.Length == 0 ? null : s.Unit, s.Points))];
    }

    // A line break would end the row.
    private static string Quote(string text)
    {
        string line = text.ReplaceLineEndings(" ");
        return line.AsSpan().IndexOfAny(',', '"') < 0 ? line : $"\"{line.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
    }
}
