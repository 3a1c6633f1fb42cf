using SpikeBench.Core.Engine;
using SpikeBench.Core.Recording;
using SpikeBench.Core.Schedule;
using SpikeBench.Core.Verdict;
using SpikeBench.Tests.Engine;

namespace SpikeBench.Tests.Recording;

/// <summary>What is left of a run whose process or disk ended in the middle.</summary>
public sealed class RunJournalTests : IDisposable
{
    private const long MsNs = 1_000_000;
    private const long SecondNs = 1_000_000_000;
    private const int Calls = 10_000;
    private const int Unavailable = 14;

    private readonly string _folder = Directory.CreateTempSubdirectory("spikebench-test-").FullName;
    private readonly RunSummary _summary;
    private readonly RunRecorder _recorder;

    public RunJournalTests()
    {
        var shape = new VirtualRun { TimesNs = [.. Enumerable.Range(0, Calls).Select(i => i * MsNs)], DurationNs = Calls * MsNs, DeadlineNs = SecondNs };
        _summary = shape.Run(clock => new VirtualLane(clock, MsNs)).Summary with { Interrupted = "it was killed", Finished = false };
        _recorder = new RunRecorder(_summary.RecordingPlan, 1);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_run_that_did_not_finish_reads_back_as_the_part_that_was_kept_and_is_invalid()
    {
        RunFolder.Begin(_summary, _folder);
        using (var journal = new RunJournal(_folder, _summary, _recorder))
        {
            Play(new IntervalTaker(_recorder, journal), seconds: 4);
            journal.KeptNs.ShouldBe(4 * SecondNs);
        }

        RunRecord read = RunFolder.Read(_folder);

        read.Summary.Finished.ShouldBeFalse();
        read.Seconds.Count.ShouldBe(4);
        read.Seconds.Sum(s => s.Response.Count).ShouldBe(4_000 - 4);
        Sum(read, CellField.Planned).ShouldBe(4_000);
        Sum(read, CellField.Ok).ShouldBe(4_000 - 4);
        Sum(read, CellField.Error).ShouldBe(4);
        RunVerdict verdict = Judge.Decide(read);
        verdict.Outcome.ShouldBe(Outcome.Invalid);
        verdict.Reasons[0].ShouldBe("The load ended early: it was killed.");
    }

    [Theory]
    [InlineData(RunFolder.TimelineFile)]
    [InlineData(RunFolder.IntervalsFile)]
    public void A_last_line_that_was_cut_is_left_out(string file)
    {
        RunFolder.Begin(_summary, _folder);
        using (var journal = new RunJournal(_folder, _summary, _recorder))
        {
            Play(new IntervalTaker(_recorder, journal), seconds: 3);
        }

        string path = Path.Combine(_folder, file);
        byte[] bytes = File.ReadAllBytes(path);
        File.WriteAllBytes(path, bytes[..^7]);

        Judge.Decide(RunFolder.Read(_folder)).Outcome.ShouldBe(Outcome.Invalid);
    }

    [Fact]
    public void A_run_that_was_killed_before_its_first_second_is_an_empty_part()
    {
        RunFolder.Begin(_summary, _folder);

        RunRecord read = RunFolder.Read(_folder);

        Sum(read, CellField.Planned).ShouldBe(0);
        Judge.Decide(read).Outcome.ShouldBe(Outcome.Invalid);
    }

    [Fact]
    public void A_run_that_goes_on_can_be_read()
    {
        RunFolder.Begin(_summary, _folder);
        using var journal = new RunJournal(_folder, _summary, _recorder);
        Play(new IntervalTaker(_recorder, journal), seconds: 2);

        Sum(RunFolder.Read(_folder), CellField.Planned).ShouldBe(2_000);
    }

    [Fact]
    public void A_disk_that_fills_up_costs_the_journal_and_not_the_run()
    {
        using var journal = new RunJournal(_folder, _summary, _recorder, path => new SmallDisk(4_000));
        var taker = new IntervalTaker(_recorder, journal);

        Play(taker, seconds: 8);

        journal.Failure.ShouldBe(SmallDisk.Complaint);
        journal.KeptNs.ShouldBeLessThan(8 * SecondNs);
        taker.Seconds.Count.ShouldBe(8);
        taker.Seconds.Sum(s => s.Response.Count).ShouldBe(8_000 - 8);
        _recorder.Close().Cells.Sum(0, _summary.RecordingPlan.NewCells().Grid.PlanCells, -1, CellField.Ok).ShouldBe(8_000 - 8);
    }

    [Fact]
    public void Rows_of_a_cell_that_were_written_one_after_the_other_add_up_to_the_closed_books()
    {
        using (var journal = new RunJournal(_folder, _summary, _recorder))
        {
            Play(new IntervalTaker(_recorder, journal), seconds: 10);
        }

        using var timeline = new StreamReader(Path.Combine(_folder, RunFolder.TimelineFile));
        CellTable kept = TimelineCsv.Read(timeline, _summary.RecordingPlan, _summary.Plan);
        CellTable closed = _recorder.Close().Cells;
        for (int cell = 0; cell < kept.Grid.Count; cell++)
        {
            foreach (CellField field in Enum.GetValues<CellField>())
            {
                kept[cell, 0, field].ShouldBe(closed[cell, 0, field]);
            }
        }
    }

    [Fact]
    public void Errors_by_second_and_status_add_up_and_read_back()
    {
        Play(new IntervalTaker(_recorder, null), seconds: 10);
        StatusSeconds booked = _recorder.Close().ErrorSeconds;
        using var text = new StringWriter { NewLine = "\n" };
        booked.Write(text);

        StatusSeconds read = StatusSeconds.Read(new StringReader(text.ToString()), _summary.Plan.DurationNs);

        booked.Count.ShouldBe(10);
        booked.Statuses.ShouldBe([Unavailable]);
        Enumerable.Range(0, 10).Select(s => booked[s, Unavailable]).ShouldAllBe(count => count == 1);
        Enumerable.Range(0, 10).Select(s => read[s, Unavailable]).ShouldAllBe(count => count == 1);
        Should.Throw<FormatException>(() => StatusSeconds.Read(new StringReader("second,status,errors\n99,OK,1\n"), _summary.Plan.DurationNs)).Message.ShouldContain("errors.csv(2)");
    }

    private static long Sum(RunRecord run, CellField field) => run.Cells.Sum(0, run.Cells.Grid.PlanCells, -1, field);

    /// <summary>A call each millisecond that takes a quarter of one; one in a thousand fails.</summary>
    private void Play(IntervalTaker taker, int seconds)
    {
        OutcomeRecorder worker = _recorder.ForWorker(0);
        for (int i = 0; i < seconds * 1000; i++)
        {
            var op = new UserOp { Arrival = new Arrival(i, i * MsNs, 0, 0, 0), DispatchedNs = i * MsNs, Attempts = 1 };
            bool failed = i % 1000 == 500;
            worker.Took(op.Arrival);
            worker.Dispatched(op.Arrival, op.DispatchedNs);
            worker.Ended(op, new CallEvent(0, EventKind.Ended, (byte)(failed ? Unavailable : 0), failed ? Failure.Connection : Failure.None, op.DispatchedNs + MsNs / 4, -1, 0));
            if (i % 1000 == 999)
            {
                taker.Take((i + 1) * MsNs);
            }
        }
    }

    /// <summary>A file on a disk that is full after so many bytes.</summary>
    private sealed class SmallDisk(int room) : MemoryStream
    {
        public const string Complaint = "No space left on device";

        // What is a span in the writer becomes an array here: the base class would otherwise call back.
        public override void Write(ReadOnlySpan<byte> buffer) => Write(buffer.ToArray(), 0, buffer.Length);

        public override void Write(byte[] buffer, int offset, int count)
        {
            if (Length + count > room)
            {
                throw new IOException(Complaint);
            }

            base.Write(buffer, offset, count);
        }
    }
}
