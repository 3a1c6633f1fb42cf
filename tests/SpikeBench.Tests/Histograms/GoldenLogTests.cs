using System.Globalization;
using SpikeBench.Histograms;

namespace SpikeBench.Tests.Histograms;

/// <summary>The logs of every writer of the family, read as Java reads them; and the ones that Java cannot read.</summary>
public sealed class GoldenLogTests
{
    private static readonly ILookup<string, string[]> Expected = GoldenData.Rows("logs/expected.csv").ToLookup(row => row[0]);

    public static TheoryData<string> LogsThatJavaReads => [.. Expected.Select(group => group.Key)];

    [Theory]
    [MemberData(nameof(LogsThatJavaReads))]
    public void Reader_answers_as_javas_does(string file)
    {
        LoggedInterval[] intervals = Read(file);

        intervals.Select((interval, i) => Row(file, i, interval)).ShouldBe(Expected[file].Select(row => string.Join(',', row)));
    }

    [Fact]
    public void Reader_reads_the_utf16_log_of_the_dotnet_port()
    {
        // Java finds no interval in it. Its histograms have no checksum either, and odd intervals carry a tag.
        LoggedInterval[] intervals = Read("logs/net_utf16.hlog");

        intervals.Select((interval, i) => Row("logs/net_utf16.hlog", i, interval with { Tag = null }).Split(',')[1..])
            .ShouldBe(Expected["java_head.hlog"].Select(row => row[1..]));
        intervals.Select(interval => interval.Tag).ShouldBe([null, "beta", null, "beta"]);
    }

    [Fact]
    public void Writer_writes_javas_log_but_for_the_compressors_choices()
    {
        LoggedInterval[] intervals = Read("java_tags_basetime.hlog");
        using var text = new StringWriter();
        var writer = new HistogramLogWriter(text);
        writer.WriteComment("[SpikeBench golden: tags, relative times]");
        writer.WriteFormatVersion();
        writer.WriteBaseTime(1700000000127);
        writer.WriteStartTime(1700000000127);
        writer.WriteLegend();
        foreach (LoggedInterval interval in intervals)
        {
            writer.WriteInterval(interval.StartMs, interval.EndMs, interval.Histogram, interval.Tag);
        }

        string[] ours = text.ToString().Split('\n');
        string[] javas = GoldenData.Text("logs/java_tags_basetime.hlog").Split('\n');
        ours.Select(WithoutHistogram).ShouldBe(javas.Select(WithoutHistogram));
        new HistogramLogReader(new StringReader(text.ToString())).ReadAll().Select((interval, i) => Row("", i, interval))
            .ShouldBe(intervals.Select((interval, i) => Row("", i, interval)));
    }

    private static string WithoutHistogram(string line) =>
        line.Contains(",HIST", StringComparison.Ordinal) ? line[..line.LastIndexOf(',')] : line;

    private static LoggedInterval[] Read(string file)
    {
        string path = file.StartsWith("logs/", StringComparison.Ordinal) ? file : "logs/" + file;
        using TextReader text = HistogramLogReader.OpenText(File.OpenRead(GoldenData.PathOf(path)));
        return [.. new HistogramLogReader(text).ReadAll()];
    }

    private static string Row(string file, int index, LoggedInterval interval)
    {
        Histogram h = interval.Histogram;
        string mean = h.Mean.ToString("R", CultureInfo.InvariantCulture);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{file},{index},{interval.Tag},{interval.StartMs},{interval.EndMs},{h.LowestDiscernibleValue},{h.HighestTrackableValue},{h.SignificantDigits},{h.TotalCount},{h.Min},{h.Max},{h.ValueAtPercentile(50)},{h.ValueAtPercentile(90)},{h.ValueAtPercentile(99)},{h.ValueAtPercentile(99.9)},{(mean.Contains('.') ? mean : mean + ".0")}");
    }
}
