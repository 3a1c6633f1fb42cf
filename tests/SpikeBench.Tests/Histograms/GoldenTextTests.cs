using System.Globalization;
using SpikeBench.Histograms;

namespace SpikeBench.Tests.Histograms;

/// <summary>Percentile distributions and log reports, byte for byte as Java prints them.</summary>
public sealed class GoldenTextTests
{
    public static TheoryData<string> Distributions =>
        [.. Directory.GetFiles(GoldenData.PathOf("java/hgrm")).Select(path => Path.GetFileName(path)!).Order()];

    [Theory]
    [MemberData(nameof(Distributions))]
    public void Distribution_is_javas_text(string file)
    {
        // NAME_t<ticks>_s<scale>.<format>
        string[] parts = Path.GetFileNameWithoutExtension(file).Split("_t");
        string[] numbers = parts[^1].Split("_s");
        Histogram histogram = GoldenCases.Build(string.Join("_t", parts[..^1]));
        PercentileFormat format = file.EndsWith(".csv", StringComparison.Ordinal) ? PercentileFormat.Csv : PercentileFormat.Hgrm;
        using var text = new StringWriter();

        PercentileDistribution.Write(text, histogram, int.Parse(numbers[1]), int.Parse(numbers[0]), format);

        string java = GoldenData.Text("java/hgrm/" + file);
        if (file.StartsWith("edges_d3", StringComparison.Ordinal))
        {
            // Above 2^53 JDK 17 prints decimals that are not the shortest: the same numbers by other digits.
            Numbers(text.ToString()).ShouldBe(Numbers(java));
        }
        else
        {
            text.ToString().ShouldBe(java);
        }
    }

    [Fact]
    public void Distribution_is_the_same_text_in_every_culture()
    {
        CultureInfo before = CultureInfo.CurrentCulture;
        try
        {
            var comma = (CultureInfo)CultureInfo.InvariantCulture.Clone();
            comma.NumberFormat.NumberDecimalSeparator = ",";
            comma.NumberFormat.NegativeSign = "~";
            CultureInfo.CurrentCulture = comma;
            Distribution_is_javas_text("lognorm_d3_t5_s1000000.hgrm");
            Distribution_is_javas_text("uniform_d2_t5_s1.csv");
            new GoldenLogTests().Reader_answers_as_javas_does("java_head.hlog");
            new GoldenLogTests().Writer_writes_javas_log_but_for_the_compressors_choices();
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [Fact]
    public void Report_of_untagged_intervals_is_javas() => ShouldReport(new LogReport(), "plain_untagged");

    [Fact]
    public void Report_of_one_tag_is_javas() =>
        ShouldReport(new LogReport { Selection = new LogSelection { Tag = "read" }, UnitRatio = 1000 }, "plain_read");

    [Fact]
    public void Report_of_a_time_range_is_javas() =>
        ShouldReport(new LogReport { Selection = new LogSelection { FromSeconds = 1, ToSeconds = 3 } }, "range_1_3");

    [Fact]
    public void Report_with_correction_is_javas() =>
        ShouldReport(new LogReport { Selection = new LogSelection { AllTags = true, CorrectByInterval = 1_000_000 } }, "co_1e6");

    [Fact]
    public void Report_as_csv_with_moving_window_is_javas() => ShouldReport(
        new LogReport
        {
            Selection = new LogSelection { Tag = "connect" },
            Format = PercentileFormat.Csv,
            WindowLength = TimeSpan.FromSeconds(2),
        },
        "csv_connect",
        hasWindow: true);

    [Fact]
    public void Tag_list_is_javas()
    {
        using var text = new StringWriter();

        LogReport.WriteTags(Log(), text);

        text.ToString().ShouldBe(GoldenData.Text("logproc/listtags.txt"));
    }

    private static void ShouldReport(LogReport report, string file, bool hasWindow = false)
    {
        using var intervals = new StringWriter();
        using var distribution = new StringWriter();
        using var window = new StringWriter();

        report.Write(Log(), intervals, distribution, window);

        intervals.ToString().ShouldBe(GoldenData.Text("logproc/" + file));
        distribution.ToString().ShouldBe(GoldenData.Text($"logproc/{file}.hgrm"));
        if (hasWindow)
        {
            window.ToString().ShouldBe(GoldenData.Text($"logproc/{file}.mwp"));
        }
    }

    private static HistogramLogReader Log() => new(new StringReader(GoldenData.Text("logs/java_tags_basetime.hlog")));

    private static IEnumerable<string> Numbers(string text) =>
        text.Split([' ', '\n', ',', ']'], StringSplitOptions.RemoveEmptyEntries)
            .Select(word => double.TryParse(word, NumberStyles.Float, CultureInfo.InvariantCulture, out double number)
                ? number.ToString("R", CultureInfo.InvariantCulture)
                : word);
}
