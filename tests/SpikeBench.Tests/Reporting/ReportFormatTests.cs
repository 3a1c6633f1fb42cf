using System.Text;
using SpikeBench.Core.Engine;
using SpikeBench.Core.Profiles;
using SpikeBench.Core.Recording;
using SpikeBench.Core.Verdict;
using SpikeBench.Reporting;

namespace SpikeBench.Tests.Reporting;

/// <summary>A run as Markdown and as a table, its headroom, its errors by status, and a run against another.</summary>
public sealed class ReportFormatTests
{
    private static readonly RunRecord Calm = SyntheticRun.Calm;
    private static readonly RunRecord Overloaded = SyntheticRun.Overloaded;

    [Fact]
    public void Table_of_seconds_adds_up_to_the_books()
    {
        string[][] rows = [.. SecondsCsv.Render(Overloaded).TrimEnd().Split('\n').Select(line => line.Split(','))];
        Accounting books = Accounting.Of(Overloaded, -1, -1);

        rows.ShouldAllBe(row => row.Length == rows[0].Length);
        Sum("asked").ShouldBe(books.Planned);
        Sum("answered_ok").ShouldBe(books.Ok);
        Sum("due_error").ShouldBe(books.Error);
        rows[0].Where(c => c.StartsWith("due_error_", StringComparison.Ordinal)).Sum(Sum).ShouldBe(books.Error);
        Sum("due_error_unavailable").ShouldBe(books.Errors.Single(e => e.Status == "UNAVAILABLE").Count);
        Sum("due_timed_out").ShouldBe(books.TimedOut);
        rows.Length.ShouldBeInRange(121, 125);

        long Sum(string column)
        {
            int index = Array.IndexOf(rows[0], column);
            return rows.Skip(1).Sum(row => long.Parse(row[index], System.Globalization.CultureInfo.InvariantCulture));
        }
    }

    [Fact]
    public void Markdown_begins_with_the_verdict_and_holds_the_books()
    {
        string text = MarkdownSummary.Render(Overloaded, SyntheticRun.Judge(Overloaded));

        text.ShouldStartWith("## FAIL: ");
        text.ShouldContain(Accounting.Of(Overloaded, -1, -1).ToString());
        text.Split('\n').Count(line => line.StartsWith("| FAIL |", StringComparison.Ordinal)).ShouldBeGreaterThan(0);
    }

    [Fact]
    public void Markdown_escapes_what_others_wrote()
    {
        RunVerdict verdict = SyntheticRun.Judge(Calm) with { Headline = "a|b <img src=x> [link](javascript:x) `code`\nnext" };

        string first = MarkdownSummary.Render(Calm, verdict).Split('\n')[0];

        first.ShouldBe(@"## a\|b &lt;img src=x&gt; \[link\](javascript:x) \`code\` next");
    }

    [Fact]
    public void Headroom_is_all_that_was_offered_where_it_held_and_nothing_more() =>
        Headroom.Of(Calm, SyntheticRun.Judge(Calm)).Value.ShouldBe("at least 2x");

    [Fact]
    public void Headroom_ends_where_the_budget_of_the_whole_phase_was_used_up()
    {
        Headroom room = Headroom.Of(Overloaded, SyntheticRun.Judge(Overloaded));

        double multiple = double.Parse(room.Value.Split('x')[0], System.Globalization.CultureInfo.InvariantCulture);
        double onePeak = Overloaded.Summary.Plan.PeakRatePerSecond / Overloaded.Summary.Scale;

        // The target takes 700/s; its queue puts the end of its room a little later on the rising edge.
        multiple.ShouldBeInRange(600 / onePeak, 1000 / onePeak);
        room.Note.ShouldContain("used up the budget of");
        room.Note.ShouldEndWith($"the load at 1x peaks at {Units.Rate(onePeak)}");
    }

    [Fact]
    public void One_x_is_the_profiles_reference_everywhere_on_the_page()
    {
        string html = HtmlReport.Render(Calm, SyntheticRun.Judge(Calm)).Replace('\u00A0', ' ');

        html.ShouldContain("the load at 2x of 100/s (");
        html.ShouldContain($"at 1x its peak is {Units.Rate(Calm.Summary.Plan.PeakRatePerSecond / 2)}; claimed 2x");
        html.ShouldNotContain("1x is ");
        html.ShouldNotContain("x peak");
    }

    [Fact]
    public void Calls_in_flight_are_said_to_be_sampled() =>
        HtmlReport.Render(Calm, SyntheticRun.Judge(Calm)).Replace('\u00A0', ' ').ShouldContain("At the end of a tenth of a second at most ");

    [Fact]
    public void Headroom_is_not_known_where_there_is_no_verdict_about_the_target() =>
        Headroom.Of(Calm, SyntheticRun.Judge(Calm) with { Outcome = Outcome.Invalid }).Value.ShouldBe("not known");

    [Fact]
    public void A_peak_beyond_the_machine_is_told_with_the_rate_that_it_could_offer()
    {
        CellTable cells = Calm.Plan.NewCells();
        for (int cell = 0; cell < cells.Grid.PlanCells; cell++)
        {
            cells[cell, 0, CellField.Planned] = 100_000;
            cells[cell, 0, CellField.SentHere] = 1_234;
        }

        RunRecord run = Calm with { Cells = cells };
        RunVerdict invalid = SyntheticRun.Judge(Calm) with { Outcome = Outcome.Invalid };

        OfferedRate.Of(run).Shortfall.ShouldBe("the generator sent at most 12,340/s of the 1,000,000/s asked for");
        OfferedRate.Of(Calm).Shortfall.ShouldBeNull();
        TextSummary.Render(run, invalid).ShouldContain("12,340/s of the 1,000,000/s");
        HtmlReport.Render(run, invalid).ShouldContain("Offer less, or from more and faster cores: the generator sent at most 12,340/s");
    }

    [Fact]
    public void Generators_condition_is_drawn_beside_its_lateness_and_left_out_where_it_was_not_recorded()
    {
        string html = HtmlReport.Render(Overloaded, SyntheticRun.Judge(Overloaded));
        html.ShouldContain("the machine&#39;s hiccups");
        html.ShouldContain("kept waiting for up to 149\u00A0ms");
        html.ShouldContain("id=\"health\"");

        string without = HtmlReport.Render(Overloaded with { Host = [] }, SyntheticRun.Judge(Overloaded));
        without.ShouldNotContain("hiccups");
        without.ShouldNotContain("id=\"health\"");
    }

    [Fact]
    public void A_wall_clock_that_jumped_is_told_and_changes_no_time()
    {
        RunRecord run = Calm with { Summary = Calm.Summary with { Health = Calm.Summary.Health with { ClockDriftNs = -3_600_000_000_000, ClockStepNs = 3_600_000_000_000 } } };

        string html = HtmlReport.Render(run, SyntheticRun.Judge(run));

        html.ShouldContain("gained -3,600 s, at most 3,600 s within a second; all times come from the steady clock");
    }

    [Fact]
    public void Errors_are_drawn_by_status_and_the_rare_ones_together()
    {
        RecordingPlan plan = Calm.Plan;
        StatusSeconds seconds = plan.NewErrorSeconds();
        for (int status = 1; status <= 6; status++)
        {
            for (int i = 0; i < 100 / status; i++)
            {
                seconds.Book(30_000_000_000, status);
            }
        }

        IReadOnlyList<ErrorSeries> series = ErrorSeries.Of(Calm with { ErrorSeconds = seconds }, new Timeline(Calm));

        series.Select(s => s.Name).ShouldBe([GrpcStatus.Name(1), GrpcStatus.Name(2), GrpcStatus.Name(3), "3 other statuses"]);
        series[0].Values[30].ShouldBe(100);
        series[3].Values[30].ShouldBe(25 + 20 + 16);
        ErrorSeries.Of(Overloaded with { ErrorSeconds = null }, new Timeline(Overloaded))[0].Name.ShouldBe("error", "runs from before errors were kept by second");
    }

    [Fact]
    public void Report_against_a_baseline_draws_both_and_tabulates_the_differences()
    {
        string html = HtmlReport.Render(Overloaded, SyntheticRun.Judge(Overloaded), new Baseline(Calm, SyntheticRun.Judge(Calm)));

        html.ShouldContain("<section id=\"baseline\">");
        html.ShouldContain("Both runs offered the same plan, call by call.");
        html.ShouldContain("<li class=\"base\">answered OK, baseline</li>");
        html.ShouldContain("<li class=\"base\">p99, baseline</li>");
        html.ShouldContain("<li class=\"base\">response time, baseline</li>");
        html.ShouldContain("<td>Verdict</td><td class=\"n\">PASS</td><td class=\"n\">FAIL</td><td class=\"n\">differs</td>");
        Encoding.UTF8.GetByteCount(html).ShouldBeLessThan(300_000);
        html.ShouldNotContain("NaN");
    }

    [Fact]
    public void Report_of_a_run_that_did_not_finish_says_so_first()
    {
        RunRecord run = Calm with { Summary = Calm.Summary with { Interrupted = "the run did not finish", Finished = false, Errors = [], OfferedFingerprint = "" }, ErrorSeconds = null };

        string html = HtmlReport.Render(run, Judge.Decide(run));

        html.ShouldContain("did not finish");
        html.IndexOf("INVALID", StringComparison.Ordinal).ShouldBeInRange(0, 1000);
    }
}
