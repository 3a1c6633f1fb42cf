using System.Xml.Linq;
using SpikeBench.Core.Schedule;
using SpikeBench.Reporting;

namespace SpikeBench.Tests.Reporting;

public sealed class SvgChartTests
{
    private const long NsPerSecond = 1_000_000_000;

    [Fact]
    public void Path_is_drawn_upwards_from_the_lower_left_and_lifts_the_pen_at_gaps()
    {
        (double, double)[] points = [(0, 0), (0.25, 1), (0.5, double.NaN), (0.75, 0.5), (1, 0.123)];

        SvgChart.Path(points).ShouldBe("M0 1000L250 0M750 500L1000 877");
    }

    [Fact]
    public void Chart_is_written_as_its_golden_text()
    {
        string svg = new SvgChart("rates", "Calls & more", "At 2 s the peak was 90 ms.", new TimeAxis(4 * NsPerSecond), new LinearAxis(90, v => $"{v}/s"))
            .Bands([new Phase("before", 0, 2 * NsPerSecond), new Phase("a phase with a long name", 2 * NsPerSecond, 4 * NsPerSecond)])
            .Event(3 * NsPerSecond, "midnight")
            .Bound(50, "SLO")
            .Series("sent", "sent", [10, 90, 20, double.NaN], i => (i + 0.5) * NsPerSecond, area: true)
            .Readout(["", "sent"], [["1 s", "10"], ["2 s", "90;|"]])
            .Render();

        ReportGolden.ShouldMatch(svg, "chart.svg.html");
        XDocument.Parse(svg).Root!.Name.LocalName.ShouldBe("figure");
    }

    [Fact]
    public void Time_axis_has_round_ticks_that_fit_a_phone()
    {
        foreach (long seconds in (long[])[1, 7, 60, 120, 185, 900, 3600, 7200, 86_400])
        {
            IReadOnlyList<Tick> ticks = new TimeAxis(seconds * NsPerSecond).Ticks;

            ticks.Count.ShouldBeInRange(2, 7, $"{seconds} s");
            ticks.ShouldAllBe(t => t.At >= 0 && t.At <= 1 && (t.Label.EndsWith(" s") || t.Label.EndsWith(" min")));
        }
    }

    [Fact]
    public void Nines_axis_gives_each_nine_the_same_width()
    {
        var axis = new NinesAxis(100_000);

        axis.Ticks.Select(t => t.Label).ShouldBe(["50 %", "90 %", "99 %", "99.9 %", "99.99 %", "99.999 %"]);
        axis.At(90).ShouldBe(0.2, 1e-9);
        axis.At(99.9).ShouldBe(0.6, 1e-9);
        axis.PercentileAt(0.4).ShouldBe(99, 1e-9);
    }

    [Fact]
    public void Log_axis_places_decades_evenly_and_failures_in_their_band()
    {
        var axis = new LogTimeAxis(1e6, 1e9, failedBand: true);

        axis.At(1e6).ShouldBe(0, 1e-9);
        (axis.At(1e8) - axis.At(1e7)).ShouldBe(axis.At(1e7) - axis.At(1e6), 1e-9);
        axis.At(LatencyView.Failed).ShouldBeGreaterThan(LogTimeAxis.BandStart);
        axis.Ticks.ShouldAllBe(t => t.At < LogTimeAxis.BandStart);
    }
}
