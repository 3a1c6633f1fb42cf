using System.Globalization;
using System.Text;
using System.Xml.Linq;
using SpikeBench.Core.Profiles;
using SpikeBench.Core.Recording;
using SpikeBench.Core.Verdict;

namespace SpikeBench.Reporting;

/// <summary>
/// A verdict as JUnit XML: a case per SLO and phase, by midnight in a set. FAIL is a failure; INVALID is an error, for the generator
/// broke and not the target; INCONCLUSIVE is skipped, for nothing was shown.
/// </summary>
public static class JUnitReport
{
    public static string Render(IReadOnlyList<JudgedRun> runs, RunVerdict verdict)
    {
        RunSummary last = runs[^1].Record.Summary;
        IReadOnlyList<CaseOutcome> cases = CaseOutcome.Of(runs, verdict);
        List<XElement> elements = [.. cases.Select(Case)];
        List<Outcome> outcomes = [.. cases.Select(c => c.Outcome)];

        // A set can fall short although each of its midnights was met; no reader of the file may then see only green.
        if (verdict.Outcome != Outcome.Pass && !outcomes.Contains(verdict.Outcome))
        {
            elements.Add(Element(last.Profile.Name, "verdict", runs, verdict.Outcome, $"{verdict.Headline} {string.Join(' ', verdict.Reasons)}".Trim()));
            outcomes.Add(verdict.Outcome);
        }

        string seconds = Seconds(runs.Sum(r => DurationSeconds(r.Record)));
        var suite = new XElement(
            "testsuite",
            new XAttribute("name", $"spikebench.{last.Profile.Name}"),
            Counts(outcomes),
            new XAttribute("time", seconds),
            new XAttribute("timestamp", runs[0].Record.Summary.T0Utc.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss", CultureInfo.InvariantCulture)),
            new XAttribute("hostname", Clean(last.Environment.Host)),
            new XElement("properties", Properties(last, verdict, runs.Count).Select(p => new XElement("property", new XAttribute("name", p.Name), new XAttribute("value", Clean(p.Value))))),
            elements,
            new XElement("system-out", Clean(verdict.Headline + "\n" + string.Join("\n", verdict.Limits))));
        var root = new XElement("testsuites", new XAttribute("name", "spikebench"), Counts(outcomes), new XAttribute("time", seconds), suite);
        return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" + root + "\n";
    }

    private static IEnumerable<(string Name, string Value)> Properties(RunSummary run, RunVerdict verdict, int midnights)
    {
        yield return ("verdict", VerdictSection.Word(verdict.Outcome));
        yield return ("claimTested", ClaimTest.IsTested(run, midnights) ? "true" : "false");
        yield return ("profileHash", run.ProfileHash);
        yield return ("tool", run.Tool);
        yield return ("target", run.Target.Name);
    }

    private static XElement Case(CaseOutcome c) =>
        Element($"{c.Run.Record.Summary.Profile.Name}.{c.Phase}", c.What, [c.Run], c.Outcome, c.Reason);

    private static XElement Element(string className, string name, IReadOnlyList<JudgedRun> runs, Outcome outcome, string reason)
    {
        var element = new XElement(
            "testcase",
            new XAttribute("classname", Clean(className)),
            new XAttribute("name", Clean(name)),
            new XAttribute("time", Seconds(runs.Sum(r => DurationSeconds(r.Record)))));
        string text = Clean(reason);
        switch (outcome)
        {
            case Outcome.Fail:
                element.Add(new XElement("failure", new XAttribute("message", text), new XAttribute("type", "FAIL"), text));
                break;
            case Outcome.Invalid:
                element.Add(new XElement("error", new XAttribute("message", text), new XAttribute("type", "INVALID"), text));
                break;
            case Outcome.Inconclusive:
                element.Add(new XElement("skipped", new XAttribute("message", "INCONCLUSIVE: " + text)));
                break;
            default:
                element.Add(new XElement("system-out", text));
                break;
        }

        return element;
    }

    private static IEnumerable<XAttribute> Counts(IReadOnlyCollection<Outcome> outcomes) =>
    [
        new XAttribute("tests", outcomes.Count),
        new XAttribute("failures", outcomes.Count(o => o == Outcome.Fail)),
        new XAttribute("errors", outcomes.Count(o => o == Outcome.Invalid)),
        new XAttribute("skipped", outcomes.Count(o => o == Outcome.Inconclusive)),
    ];

    private static double DurationSeconds(RunRecord run) => run.Summary.Plan.DurationNs / 1e9;

    private static string Seconds(double seconds) => seconds.ToString("0.000", CultureInfo.InvariantCulture);

    /// <summary>Without the characters that XML 1.0 cannot hold, whoever wrote them into a profile.</summary>
    private static string Clean(string text)
    {
        var clean = new StringBuilder(text.Length);
        foreach (Rune rune in text.EnumerateRunes())
        {
            clean.Append(rune.Value is '\t' or '\n' or '\r' || (rune.Value >= 0x20 && rune.Value is not (0xFFFE or 0xFFFF)) ? rune.ToString() : " ");
        }

        return clean.ToString();
    }
}
