using System.Text;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using SpikeBench.Core.Recording;
using SpikeBench.Core.Verdict;
using SpikeBench.Reporting;

namespace SpikeBench.Tests.Reporting;

public sealed class HtmlReportTests
{
    private static readonly RunRecord Calm = SyntheticRun.Calm;
    private static readonly RunRecord Overloaded = SyntheticRun.Overloaded;

    [Fact]
    public void Report_of_two_minutes_is_below_300_kB() =>
        Encoding.UTF8.GetByteCount(Render(Overloaded)).ShouldBeLessThan(300_000);

    [Fact]
    public void Report_of_two_hours_is_below_2_MB_and_keeps_the_peaks()
    {
        RunRecord run = new SyntheticRun { Seconds = 7200, RatePerSecond = 4, PauseAtSecond = 5000 }.Record();

        string html = Render(run);

        Encoding.UTF8.GetByteCount(html).ShouldBeLessThan(2_000_000);
        html.ShouldContain($"the latest {LatencyView.Text(LatencyView.Of(run, -1, -1, TimeKind.Lateness).SlowestOkNs)}".Replace(' ', '\u00A0').Replace("the\u00A0latest\u00A0", "the latest "));
        foreach (Match path in Regex.Matches(html, " d=\"([^\"]*)\""))
        {
            path.Groups[1].Value.Count(c => c is 'M' or 'L').ShouldBeLessThanOrEqualTo(Downsample.MostPoints + 2);
        }
    }

    [Fact]
    public void Report_begins_with_the_verdict_the_claim_and_the_reasons()
    {
        string html = Render(Overloaded);

        int[] order = [.. new[] { "<h1>", "Claimed", "Why", "What to do", "id=\"slos\"", "id=\"rates\"", "id=\"response\"", "id=\"heatmap\"", "id=\"percentiles\"", "id=\"errors\"", "id=\"waiting\"", "id=\"accounting\"", "id=\"lateness\"", "id=\"health\"", "id=\"checks\"", "id=\"environment\"" }
            .Select(part => html.IndexOf(part, StringComparison.Ordinal))];

        order.ShouldAllBe(at => at > 0);
        order.ShouldBeInOrder();
        html.ShouldContain("spikebench run ny-midnight --target grpc://chat.example:50051 --scale 2x");
        html.ShouldContain(Overloaded.Summary.ProfileHash);
        html.ShouldContain(Accounting.Of(Overloaded, -1, -1).ToString());
    }

    [Fact]
    public void Report_asks_the_network_for_nothing()
    {
        string html = Render(Overloaded);

        Regex.Matches(html, "(?:href|src|url)\\s*[=(]\\s*[\"']?(?!data:)[^\\s>\"']").ShouldBeEmpty();
        html.ShouldNotContain("@import");
        html.ShouldNotContain("<link");
    }

    [Fact]
    public void Report_escapes_what_others_wrote()
    {
        const string attack = "<script>alert('1')</script>\"&";
        RunRecord run = new SyntheticRun { ClaimText = attack, ProfileName = "x" }.Record();
        RunSummary summary = run.Summary;
        run = run with
        {
            Summary = summary with
            {
                RunId = attack,
                Command = attack,
                Tool = attack,
                ClaimNotTested = attack,
                Interrupted = attack,
                Target = new TargetSummary(attack, attack, true),
                Errors = [new ErrorCount(summary.Plan.Phases[0].Name, attack, attack, 1)],
                Environment = new EnvironmentSummary(attack, attack, attack, 1, attack),
                Plan = summary.Plan with { Operations = [attack, "read"], Phases = [.. summary.Plan.Phases.Select(p => p with { Name = p.Name + attack })] },
                Profile = summary.Profile with { Name = attack, About = attack, Sources = [new(attack, attack)], Slo = [.. summary.Profile.Slo.Select(s => s with { Text = attack })] },
            },
        };
        RunVerdict verdict = SyntheticRun.Judge(Calm) with { Headline = attack, Reasons = [attack], Limits = [attack], Checks = [new(attack, attack, attack, attack, false, CheckConsequence.VoidsAll)] };

        string html = HtmlReport.Render(run, verdict);

        Regex.Count(html, "<script").ShouldBe(1);
        html.ShouldNotContain("alert('1')");
    }

    [Fact]
    public void Report_without_its_first_line_is_well_formed_markup()
    {
        string html = Render(Overloaded);

        // HTML is not XML, but ours is meant to differ in void elements and the script only.
        string xml = Regex.Replace(html, "<script>.*?</script>", "", RegexOptions.Singleline).Replace("<!DOCTYPE html>", "");
        xml = Regex.Replace(xml, "<meta ([^>]*)>", "<meta $1/>").Replace("hidden>", "hidden=\"\">");

        XDocument document = XDocument.Parse(xml);

        document.Descendants("svg").Where(s => (string?)s.Attribute("role") == "img").ShouldAllBe(s => s.Element("title") != null);
        document.Descendants("svg").Count(s => (string?)s.Attribute("class") == "chart").ShouldBe(8);
        document.Descendants().Attributes("id").Select(a => a.Value).ShouldBeUnique();
    }

    [Fact]
    public void Report_of_a_run_that_offered_nothing_is_still_a_report()
    {
        RunRecord run = new SyntheticRun { Seconds = 6, RatePerSecond = 0.0001 }.Record();

        string html = Render(run);

        html.ShouldContain("planned 0 = ok 0");
        html.ShouldNotContain("NaN");
    }

    [Fact]
    public void Script_is_below_a_kilobyte() => ReportScript.Text.Length.ShouldBeLessThan(1024);

    private static string Render(RunRecord run) => HtmlReport.Render(run, SyntheticRun.Judge(run));
}
