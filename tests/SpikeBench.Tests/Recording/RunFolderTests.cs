using System.Text.Json.Nodes;
using SpikeBench.Core;
using SpikeBench.Core.Engine;
using SpikeBench.Core.Recording;
using SpikeBench.Core.Verdict;
using SpikeBench.Tests.Engine;

namespace SpikeBench.Tests.Recording;

public sealed class RunFolderTests : IDisposable
{
    private const long MsNs = 1_000_000;
    private const long SecondNs = 1_000_000_000;

    private readonly string _folder = Directory.CreateTempSubdirectory("spikebench-test-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_run_read_back_is_the_run_that_was_written_and_gets_the_same_verdict()
    {
        RunRecord written = Write();
        RunRecord read = RunFolder.Read(_folder);

        for (int cell = 0; cell < written.Cells.Grid.Count; cell++)
        {
            foreach (CellField field in Enum.GetValues<CellField>())
            {
                read.Cells[cell, 0, field].ShouldBe(written.Cells[cell, 0, field]);
            }

            foreach (ThresholdField field in Enum.GetValues<ThresholdField>())
            {
                read.Cells[cell, 0, 0, field].ShouldBe(written.Cells[cell, 0, 0, field]);
            }
        }

        read.Totals.Zip(written.Totals).ShouldAllBe(t => t.First.HasSameCounts(t.Second));
        read.Batches.Zip(written.Batches).ShouldAllBe(b => b.First.HasSameCounts(b.Second));
        read.Host.ShouldBe(written.Host);
        read.Hiccups!.HasSameCounts(written.Hiccups).ShouldBeTrue();
        read.Batches.Count.ShouldBe(2 * RecordingPlan.BatchesPerPhase);
        read.Summary.Plan.Phases.ShouldBe(written.Summary.Plan.Phases);
        read.Summary.Profile.Slo.ShouldBe(written.Summary.Profile.Slo);
        RunVerdict live = Judge.Decide(written), stored = Judge.Decide(read);
        stored.Headline.ShouldBe(live.Headline);
        stored.Slos.ShouldBe(live.Slos);
        stored.Checks.ShouldBe(live.Checks);
    }

    [Fact]
    public void A_cell_that_two_phases_share_is_kept_apart()
    {
        RunRecord run = RunFolder.Read(WriteFolder());
        run.Summary.Plan.Phases[0].EndNs.ShouldBe(65 * SecondNs + 50 * MsNs);
        run.Summary.Plan.Planned.Select(p => p[0]).ShouldBe([65_050, 64_950]);
        for (int phase = 0; phase < 2; phase++)
        {
            (int first, int end) = run.Cells.Grid.OfPhase(phase);
            run.Cells.Sum(first, end, 0, CellField.Planned).ShouldBe(run.Summary.Plan.Planned[phase][0]);
        }
    }

    [Fact]
    public void A_folder_that_is_no_run_is_one_clear_error() =>
        Should.Throw<UsageException>(() => RunFolder.Read(_folder)).Message.ShouldContain("there is no run.json");

    [Theory]
    [InlineData(RunFolder.SummaryFile)]
    [InlineData(RunFolder.TimelineFile)]
    [InlineData(RunFolder.IntervalsFile)]
    [InlineData(RunFolder.BatchesFile)]
    public void A_file_cut_in_the_middle_is_one_clear_error_or_voids_the_run(string file)
    {
        Write();
        string path = Path.Combine(_folder, file);
        byte[] bytes = File.ReadAllBytes(path);
        File.WriteAllBytes(path, bytes[..(bytes.Length * 2 / 3)]);
        try
        {
            // A log cut at a line's end still reads; then the books no longer balance.
            Judge.Decide(RunFolder.Read(_folder)).Outcome.ShouldNotBe(Outcome.Pass);
        }
        catch (UsageException e)
        {
            e.Message.ShouldStartWith(_folder);
        }
    }

    [Theory]
    [InlineData(RunFolder.TimelineFile)]
    [InlineData(RunFolder.IntervalsFile)]
    [InlineData(RunFolder.BatchesFile)]
    [InlineData(RunFolder.ErrorsFile)]
    public void A_file_that_was_changed_or_removed_later_is_refused_by_name(string file)
    {
        Write();
        string path = Path.Combine(_folder, file);
        byte[] bytes = File.ReadAllBytes(path);
        bytes[^2] ^= 1;
        File.WriteAllBytes(path, bytes);
        Should.Throw<UsageException>(() => RunFolder.Read(_folder)).Message
            .ShouldBe($"{path}: was changed or cut after the run: its SHA-256 is not the one in run.json. A run is judged only as it was written.");
        File.Delete(path);
        Should.Throw<UsageException>(() => RunFolder.Read(_folder)).Message.ShouldStartWith($"{path}: is missing.");
    }

    [Theory]
    [InlineData("\"drainNs\": 2000000000", "\"drainNs\": 9000000000000000000", "its deadline or drain is impossible")]
    [InlineData("\"durationNs\": 130000000000", "\"durationNs\": 130000000001", "its phases do not add up to its length")]
    [InlineData("\"schemaVersion\": 1", "\"schemaVersion\": \"1\"", "is of schema unknown; this version reads schema 1")]
    [InlineData("\"schemaVersion\": 1", "\"schemaVersion\": 0", "is of schema 0; this version reads schema 1")]
    [InlineData("\"scale\": 1,", "\"scale\": -1,", "scale are impossible")]
    [InlineData("\"runId\"", "\"runIdd\"", "runId")]
    public void A_summary_that_was_edited_into_nonsense_is_one_clear_error(string from, string to, string expected)
    {
        Write();
        string path = Path.Combine(_folder, RunFolder.SummaryFile);
        string text = File.ReadAllText(path);
        text.ShouldContain(from);
        File.WriteAllText(path, text.Replace(from, to, StringComparison.Ordinal));
        UsageException e = Should.Throw<UsageException>(() => RunFolder.Read(_folder));
        e.Message.ShouldStartWith(_folder);
        e.Message.ShouldContain(expected);
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("\u0000\u0001\u0002")]
    public void A_summary_that_is_none_is_one_clear_error(string text)
    {
        File.WriteAllText(Path.Combine(_folder, RunFolder.SummaryFile), text);
        Should.Throw<UsageException>(() => RunFolder.Read(_folder)).Message.ShouldStartWith(_folder);
    }

    [Fact]
    public void Another_schema_is_refused_by_name()
    {
        Write();
        string path = Path.Combine(_folder, RunFolder.SummaryFile);
        File.WriteAllText(path, File.ReadAllText(path).Replace("\"schemaVersion\": 1", "\"schemaVersion\": 99", StringComparison.Ordinal));
        Should.Throw<UsageException>(() => RunFolder.Read(_folder)).Message.ShouldContain("is of schema 99; this version reads schema 1");
    }

    private string WriteFolder()
    {
        Write();
        return _folder;
    }

    [Fact]
    public void A_folder_without_the_generators_condition_is_still_read()
    {
        string folder = WriteFolder();
        File.Delete(Path.Combine(folder, RunFolder.HostFile));
        File.Delete(Path.Combine(folder, RunFolder.HiccupsFile));
        File.Delete(Path.Combine(folder, RunFolder.ErrorsFile));
        ForgetDigests();
        RunRecord read = RunFolder.Read(folder);
        read.Host.ShouldBeEmpty();
        read.Hiccups.ShouldBeNull();
        read.ErrorSeconds.ShouldBeNull();
    }

    [Fact]
    public void A_damaged_table_of_the_generators_condition_is_named()
    {
        string folder = WriteFolder();
        File.AppendAllText(Path.Combine(folder, RunFolder.HostFile), "1,2\n");
        ForgetDigests();
        Should.Throw<UsageException>(() => RunFolder.Read(folder)).Message.ShouldContain("host.csv(4): has 2 fields; must have 10");
    }

    /// <summary>As in runs from before the other files' digests were kept.</summary>
    private void ForgetDigests()
    {
        string path = Path.Combine(_folder, RunFolder.SummaryFile);
        JsonNode summary = JsonNode.Parse(File.ReadAllText(path))!;
        summary.AsObject().Remove("files").ShouldBeTrue();
        File.WriteAllText(path, summary.ToJsonString());
    }

    private RunRecord Write()
    {
        var run = new VirtualRun
        {
            TimesNs = [.. Enumerable.Range(0, 130_000).Select(i => i * MsNs)],
            DurationNs = 130 * SecondNs,
            DeadlineNs = SecondNs,
            CutNs = 65 * SecondNs + 50 * MsNs,
        };
        RunRecord record = run.Run(clock => new VirtualLane(clock, 0)
        {
            ServiceOf = i => (i % 977 + 1) * MsNs / 2,
            Outcomes = i => i % 5_000 == 0 ? (GrpcStatus.Unavailable, Failure.Connection) : (GrpcStatus.Ok, Failure.None),
        });
        record = record with
        {
            Host =
            [
                new HostSecond(0, SecondNs + 1, 12_345_678, 17, 0.005, 1.0 / 3, 2, 1_000_001, 123_456, 0.25),
                new HostSecond(SecondNs + 1, 7_200 * SecondNs, 0, null, null, 0, 0, 0, 0),
            ],
            Hiccups = RecordingPlan.NewHistogram(),
        };
        record.Hiccups.Record(3 * MsNs, 42);

        // The log that a run writes as it goes, here in one interval.
        using (var log = new IntervalLog(File.Create(Path.Combine(_folder, RunFolder.IntervalsFile)), record.Summary.T0Utc, record.Plan.Phases, record.Summary.Plan.Operations))
        {
            for (int phase = 0; phase < 2; phase++)
            {
                foreach (TimeKind kind in Enum.GetValues<TimeKind>())
                {
                    log.Write(phase, 0, kind, 0, 130 * SecondNs, record.Totals[record.Plan.HistogramIndex(phase, 0, kind)]);
                }
            }
        }

        RunFolder.Write(record, _folder);
        return record;
    }
}
