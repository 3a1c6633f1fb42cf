using System.Globalization;
using System.Text;

namespace SpikeBench.Core.Recording;

/// <summary>
/// The exact counters as a table: a row per cell and operation, rows of nothing left out. Column names carry units and thresholds. Rows
/// of the same cell and operation add up: while a run goes on, what has changed is appended.
/// </summary>
public static class TimelineCsv
{
    private static readonly string[] KeyNames = ["cell", "start_ms", "end_ms", "phase", "operation"];

    private static readonly string[] FieldNames =
    [
        "planned", "sent", "ok", "error", "timed_out", "outstanding", "not_sent_guard", "not_sent_stopped", "sent_after_cell", "sent_after_second",
        "stream_waited", "sent_here", "ended_here", "ok_here",
    ];

    private static readonly string[] ThresholdNames = ["bad", "bad_from_dispatch", "late", "bad_after_stream_wait", "tail_response_us", "tail_lateness_us"];

    /// <summary>Writes the table. Times count from T0 in milliseconds.</summary>
    public static void Write(CellTable cells, PlanSummary plan, TextWriter writer)
    {
        writer.WriteLine(Header(cells.ThresholdsNs));
        WriteRows(cells, plan, writer, 0, cells.Grid.Count);
    }

    /// <summary>Writes the rows of cells [from, to).</summary>
    internal static void WriteRows(CellTable cells, PlanSummary plan, TextWriter writer, int from, int to)
    {
        var row = new StringBuilder();
        for (int cell = from; cell < to; cell++)
        {
            (long startNs, long endNs) = cells.Grid.Span(cell);
            int phase = cells.Grid.PhaseOf(cell);
            for (int operation = 0; operation < cells.Operations; operation++)
            {
                row.Clear();
                row.Append(CultureInfo.InvariantCulture, $"{cell},{startNs / 1e6:0.######},{endNs / 1e6:0.######},{(phase < plan.Phases.Count ? plan.Phases[phase].Name : "drain")},{plan.Operations[operation]}");
                if (AppendCounts(row, cells, cell, operation))
                {
                    writer.WriteLine(row);
                }
            }
        }
    }

    /// <summary>Reads a table that <see cref="Write"/> wrote.</summary>
    /// <exception cref="FormatException">It is not such a table.</exception>
    public static CellTable Read(TextReader reader, RecordingPlan recording, PlanSummary plan)
    {
        CellTable cells = recording.NewCells();
        string header = Header(recording.ThresholdsNs);
        if (reader.ReadLine() != header)
        {
            throw new FormatException($"{RunFolder.TimelineFile}: its first line is not {header}");
        }

        int columns = header.Count(c => c == ',') + 1;
        Dictionary<string, int> operations = plan.Operations.Index().ToDictionary(o => o.Item, o => o.Index);
        int line = 1;
        while (reader.ReadLine() is { } text)
        {
            line++;
            string[] parts = text.Split(',');
            if (parts.Length != columns || !operations.TryGetValue(parts[4], out int operation) || !int.TryParse(parts[0], CultureInfo.InvariantCulture, out int cell) || cell < 0 || cell >= cells.Grid.Count)
            {
                throw new FormatException($"{RunFolder.TimelineFile}({line}): is not a row of this run");
            }

            int first = KeyNames.Length;
            for (int field = 0; field < CellTable.Fields; field++)
            {
                cells[cell, operation, (CellField)field] += Count(parts[first + field], line);
            }

            for (int k = 0; k < recording.ThresholdsNs.Count; k++)
            {
                for (int field = 0; field < CellTable.ThresholdFields; field++)
                {
                    cells[cell, operation, k, (ThresholdField)field] += Count(parts[first + CellTable.Fields + k * CellTable.ThresholdFields + field], line);
                }
            }
        }

        return cells;
    }

    internal static string Header(IReadOnlyList<long> thresholdsNs)
    {
        IEnumerable<string> thresholds = thresholdsNs.SelectMany(ns => ThresholdNames.Select(
            name => string.Create(CultureInfo.InvariantCulture, $"{name}_{ns / 1e6:0.######}ms")));
        return string.Join(',', KeyNames.Concat(FieldNames).Concat(thresholds));
    }

    /// <summary>Appends a row's counts; false when all are 0.</summary>
    private static bool AppendCounts(StringBuilder row, CellTable cells, int cell, int operation)
    {
        bool any = false;
        for (int field = 0; field < CellTable.Fields; field++)
        {
            Append(cells[cell, operation, (CellField)field]);
        }

        for (int k = 0; k < cells.ThresholdsNs.Count; k++)
        {
            for (int field = 0; field < CellTable.ThresholdFields; field++)
            {
                Append(cells[cell, operation, k, (ThresholdField)field]);
            }
        }

        return any;

        void Append(long count)
        {
            any |= count != 0;
            row.Append(CultureInfo.InvariantCulture, $",{count}");
        }
    }

    private static long Count(string text, int line) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long count)
        ? count
        : throw new FormatException($"{RunFolder.TimelineFile}({line}): '{text}' is not a count");
}
