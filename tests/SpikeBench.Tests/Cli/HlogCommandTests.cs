using System.Globalization;
using System.Xml.Linq;
using SpikeBench.Cli;
using SpikeBench.Histograms;
using SpikeBench.Tests.Histograms;

namespace SpikeBench.Tests.Cli;

/// <summary>The commands on logs, over logs that Java, C, JavaScript and .NET wrote.</summary>
public sealed class HlogCommandTests : IDisposable
{
    private static readonly string Tagged = GoldenData.PathOf("logs/java_tags_basetime.hlog");

    private readonly string _folder = Directory.CreateTempSubdirectory("spikebench-hlog-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Hgrm_prints_javas_distribution_when_it_starts_at_0() =>
        (await OutputAsync("hgrm", Tagged, "--from", "0")).ShouldBe(GoldenData.Text("logproc/plain_untagged.hgrm"));

    [Fact]
    public async Task Hgrm_takes_one_tag() =>
        (await OutputAsync("hgrm", Tagged, "--tag", "read", "--from", "0", "--unit", "1000")).ShouldBe(GoldenData.Text("logproc/plain_read.hgrm"));

    [Fact]
    public async Task Csv_prints_javas_lines_and_javas_distribution()
    {
        string[] selection = [Tagged, "--tag", "connect", "--from", "0"];

        (await OutputAsync(["csv", .. selection])).ShouldBe(GoldenData.Text("logproc/csv_connect"));
        (await OutputAsync(["csv", .. selection, "--distribution"])).ShouldBe(GoldenData.Text("logproc/csv_connect.hgrm"));
    }

    [Theory]
    [InlineData("c_0.11.10.hlog")]
    [InlineData("java_1.2.1.hlog")]
    [InlineData("java_2.1.5.hlog")]
    [InlineData("java_absolute_no_start.hlog")]
    [InlineData("js_3.0.1.hlog")]
    [InlineData("net_utf16.hlog")]
    public async Task Summary_reads_the_log_of_any_tool(string file)
    {
        LoggedInterval[] intervals = Read(await File.ReadAllBytesAsync(GoldenData.PathOf("logs/" + file)));

        string[][] rows = Rows(await OutputAsync("summary", GoldenData.PathOf("logs/" + file)));

        rows.Sum(row => int.Parse(row[1], CultureInfo.InvariantCulture)).ShouldBe(intervals.Length);
        rows.Sum(row => long.Parse(row[4], CultureInfo.InvariantCulture)).ShouldBe(intervals.Sum(i => i.Histogram.TotalCount));
    }

    [Fact]
    public async Task Summary_has_a_row_per_tag_with_exact_text()
    {
        string text = await OutputAsync("summary", Tagged, "--unit", "1000", "--tag", "read");

        Histogram total = LogTools.Summarize(new HistogramLogReader(new StringReader(GoldenData.Text("logs/java_tags_basetime.hlog"))), LogSelection.All)
            .Single(s => s.Tag == "read").Total;
        string p50 = (total.ValueAtPercentile(50) / 1000.0).ToString("0.000", CultureInfo.InvariantCulture);
        text.ShouldStartWith("StartTime 1700000000.127 s since the epoch, 2023-11-14 22:13:20 UTC; values are divided by 1000\n\ntag ");
        text.ShouldNotContain("\r");
        string[] row = Rows(text).ShouldHaveSingleItem();
        row[..5].ShouldBe(["read", "5", "0.000", "5.000", "870"]);
        row[6].ShouldBe(p50);
    }

    [Fact]
    public async Task Cut_keeps_the_range_of_a_tag_in_a_file()
    {
        string file = Path.Combine(_folder, "cut.hlog");

        string said = await OutputAsync("cut", Tagged, "--tag", "read", "--from", "1", "--to", "2", "-o", file);

        said.ShouldBe(file + "\n");
        byte[] written = await File.ReadAllBytesAsync(file);
        written.ShouldNotContain((byte)'\r');
        Read(written).Select(i => (i.Tag, i.OffsetSeconds, i.Histogram.TotalCount)).ShouldBe([("read", 1, 210), ("read", 2, 220)]);
    }

    [Fact]
    public async Task Cut_takes_the_intervals_without_a_tag_when_the_tag_is_empty()
    {
        string text = await OutputAsync("cut", Tagged, "--tag", "");

        Read(System.Text.Encoding.UTF8.GetBytes(text)).Select(i => i.Tag).ShouldBe([null, null, null, null, null]);
    }

    [Fact]
    public async Task Merge_adds_a_log_to_itself()
    {
        string text = await OutputAsync("merge", Tagged, Tagged);

        LoggedInterval[] once = Read(await File.ReadAllBytesAsync(Tagged));
        LoggedInterval[] merged = Read(System.Text.Encoding.UTF8.GetBytes(text));
        merged.Length.ShouldBe(once.Length);
        merged.Sum(i => i.Histogram.TotalCount).ShouldBe(2 * once.Sum(i => i.Histogram.TotalCount));
    }

    [Fact]
    public async Task Plot_is_an_svg_with_a_line_per_log_and_tag()
    {
        string text = await OutputAsync("plot", Tagged, GoldenData.PathOf("logs/js_3.0.1.hlog"));

        XElement svg = XDocument.Parse(text).Root!;
        svg.Name.LocalName.ShouldBe("svg");
        svg.Elements(svg.Name.Namespace + "polyline").Count().ShouldBe(5);
        text.ShouldContain("java_tags_basetime.hlog read: 870 values, p50 ");
        text.ShouldNotContain("NaN");
    }

    [Theory]
    [InlineData("summary")]
    [InlineData("cut")]
    [InlineData("merge")]
    [InlineData("hgrm")]
    [InlineData("csv")]
    [InlineData("plot")]
    public async Task Every_command_lists_the_tags_when_one_is_unknown(string command) =>
        (await ComplaintAsync(command, Tagged, "--tag", "raed"))
            .ShouldBe($"spikebench: {Tagged}: has no interval with the tag 'raed'; its tags: (no tag), connect, read. Choose with --tag ('*' takes all, '' those without a tag)\n");

    [Theory]
    [InlineData("summary")]
    [InlineData("cut")]
    [InlineData("merge")]
    [InlineData("hgrm")]
    [InlineData("csv")]
    [InlineData("plot")]
    public async Task Every_command_refuses_what_is_no_log_in_one_line(string command)
    {
        string gone = Path.Combine(_folder, "gone.hlog");
        (await ComplaintAsync(command, gone)).ShouldBe($"spikebench: {gone}: there is no such file\n");
        (await ComplaintAsync(command, _folder)).ShouldContain("is a folder");
        (await ComplaintAsync(command, Having(""))).ShouldContain("holds no interval");
        (await ComplaintAsync(command, Having("#[StartTime: 1.0]\n"))).ShouldContain("holds no interval");
        (await ComplaintAsync(command, Having("name: a profile\nload: much\n"))).ShouldContain("is no HDR interval log");
        (await ComplaintAsync(command, Having("\u001f\u008b\u0008binary\n"))).ShouldContain("zcat");
        (await ComplaintAsync(command, Having("1e300,1,1,HISTFAAA\n"))).ShouldContain("years 1 to 9999");
    }

    [Fact]
    public async Task Broken_line_is_named_and_leaves_no_output()
    {
        string file = Having(GoldenData.Text("logs/java_head.hlog") + "1700000009.000,1.000,1.0,HISTFA");
        string output = Path.Combine(_folder, "never.csv");

        (await ComplaintAsync("csv", file, "--tag", "*", "-o", output)).ShouldContain(": Line ");

        File.Exists(output).ShouldBeFalse();
    }

    [Fact]
    public async Task Broken_log_among_several_is_the_one_that_is_named()
    {
        string broken = Having("garbage\n");

        (await ComplaintAsync("merge", Tagged, broken, Tagged)).ShouldStartWith($"spikebench: {broken}: ");
    }

    [Theory]
    [InlineData("--from", "soon", "--from soon: is no number")]
    [InlineData("--to", "NaN", "--to NaN: is no number")]
    [InlineData("--unit", "0", "--unit 0: must be above 0")]
    [InlineData("--ticks", "0", "--ticks 0: must be a whole number")]
    [InlineData("--from", "900", "no interval starts in the range")]
    public async Task Hgrm_refuses_an_option_that_makes_no_sense(string option, string value, string complaint) =>
        (await ComplaintAsync("hgrm", Tagged, option, value)).ShouldContain(complaint);

    [Fact]
    public async Task Cut_refuses_what_no_log_can_hold()
    {
        string interval = GoldenData.Text("logs/java_head.hlog").Split('\n').Last(line => line.Contains(",HIST", StringComparison.Ordinal));
        string histogram = interval[(interval.LastIndexOf(',') + 1)..];

        (await ComplaintAsync("cut", Having($"Tag=a b,1.0,1.0,1.0,{histogram}\n"))).ShouldContain("white space");
        (await ComplaintAsync("cut", Having($"5.0,-1.0,1.0,{histogram}\n"))).ShouldContain("ends before it starts");
    }

    private static LoggedInterval[] Read(byte[] log)
    {
        using TextReader text = HistogramLogReader.OpenText(new MemoryStream(log));
        return [.. new HistogramLogReader(text).ReadAll()];
    }

    private static string[][] Rows(string summary) =>
        [.. summary.Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip(2)
            .Select(line => line.Replace("(no tag)", "-", StringComparison.Ordinal).Split(' ', StringSplitOptions.RemoveEmptyEntries))];

    private static async Task<string> OutputAsync(params string[] args)
    {
        (int code, string output, string errors) = await RunAsync(args);
        errors.ShouldBeEmpty();
        code.ShouldBe(ExitCodes.Pass);
        return output;
    }

    private static async Task<string> ComplaintAsync(params string[] args)
    {
        (int code, string output, string errors) = await RunAsync(args);
        code.ShouldBe(ExitCodes.Usage, errors);
        output.ShouldBeEmpty();
        errors.TrimEnd('\n').ShouldNotContain("\n");
        return errors;
    }

    private static async Task<(int Code, string Output, string Errors)> RunAsync(string[] args)
    {
        using var output = new StringWriter { NewLine = "\n" };
        using var errors = new StringWriter { NewLine = "\n" };
        int code = await SpikeBenchCommand.RunAsync(["hlog", .. args], new Terminal(output, errors), TimeProvider.System);
        return (code, output.ToString(), errors.ToString());
    }

    private string Having(string text)
    {
        string file = Path.Combine(_folder, $"{Guid.NewGuid():N}.hlog");
        File.WriteAllText(file, text);
        return file;
    }
}
