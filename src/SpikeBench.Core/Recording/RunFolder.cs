using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using SpikeBench.Histograms;

namespace SpikeBench.Core.Recording;

/// <summary>
/// A run's folder: <c>run.json</c>, <c>timeline.csv</c>, <c>errors.csv</c>, <c>intervals.hlog</c>, <c>batches.hlog</c>, <c>host.csv</c>,
/// <c>hiccups.hlog</c> and <c>observed.csv</c>. What is read back is what was written, to the last count; of a run that did not finish, the part that its
/// journal kept. Folders without errors, host and hiccups are read as well.
/// </summary>
public static class RunFolder
{
    public const string SummaryFile = "run.json";
    public const string TimelineFile = "timeline.csv";
    public const string ErrorsFile = "errors.csv";
    public const string IntervalsFile = "intervals.hlog";
    public const string BatchesFile = "batches.hlog";
    public const string HostFile = "host.csv";
    public const string HiccupsFile = "hiccups.hlog";
    public const string ObservedFile = "observed.csv";

    private const string HiccupsTag = "generator.hiccups";

    /// <summary>The files that a run is read back from; the last four are not in every run's folder.</summary>
    public static IReadOnlyList<string> EvidenceFiles { get; } = [SummaryFile, TimelineFile, IntervalsFile, BatchesFile, HostFile, HiccupsFile, ErrorsFile, ObservedFile];

    // What the command line writes beside them.
    private static readonly string[] MadeFromEvidence = ["verdict.json", "report.html"];

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

        // Of a key that is there twice, readers take one or the other: a file that says two things says nothing.
        AllowDuplicateProperties = false,
    };

    /// <summary>True for what a disk says that is full, gone or not ours to write to; not a bug, and not the end of a run.</summary>
    public static bool IsDiskFailure(Exception e) =>

        // A write beyond the limit on a file's size (EFBIG) comes as an argument that is out of range.
        e is IOException or UnauthorizedAccessException or ArgumentOutOfRangeException { ParamName: "value" };

    /// <summary>
    /// Writes the summary of a run that is about to begin, as one that did not finish: so it reads back if nothing comes after it. What an
    /// earlier run left in the folder is removed first: none of it is this run's.
    /// </summary>
    public static void Begin(RunSummary summary, string folder)
    {
        Clear(folder);
        WriteSummary(summary with { Finished = false }, folder);
    }

    /// <summary>Removes a run's files, and what was made from them; other files stay.</summary>
    public static void Clear(string folder)
    {
        foreach (string name in EvidenceFiles.Concat(MadeFromEvidence))
        {
            File.Delete(Path.Combine(folder, name));
        }
    }

    /// <summary>Writes all but the interval log, which was written while the run went on. Each file is replaced whole or not at all.</summary>
    /// <exception cref="IOException">A file could not be written; the folder still reads back as a run that did not finish.</exception>
    public static void Write(RunRecord run, string folder)
    {
        Replace(folder, BatchesFile, stream => WriteBatches(run, stream));
        ReplaceText(folder, TimelineFile, writer => TimelineCsv.Write(run.Cells, run.Summary.Plan, writer));
        if (run.ErrorSeconds is { } errors)
        {
            ReplaceText(folder, ErrorsFile, errors.Write);
        }

        WriteHost(run, folder);
        if (run.Observed.Count > 0)
        {
            ReplaceText(folder, ObservedFile, writer => ObservedCsv.Write(run.Observed, writer));
        }

        var files = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (string name in EvidenceFiles.Where(name => name != SummaryFile))
        {
            if (Digest(Path.Combine(folder, name)) is { } digest)
            {
                files[name] = digest;
            }
        }

        // Last, so that a folder with a finished summary is a whole one.
        files[SummaryFile] = Evidence.Sha256.Nothing;
        WriteSummary(run.Summary with { Files = files, Finished = true }, folder);
    }

    /// <summary>The SHA-256 of each file of a folder that a run is judged from.</summary>
    /// <exception cref="UsageException">One of them cannot be read.</exception>
    public static IReadOnlyDictionary<string, string> HashFiles(string folder)
    {
        try
        {
            return EvidenceFiles.Where(name => File.Exists(Path.Combine(folder, name))).ToDictionary(name => name, name => Evidence.Sha256.OfFile(Path.Combine(folder, name)));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"{folder}: cannot be read as a run: {e.Message}");
        }
    }

    /// <summary>Reads a run back.</summary>
    /// <exception cref="UsageException">The folder is no run's, is of another schema, or was damaged or changed.</exception>
    public static RunRecord Read(string folder)
    {
        string summaryPath = Path.Combine(folder, SummaryFile);
        if (!File.Exists(summaryPath))
        {
            throw new UsageException($"{folder}: there is no {SummaryFile}; give the folder of a run, such as results/ny-midnight-…");
        }

        try
        {
            RunSummary summary = StoredSummary.Read(summaryPath);
            RequireUnchanged(folder, summary);
            RecordingPlan plan = summary.RecordingPlan;
            using TextReader timeline = OpenText(folder, TimelineFile, summary);
            CellTable cells = TimelineCsv.Read(timeline, plan, summary.Plan);
            using TextReader intervals = OpenText(folder, IntervalsFile, summary);
            (IReadOnlyList<Histogram> totals, IReadOnlyList<SecondSummary> seconds) = ReadIntervals(intervals, summary, plan);
            using TextReader batches = OpenText(folder, BatchesFile, summary);
            using TextReader? errors = File.Exists(Path.Combine(folder, ErrorsFile)) ? OpenText(folder, ErrorsFile, summary) : null;
            return new RunRecord
            {
                Summary = summary,
                Cells = cells,
                Seconds = seconds,
                Totals = totals,
                Batches = ReadBatches(batches, summary, plan),
                ErrorSeconds = errors is null ? null : StatusSeconds.Read(errors, summary.Plan.DurationNs),
                Host = ReadHost(Path.Combine(folder, HostFile)),
                Hiccups = ReadHiccups(Path.Combine(folder, HiccupsFile)),
                Observed = ReadObserved(Path.Combine(folder, ObservedFile)),
            };
        }
        catch (Exception e) when (e is JsonException or FormatException or HistogramFormatException or IOException or UnauthorizedAccessException or KeyNotFoundException or InvalidOperationException)
        {
            throw new UsageException($"{folder}: cannot be read back as a run: {e.Message}");
        }
    }

    private static string? Digest(string path) => File.Exists(path) ? Evidence.Sha256.OfFile(path) : null;

    /// <summary>Whoever changes a result should at least have to mean it.</summary>
    private static void RequireUnchanged(string folder, RunSummary summary)
    {
        foreach ((string name, string digest) in summary.Files.Where(f => f.Key != SummaryFile))
        {
            string path = Path.Combine(folder, Path.GetFileName(name));
            string? now = Digest(path);
            if (now != digest)
            {
                throw new UsageException($"{path}: {(now is null ? "is missing" : "was changed or cut after the run: its SHA-256 is not the one in run.json")}. A run is judged only as it was written.");
            }
        }
    }

    private static void WriteSummary(RunSummary summary, string folder) =>
        ReplaceText(folder, SummaryFile, writer => writer.Write(StoredSummary.Seal(JsonSerializer.Serialize(summary, Json) + "\n")));

    private static void ReplaceText(string folder, string name, Action<TextWriter> write) => Replace(folder, name, stream =>
    {
        using var writer = new StreamWriter(stream) { NewLine = "\n" };
        write(writer);
    });

    private static void Replace(string folder, string name, Action<Stream> write)
    {
        string path = Path.Combine(folder, name), half = path + ".part";
        try
        {
            using (FileStream stream = File.Create(half))
            {
                write(stream);
            }

            File.Move(half, path, overwrite: true);
        }
        catch
        {
            File.Delete(half);
            throw;
        }
    }

    /// <summary>
    /// Opens a file of the run. Of a run that did not finish it may be missing, and its last line may be cut: what is whole counts.
    /// </summary>
    private static TextReader OpenText(string folder, string name, RunSummary summary)
    {
        string path = Path.Combine(folder, name);
        if (summary.Finished)
        {
            return HistogramLogReader.OpenText(File.OpenRead(path));
        }

        string text = "";
        if (File.Exists(path))
        {
            // A run that goes on has the file open for writing.
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            using TextReader reader = HistogramLogReader.OpenText(stream);
            text = reader.ReadToEnd();
        }

        text = text[..(text.LastIndexOf('\n') + 1)];
        return new StringReader(text.Length == 0 && name == TimelineFile ? TimelineCsv.Header(summary.ThresholdsNs) : text);
    }

    private static void WriteHost(RunRecord run, string folder)
    {
        if (run.Host.Count > 0)
        {
            ReplaceText(folder, HostFile, writer => HostCsv.Write(run.Host, writer));
        }

        if (run.Hiccups is { } hiccups)
        {
            Replace(folder, HiccupsFile, stream =>
            {
                using var log = new IntervalLog(stream, run.Summary.T0Utc, run.Plan.Phases, run.Summary.Plan.Operations);
                log.Write(HiccupsTag, 0, run.Host.Count > 0 ? run.Host[^1].EndNs : run.Summary.Plan.DurationNs, hiccups);
            });
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

    private static IReadOnlyList<ObservedSeries> ReadObserved(string path)
    {
        if (!File.Exists(path))
        {
            return [];
        }

        using var reader = new StreamReader(path);
        return ObservedCsv.Read(reader);
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

    private static Histogram[] ReadBatches(TextReader text, RunSummary summary, RecordingPlan plan)
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

    private static (IReadOnlyList<Histogram> Totals, IReadOnlyList<SecondSummary> Seconds) ReadIntervals(TextReader text, RunSummary summary, RecordingPlan plan)
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
