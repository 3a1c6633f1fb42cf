using System.Xml.Linq;
using SpikeBench.Core.Profiles;
using SpikeBench.Core.Recording;
using SpikeBench.Core.Verdict;
using SpikeBench.Reporting;
using SpikeBench.Tests.Evidence;

namespace SpikeBench.Tests.Reporting;

/// <summary>What continuous integration is told: JUnit, annotations, step summary.</summary>
public sealed class CiOutputTests
{
    private static readonly RunRecord Run = new PlayedRun().Record();

    private static readonly RunVerdict Passed = Judge.Decide(Run);

    [Fact]
    public void A_pass_is_a_case_per_slo_and_phase_and_nothing_else()
    {
        XElement suite = Suite(JUnitReport.Render([new JudgedRun(Run, Passed)], Passed));
        Cases(suite).ShouldBe(["played.spike/send p99 <= 200ms: ok", "played.spike/all errors <= 1%: ok"]);
        Counts(suite).ShouldBe("2 0 0 0");
        suite.Element("properties")!.Elements().Single(p => p.Attribute("name")!.Value == "verdict").Attribute("value")!.Value.ShouldBe("PASS");
    }

    [Theory]
    [InlineData(Outcome.Fail, "failure", "2 1 0 0")]
    [InlineData(Outcome.Inconclusive, "skipped", "2 0 0 1")]
    [InlineData(Outcome.Invalid, "error", "2 0 2 0")]
    public void Each_outcome_is_its_own_kind_of_result(Outcome outcome, string element, string counts)
    {
        RunVerdict verdict = Passed with
        {
            Outcome = outcome,
            Reasons = ["because"],
            Slos = [Passed.Slos[0] with { Outcome = outcome, Reason = "too <slow> & \"late\" \u0001\u001b[31m" }, Passed.Slos[1]],
        };
        XElement suite = Suite(JUnitReport.Render([new JudgedRun(Run, verdict)], verdict));
        Counts(suite).ShouldBe(counts);
        XElement result = suite.Elements("testcase").First().Element(element)!;
        result.Attribute("message")!.Value.ShouldContain("too <slow> & \"late\"");
    }

    /// <summary>A PASS that the generator voids must not be green, even where another SLO's FAIL stands.</summary>
    [Fact]
    public void A_case_that_passed_without_the_load_is_an_error()
    {
        RunVerdict verdict = Passed with
        {
            Outcome = Outcome.Fail,
            Slos = [Passed.Slos[0] with { Outcome = Outcome.Fail }, Passed.Slos[1]],
            Checks = [new ValidityCheck("V2", "the load was really offered", "97 % sent", "99.9 %", false, CheckConsequence.VoidsPass)],
        };
        Counts(Suite(JUnitReport.Render([new JudgedRun(Run, verdict)], verdict))).ShouldBe("2 1 1 0");
    }

    [Fact]
    public void A_recovery_is_a_case_too()
    {
        var late = new RecoveryResult(new RecoveryRule(15_000_000_000, 30_000_000_000, "spike", "recovers within 15 s of spike"), Outcome.Fail, 21.5, "recovered after 21.5 s");
        RunVerdict verdict = Passed with { Outcome = Outcome.Fail, Recoveries = [late] };
        XElement suite = Suite(JUnitReport.Render([new JudgedRun(Run, verdict)], verdict));
        Cases(suite)[^1].ShouldBe("played.spike/recovers within 15 s of spike: failure");
        GitHubOutput.Summary([new JudgedRun(Run, verdict)], verdict).ShouldContain("| ❌ FAIL | spike | recovers within 15 s of spike | after 21.5 s | 15 s | one event |");
    }

    [Fact]
    public void A_set_that_fell_short_is_never_all_green()
    {
        RunVerdict set = RepeatVerdict.Combine([Passed, Passed], 10);
        XElement suite = Suite(JUnitReport.Render([new JudgedRun(Run, Passed), new JudgedRun(Run, Passed)], set));
        Counts(suite).ShouldBe("5 0 0 1");
        Cases(suite)[2].ShouldBe("played.spike/send p99 <= 200ms (midnight 2): ok");
        Cases(suite)[^1].ShouldBe("played/verdict: skipped");
    }

    [Fact]
    public void Annotations_name_the_verdict_and_what_broke_and_cannot_be_broken_out_of()
    {
        RunVerdict verdict = Passed with
        {
            Outcome = Outcome.Fail,
            Headline = "FAIL: \"100%\nsure\" did not hold.",
            Slos = [Passed.Slos[0] with { Outcome = Outcome.Fail, Rule = Passed.Slos[0].Rule with { Text = "p99 <= 200ms, or\r\n::error::x" }, Reason = "13 of 600" }, Passed.Slos[1]],
        };
        string[] lines = GitHubOutput.Annotations([new JudgedRun(Run, verdict)], verdict).TrimEnd().Split('\n');
        lines.ShouldBe(
        [
            "::error title=SpikeBench FAIL::FAIL: \"100%25%0Asure\" did not hold.",
            "::error title=FAIL spike%3A send p99 <= 200ms%2C or%0D%0A%3A%3Aerror%3A%3Ax::13 of 600",
        ]);
        GitHubOutput.Annotations([new JudgedRun(Run, Passed)], Passed).ShouldStartWith("::notice title=SpikeBench PASS::");
    }

    [Fact]
    public void The_step_summary_is_a_table_that_no_name_can_break()
    {
        RunVerdict verdict = Passed with { Headline = "PASS: \"a | b <script>\" held." };
        string text = GitHubOutput.Summary([new JudgedRun(Run, verdict)], verdict);
        text.ShouldStartWith("### ✅ PASS: \"a \\| b &lt;script&gt;\" held.\n");
        text.ShouldContain("| ✅ PASS | spike | send p99 &lt;= 200ms | 0 of 620 (0 %) | 1 % | exact |\n");
        text.ShouldContain("> A short phase is one event");
    }

    /// <summary>The structure that JUnit readers agree on (the Jenkins xunit-plugin's junit-10.xsd): elements, order, required attributes, counts.</summary>
    private static XElement Suite(string xml)
    {
        XElement root = XDocument.Parse(xml).Root!;
        root.Name.LocalName.ShouldBe("testsuites");
        XElement suite = root.Elements().Single();
        suite.Name.LocalName.ShouldBe("testsuite");
        string[] order = ["properties", "testcase", "system-out", "system-err"];
        int[] places = [.. suite.Elements().Select(e => Array.IndexOf(order, e.Name.LocalName))];
        places.ShouldAllBe(p => p >= 0);
        places.ShouldBe(places.Order());
        foreach (string name in new[] { "name", "tests", "failures", "errors", "skipped", "time", "timestamp", "hostname" })
        {
            suite.Attribute(name).ShouldNotBeNull(name);
        }

        XElement[] cases = [.. suite.Elements("testcase")];
        foreach (XElement c in cases)
        {
            c.Attributes().Select(a => a.Name.LocalName).ShouldBe(["classname", "name", "time"]);
            XElement[] results = [.. c.Elements().Where(e => e.Name.LocalName is "failure" or "error" or "skipped")];
            results.Length.ShouldBeLessThanOrEqualTo(1);
            c.Elements().Except(results).ShouldAllBe(e => e.Name.LocalName == "system-out");
            results.Where(r => r.Name.LocalName != "skipped").ShouldAllBe(r => r.Attribute("type") != null && r.Attribute("message") != null);
        }

        foreach (XElement counted in new[] { root, suite })
        {
            Count(counted, "tests").ShouldBe(cases.Length);
            Count(counted, "failures").ShouldBe(cases.Count(c => c.Element("failure") is not null));
            Count(counted, "errors").ShouldBe(cases.Count(c => c.Element("error") is not null));
            Count(counted, "skipped").ShouldBe(cases.Count(c => c.Element("skipped") is not null));
        }

        return suite;
    }

    private static int Count(XElement element, string name) => (int)element.Attribute(name)!;

    private static string Counts(XElement suite) => string.Join(' ', new[] { "tests", "failures", "errors", "skipped" }.Select(n => suite.Attribute(n)!.Value));

    private static string[] Cases(XElement suite) =>
    [
        .. suite.Elements("testcase").Select(c =>
            $"{c.Attribute("classname")!.Value}/{c.Attribute("name")!.Value}: {c.Elements().FirstOrDefault(e => e.Name.LocalName != "system-out")?.Name.LocalName ?? "ok"}"),
    ];
}
