using System.Text;
using SpikeBench.Histograms;

namespace SpikeBench.Tests.Histograms;

public sealed class HistogramLogTests
{
    private static readonly string Encoded = Convert.ToBase64String(HistogramEncoder.EncodeCompressed(GoldenCases.Build("one_value_d3")));

    [Fact]
    public void Stamp_far_before_the_start_time_is_relative_to_it()
    {
        LoggedInterval interval = Read($"#[StartTime: 1700000000.500 (seconds since epoch)]\n2.000,1.000,1.0,{Encoded}\n").Single();

        (interval.StartMs, interval.EndMs).ShouldBe((1700000002500, 1700000003500));
        interval.OffsetSeconds.ShouldBe(2);
    }

    [Fact]
    public void First_stamp_is_the_start_time_when_there_is_none()
    {
        LoggedInterval[] intervals = Read($"1700000000.500,1.000,1.0,{Encoded}\n1700000001.500,1.000,1.0,{Encoded}");

        intervals.Select(i => i.OffsetSeconds).ShouldBe([0, 1]);
        intervals[1].StartMs.ShouldBe(1700000001500);
    }

    [Fact]
    public void Legends_comments_blank_lines_and_line_ends_do_not_matter()
    {
        string log = $"#[Histogram log format version 1.9]\r\n\r\n  \r\n\"whatever\",\"legend\"\r\n# note\r\nTag=a b,1.5,0.5,x,{Encoded}\r\n";

        LoggedInterval interval = Read(log).Single();

        interval.Tag.ShouldBe("a b");
        interval.LengthSeconds.ShouldBe(0.5);
        interval.Histogram.TotalCount.ShouldBe(1);
    }

    [Theory]
    [InlineData("1.0,1.0,1.0")]
    [InlineData("1.0,abc,1.0,HISTFAAA")]
    [InlineData("1,0,1,000,1.0,HISTFAAA")]
    [InlineData("NaN,1.0,1.0,HISTFAAA")]
    [InlineData("Tag=x")]
    [InlineData("garbage")]
    public void Line_that_is_no_interval_is_refused_with_its_number(string line) =>
        Should.Throw<HistogramFormatException>(() => Read("# first\n\n" + line)).Message.ShouldStartWith("Line 3 of the log: ");

    [Fact]
    public void Range_includes_both_ends_and_stops_after_the_last()
    {
        string log = "#[StartTime: 1700000000.000 (seconds since epoch)]\n"
            + string.Concat(Enumerable.Range(0, 5).Select(i => $"{1700000000 + i}.000,1.000,1.0,{Encoded}\n"))
            + "garbage that is never reached";

        using var text = new StringReader(log);
        new HistogramLogReader(text).ReadAll(1, 3).Select(i => i.OffsetSeconds).ShouldBe([1, 2, 3]);
    }

    [Theory]
    [InlineData("")]
    [InlineData("a,b")]
    [InlineData("a b")]
    [InlineData("long tag")]
    [InlineData("a\nb")]
    [InlineData("a\tb")]
    public void Tag_that_no_reader_could_read_back_is_refused(string tag)
    {
        using var text = new StringWriter();

        Should.Throw<ArgumentException>(() => new HistogramLogWriter(text).WriteInterval(0, 1, new Histogram(3), tag));
        Should.Throw<ArgumentException>(() => new HistogramLogWriter(text).WriteComment("two\nlines"));

        text.ToString().ShouldBeEmpty();
    }

    [Fact]
    public void Log_on_a_stream_is_utf8_without_a_mark_and_with_bare_line_feeds()
    {
        using var stream = new MemoryStream();
        using (TextWriter text = HistogramLogWriter.OpenText(stream))
        {
            var writer = new HistogramLogWriter(text) { MaxValueUnitRatio = 1000 };
            writer.WriteFormatVersion();
            writer.WriteLegend();
            writer.WriteInterval(-1500, 500, GoldenCases.Build("one_value_d3"), "größe");
        }

        byte[] bytes = stream.ToArray();
        bytes[0].ShouldBe((byte)'#');
        bytes.ShouldNotContain((byte)'\r');
        string lines = Encoding.UTF8.GetString(bytes);
        lines.ShouldContain("\nTag=größe,-1.500,2.000,123.519,HISTFA");
    }

    [Fact]
    public void Summary_adds_up_by_tag()
    {
        IReadOnlyList<LogSummary> summaries = LogTools.Summarize(Golden("java_tags_basetime.hlog"), LogSelection.All);

        summaries.Select(s => (s.Tag, s.Intervals, s.Total.TotalCount)).ShouldBe([(null, 5, 1100), ("connect", 5, 1100), ("read", 5, 870)]);
        summaries.ShouldAllBe(s => s.StartMs == 1700000000127 && s.EndMs == 1700000005127);
    }

    [Fact]
    public void Cut_keeps_the_selected_intervals_as_a_log()
    {
        using var text = new StringWriter();

        int kept = LogTools.Cut(
            Golden("java_tags_basetime.hlog"),
            new LogSelection { Tag = "read", FromSeconds = 1, ToSeconds = 2 },
            new HistogramLogWriter(text));

        kept.ShouldBe(2);
        LoggedInterval[] read = Read(text.ToString());
        read.Select(i => (i.Tag, i.OffsetSeconds, i.Histogram.TotalCount)).ShouldBe([("read", 1, 210), ("read", 2, 220)]);
        read[0].StartMs.ShouldBe(1700000001127);
    }

    [Fact]
    public void Merge_adds_the_intervals_that_coincide_and_keeps_the_others()
    {
        using var text = new StringWriter();

        int written = LogTools.Merge(
            [Golden("java_head.hlog"), Golden("js_3.0.1.hlog"), Golden("java_2.1.5.hlog")],
            LogSelection.All,
            new HistogramLogWriter(text));

        // The odd intervals of the JavaScript log carry a tag, all else coincides.
        written.ShouldBe(6);
        Read(text.ToString()).Select(i => (i.Tag, i.StartMs, i.Histogram.TotalCount)).ShouldBe(
        [
            (null, 1700000000127, 1500),
            (null, 1700000001127, 1000),
            ("beta", 1700000001127, 500),
            (null, 1700000002127, 1500),
            (null, 1700000003127, 1000),
            ("beta", 1700000003127, 500),
        ]);
    }

    [Fact]
    public void Report_of_nothing_is_an_empty_distribution()
    {
        using var distribution = new StringWriter();

        Histogram total = new LogReport { Selection = LogSelection.All }.Write(new HistogramLogReader(new StringReader("")), null, distribution, null);

        total.TotalCount.ShouldBe(0);
        distribution.ToString().ShouldStartWith("#[Overall percentile distribution between <Beginning> and <Infinite> seconds");
    }

    private static HistogramLogReader Golden(string file) => new(new StringReader(GoldenData.Text("logs/" + file)));

    private static LoggedInterval[] Read(string log) => [.. new HistogramLogReader(new StringReader(log)).ReadAll()];
}
