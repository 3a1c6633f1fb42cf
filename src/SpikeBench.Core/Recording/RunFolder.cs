using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using SpikeBench.Histograms;

namespace SpikeBench.Core.Recording;

/// <summary>
/// A run's folder: <c>run.json</c>, <c>timeline.csv</c>, <c>intervals.hlog</c>, <c>batches.hlog</c>, <c>host.csv</c> and
/// <c>hiccups.hlog</c>. What is read back is what was written, to the last count. Folders without the last two are read as well.
/// </summary>
public static class RunFolder
{
    public const string SummaryFile = "run.json";
    public const string TimelineFile = "timeline.csv";
    public const string IntervalsFile = "intervals.hlog";
    public const string BatchesFile = "batches.hlog";
    public const string HostFile = "host.csv";
    public const string HiccupsFile = "hiccups.hlog";

    private const string HiccupsTag = "generator.hiccups";

    /// <summary>How every JSON file of a run is written: camel case, names for enumerations, every number exact.</summary>
    public static JsonSerializerOptions Json { get; } = new(JsonSerializerDefaults.General)
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        WriteIndented = true,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
        RespectRequiredConstructorParameters = true,
        RespectNullableAnnotations = true,
    };

    /// <summary>Writes all but the interval log, which is written while the run goes on.</summary>
    public static void Write(RunRecord run, string folder)
    {
        using (Stream stream = File.Create(Path.Combine(folder, BatchesFile)))
        {
            WriteBatches(run, stream);
        }

        using (var writer = new StreamWriter(Path.Combine(folder, TimelineFile)) { NewLine = "\n" })
        {
            TimelineCsv.Write(run.Cells, run.Summary.Plan, writer);
        }

        WriteHost(run, folder);

        // Last, so that a folder with a summary is a whole one.
        File.WriteAllText(Path.Combine(folder, SummaryFile), JsonSerializer.Serialize(run.Summary, Json) + "\n");
    }

    /// <summary>Reads a run back.</summary>
    /// <exception cref="UsageException">The folder is no run's, is of another schema, or was damaged.</exception>
    public static RunRecord Read(string folder)
    {
        string summaryPath = Path.Combine(folder, SummaryFile);
        if (!File.Exists(summaryPath))
        {
            throw new UsageException($"{folder}: there is no {SummaryFile}; give the folder of a finished run, such as results/ny-midnight-…");
        }

        try
        {
            RunSummary summary = ReadSummary(summaryPath);
            RecordingPlan plan = summary.RecordingPlan;
            using var timeline = new StreamReader(Path.Combine(folder, TimelineFile));
            CellTable cells = TimelineCsv.Read(timeline, plan, summary.Plan);
            (IReadOnlyList<Histogram> totals, IReadOnlyList<SecondSummary> seconds) = ReadIntervals(Path.Combine(folder, IntervalsFile), summary, plan);
            return new RunRecord
            {
                Summary = summary,
                Cells = cells,
                Seconds = seconds,
                Totals = totals,
                Batches = ReadBatches(Path.Combine(folder, BatchesFile), summary, plan),
                Host = ReadHost(Path.Combine(folder, HostFile)),
                Hiccups = ReadHiccups(Path.Combine(folder, HiccupsFile)),
            };
        }
        catch (Exception e) when (e is JsonException or FormatException or HistogramFormatException or IOException or KeyNotFoundException)
        {
            throw new UsageException($"{folder}: cannot be read back as a run: {e.Message}");
        }
    }

    private static RunSummary ReadSummary(string path)
    {
        string text = File.ReadAllText(path);
        using (JsonDocument document = JsonDocument.Parse(text))
        {
            if (!document.RootElement.TryGetProperty("schemaVersion", out JsonElement version) || version.GetInt32() != RunSummary.CurrentSchema)
            {
                throw new UsageException($"{path}: is of schema {(version.ValueKind == JsonValueKind.Number ? version.GetRawText() : "unknown")}; this version reads schema {RunSummary.CurrentSchema}");
            }
        }

        return JsonSerializer.Deserialize<RunSummary>(text, Json) ?? throw new FormatException($"{SummaryFile} is empty");
    }

    private static void WriteHost(RunRecord run, string folder)
    {
        if (run.Host.Count > 0)
        {
            using var writer = new StreamWriter(Path.Combine(folder, HostFile)) { NewLine = "\n" };
            HostCsv.Write(run.Host, writer);
        }

        if (run.Hiccups is { } hiccups)
        {
            using Stream stream = File.Create(Path.Combine(folder, HiccupsFile));
            using var log = new IntervalLog(stream, run.Summary.T0Utc, run.Plan.Phases, run.Summary.Plan.Operations);
            log.Write(HiccupsTag, 0, run.Host.Count > 0 ? run.Host[^1].EndNs : run.Summary.Plan.DurationNs, hiccups);
        }
    }

    private static IReadOnlyList<HostSecond> ReadHost(string path)
    {
        if (!File.Exists(path))
        {
            return [];
        }

        using var reader = new StreamReader(path);
        return HostCsv.Read(reader);
    }

    private static Histogram? ReadHiccups(string path)
    {
        if (!File.Exists(path))
        {
            return null;
        }

        Histogram sum = RecordingPlan.NewHistogram();
        using TextReader text = HistogramLogReader.OpenText(File.OpenRead(path));
        foreach (LoggedInterval interval in new HistogramLogReader(text).ReadAll())
        {
            sum.Add(interval.Histogram);
        }

        return sum;
    }

    private static void WriteBatches(RunRecord run, Stream stream)
    {
        RecordingPlan plan = run.Plan;
        using var log = new IntervalLog(stream, run.Summary.T0Utc, plan.Phases, run.Summary.Plan.Operations);
        for (int index = 0; index < run.Batches.Count; index++)
        {
            if (run.Batches[index].TotalCount > 0)
            {
                (int phase, int operation, int batch) = PlaceOf(index, plan);
                long length = plan.Phases[phase].DurationNs / RecordingPlan.BatchesPerPhase;
                long start = plan.Phases[phase].StartNs + batch * length;
                log.Write(BatchTag(run.Summary, phase, operation, batch), start, start + length, run.Batches[index]);
            }
        }
    }

    private static Histogram[] ReadBatches(string path, RunSummary summary, RecordingPlan plan)
    {
        var places = new Dictionary<string, int>();
        for (int index = 0; index < plan.BatchCount; index++)
        {
            (int phase, int operation, int batch) = PlaceOf(index, plan);
            places[BatchTag(summary, phase, operation, batch)] = index;
        }

        var batches = new Histogram[plan.BatchCount];
        for (int i = 0; i < batches.Length; i++)
        {
            batches[i] = RecordingPlan.NewBatchHistogram();
        }

        using TextReader text = HistogramLogReader.OpenText(File.OpenRead(path));
        foreach (LoggedInterval interval in new HistogramLogReader(text).ReadAll())
        {
            batches[places[interval.Tag ?? ""]].Add(interval.Histogram);
        }

        return batches;
    }

    private static (int Phase, int Operation, int Batch) PlaceOf(int index, RecordingPlan plan) =>
        (index / RecordingPlan.BatchesPerPhase / plan.Operations, index / RecordingPlan.BatchesPerPhase % plan.Operations, index % RecordingPlan.BatchesPerPhase);

    private static string BatchTag(RunSummary summary, int phase, int operation, int batch) =>
        $"{summary.Plan.Operations[operation]}.{summary.Plan.Phases[phase].Name}.batch-{batch:00}";

    private static (IReadOnlyList<Histogram> Totals, IReadOnlyList<SecondSummary> Seconds) ReadIntervals(string path, RunSummary summary, RecordingPlan plan)
    {
        var places = new Dictionary<string, int>();
        for (int index = 0; index < plan.HistogramCount; index++)
        {
            int kind = index % RecordingPlan.Kinds, operation = index / RecordingPlan.Kinds % plan.Operations, phase = index / RecordingPlan.Kinds / plan.Operations;
            places[$"{summary.Plan.Operations[operation]}.{plan.Phases[phase].Name}.{IntervalLog.NameOf((TimeKind)kind)}"] = index;
        }

        Histogram[] totals = [.. Enumerable.Range(0, plan.HistogramCount).Select(_ => RecordingPlan.NewHistogram())];
        Histogram[] sums = [.. Enumerable.Range(0, RecordingPlan.Kinds).Select(_ => RecordingPlan.NewHistogram())];
        var seconds = new List<SecondSummary>();
        (long Start, long End)? current = null;
        using TextReader text = HistogramLogReader.OpenText(File.OpenRead(path));
        foreach (LoggedInterval interval in new HistogramLogReader(text).ReadAll())
        {
            // The log's stamps are decimal seconds from T0; as doubles they may be a hair below their millisecond.
            long startMs = (long)Math.Round(interval.OffsetSeconds * 1000);
            (long Start, long End) span = (startMs, startMs + (long)Math.Round(interval.LengthSeconds * 1000));
            if (current is { } open && open != span)
            {
                Close(open);
            }

            current = span;
            int index = places[interval.Tag ?? ""];
            totals[index].Add(interval.Histogram);
            sums[index % RecordingPlan.Kinds].Add(interval.Histogram);
        }

        if (current is { } last)
        {
            Close(last);
        }

        return (totals, seconds);

        void Close((long Start, long End) span)
        {
            const long nsPerMs = 1_000_000;
            seconds.Add(new SecondSummary(
                span.Start * nsPerMs, span.End * nsPerMs, TimeSummary.Of(sums[(int)TimeKind.Response]), TimeSummary.Of(sums[(int)TimeKind.Service]), TimeSummary.Of(sums[(int)TimeKind.Lateness])));
            foreach (Histogram sum in sums)
            {
                sum.Reset();
            }
        }
    }
}
