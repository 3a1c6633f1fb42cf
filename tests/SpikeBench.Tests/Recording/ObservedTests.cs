using System.Text.Json;
using SpikeBench.Cli.Running;
using SpikeBench.Core.Profiles;
using SpikeBench.Core.Recording;
using SpikeBench.Core.Verdict;
using SpikeBench.Reporting;
using SpikeBench.Tests.Reporting;

namespace SpikeBench.Tests.Recording;

public sealed class ObservedTests
{
    private static readonly ObservedSeries[] Series =
    [
        new("db, \"cpu\"", "instance=a:9100, mode=user", "cores", [new(-500_000_000, 0.25), new(500_000_000, 1e-9), new(1_500_000_000, 3)]),
        new("db, \"cpu\"", "instance=b:9100, mode=user", "cores", [new(0, 1)]),
        new("queue", "", null, [new(1_000_000, 12_345.5)]),
    ];

    [Fact]
    public void Series_are_read_back_as_they_were_written()
    {
        var text = new StringWriter { NewLine = "\n" };
        ObservedCsv.Write(Series, text);
        IReadOnlyList<ObservedSeries> back = ObservedCsv.Read(new StringReader(text.ToString()));
        back.Count.ShouldBe(Series.Length);
        back.Zip(Series).ShouldAllBe(p => p.First.Name == p.Second.Name && p.First.Labels == p.Second.Labels && p.First.Unit == p.Second.Unit && p.First.Points.SequenceEqual(p.Second.Points));
        Should.Throw<FormatException>(() => ObservedCsv.Read(new StringReader("name,labels,unit,at_ms,value\na,b"))).Message.ShouldBe("observed.csv(2): has 2 fields; must have 5");
    }

    [Theory]
    [InlineData("a,b,c,1,2\n\na,b,c,2,3\n", "observed.csv(3): has 1 fields; must have 5")]
    [InlineData("\r\na,b,c,1,2\r\n", "observed.csv(2): has 1 fields; must have 5")]
    [InlineData("\"a,b,c,1,2\n", "observed.csv: line 2: a quote is opened and never closed")]
    [InlineData("\"a\"x,b,c,1,2\n", "observed.csv: line 2: something stands behind a closing quote; a quote inside quotes is doubled")]
    public void A_table_that_was_changed_is_refused_with_its_line(string rows, string says) =>
        Should.Throw<FormatException>(() => ObservedCsv.Read(new StringReader("name,labels,unit,at_ms,value\n" + rows))).Message.ShouldBe(says);

    [Fact]
    public void A_range_querys_answer_becomes_series_from_T0()
    {
        const string Answer = """
            {"resultType":"matrix","result":[
              {"metric":{"__name__":"up","instance":"a","job":"db"},"values":[[100.5,"1"],[101.5,"NaN"],[102.5,"0.5"]]},
              {"metric":{},"values":[]}]}
            """;
        List<ObservedSeries> series = PrometheusReader.Series(new Observation("db", "http://p", "up", "cores"), JsonDocument.Parse(Answer).RootElement, DateTimeOffset.FromUnixTimeSeconds(100));
        series[0].Labels.ShouldBe("instance=a, job=db");
        series[0].Points.ShouldBe([new ObservedPoint(500_000_000, 1), new ObservedPoint(2_500_000_000, 0.5)]);
        series[1].ShouldSatisfyAllConditions(s => s.Labels.ShouldBe(""), s => s.Points.ShouldBeEmpty(), s => s.Unit.ShouldBe("cores"));
    }

    [Fact]
    public void The_report_draws_them_beside_the_run_with_their_peak_in_words()
    {
        RunRecord calm = SyntheticRun.Calm;
        ObservedPoint[] points = [.. Enumerable.Range(0, 120).Select(s => new ObservedPoint(s * 1_000_000_000L, s == 30 ? 0.9 : 0.1))];
        RunRecord run = calm with { Observed = [new ObservedSeries("db cpu", "host=<b>", "cores", points), new ObservedSeries("db cpu", "host=c", "cores", [new(0, 0.5)])] };
        string page = HtmlReport.Render(run, Judge.Decide(run));
        page.ShouldContain("Beside the run: db cpu");
        page.ShouldContain("0.9 cores (host=&lt;b&gt;)");
        page.ShouldContain("observed.csv, not by the generator");
        HtmlReport.Render(calm, Judge.Decide(calm)).ShouldNotContain("Beside the run");
    }

    [Theory]
    [InlineData(0, "0")]
    [InlineData(0.0005, "5E-4")]
    [InlineData(0.25, "0.25")]
    [InlineData(1234, "1234")]
    [InlineData(12_345, "12.35k")]
    [InlineData(1_500_000_000, "1.5G")]
    public void Values_are_short_beside_an_axis(double value, string expected) => ObservedCharts.Short(value).ShouldBe(expected);
}
