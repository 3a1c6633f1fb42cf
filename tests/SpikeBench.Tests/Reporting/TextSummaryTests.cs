using SpikeBench.Core.Engine;
using SpikeBench.Core.Recording;
using SpikeBench.Core.Verdict;
using SpikeBench.Reporting;

namespace SpikeBench.Tests.Reporting;

public sealed class TextSummaryTests
{
    private static readonly RunRecord Calm = SyntheticRun.Calm;
    private static readonly RunRecord Overloaded = SyntheticRun.Overloaded;

    [Fact]
    public void Summary_of_a_pass_is_its_golden_text() =>
        ReportGolden.ShouldMatch(TextSummary.Render(Calm, SyntheticRun.Judge(Calm)), "calm.txt");

    [Fact]
    public void Summary_of_a_failure_is_its_golden_text() =>
        ReportGolden.ShouldMatch(TextSummary.Render(Overloaded, SyntheticRun.Judge(Overloaded)), "overloaded.txt");

    [Theory]
    [InlineData(80)]
    [InlineData(120)]
    [InlineData(60)]
    public void Summary_fits_its_screen_however_much_there_is_to_say(int width)
    {
        RunVerdict verdict = SyntheticRun.Judge(Overloaded);
        verdict = verdict with
        {
            Headline = string.Join(' ', Enumerable.Repeat("a headline that does not end", 20)),
            Reasons = [.. Enumerable.Range(0, 9).Select(i => string.Join(' ', Enumerable.Repeat($"reason {i}", 60)))],
            Limits = [.. Enumerable.Repeat(new string('x', 300), 5)],
            Slos = [.. Enumerable.Repeat(verdict.Slos, 5).SelectMany(s => s)],
        };

        string[] lines = TextSummary.Render(Overloaded, verdict, width).TrimEnd('\n').Split('\n');

        lines.Length.ShouldBeLessThanOrEqualTo(23);
        lines.ShouldAllBe(line => line.Length <= width);
        lines.ShouldContain(line => line.StartsWith("planned "));
    }

    [Fact]
    public void Summary_in_a_file_says_all_of_it()
    {
        RunVerdict verdict = SyntheticRun.Judge(Overloaded);
        string[] reasons = [.. Enumerable.Range(0, 9).Select(i => string.Join(' ', Enumerable.Repeat($"reason {i}", 60)))];
        string[] limits = [.. Enumerable.Range(0, 30).Select(i => $"limit {i} {new string('x', 300)}")];
        verdict = verdict with { Reasons = reasons, Limits = limits, Slos = [.. Enumerable.Repeat(verdict.Slos, 5).SelectMany(s => s)] };

        string text = TextSummary.Render(Overloaded, verdict, TextSummary.Uncut);

        string[] lines = text.Split('\n');
        text.ShouldNotContain("…");
        lines.Count(l => l.Contains(": bad ", StringComparison.Ordinal)).ShouldBe(verdict.Slos.Count);
        reasons.ShouldAllBe(r => lines.Contains("  " + r));
        limits.ShouldAllBe(l => lines.Contains("! " + l));
    }

    [Fact]
    public void Summary_says_what_happened_on_the_connections_and_nothing_when_nothing_did()
    {
        var quiet = new DriverCounters { ConnectionsOpened = 24 };
        DriverCounters stormy = quiet with { GoAways = 3, CallsMoved = 17, ResetsReceived = [new CodeCount("REFUSED_STREAM", 5)] };

        Render(quiet).ShouldNotContain("connections:");
        Render(stormy).ShouldContain("connections: GOAWAY received 3, calls moved to another connection 17, streams reset by the target with REFUSED_STREAM 5");

        static string Render(DriverCounters counters) => TextSummary.Render(
            Calm with { Summary = Calm.Summary with { Driver = Calm.Summary.Driver with { Counters = counters } } }, SyntheticRun.Judge(Calm), 160);
    }

    [Fact]
    public void Summary_starts_with_the_verdict_and_gives_no_control_character_to_the_terminal()
    {
        RunVerdict verdict = SyntheticRun.Judge(Calm) with { Reasons = ["red \u001b[31m alert \u0007"] };

        string text = TextSummary.Render(Calm, verdict);

        text.ShouldStartWith("PASS: ");
        text.Where(char.IsControl).ShouldAllBe(c => c == '\n');
    }

    [Fact]
    public void Accounting_line_names_every_term()
    {
        var books = new Accounting(123_456, 123_400, 12, 44, 0, 0, 0, [new StatusCount("UNAVAILABLE", 12)]);

        books.ToString().ShouldBe("planned 123,456 = ok 123,400 + error 12 (UNAVAILABLE 12) + timed out 44 + outstanding 0 + not sent 0");
        books.Balances.ShouldBeTrue();
        (books with { Planned = 123_457 }).ToString().ShouldStartWith("planned 123,457 ≠ ok");
    }
}
