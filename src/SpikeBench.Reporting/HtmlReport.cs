using System.Globalization;
using System.Text;
using SpikeBench.Core.Recording;
using SpikeBench.Core.Verdict;

namespace SpikeBench.Reporting;

/// <summary>
/// A run as one self-contained HTML page: for someone who was not there. A pure function of the record and its verdict; it needs no
/// network, no script and no font, and prints.
/// </summary>
public static class HtmlReport
{
    /// <param name="run">The run.</param>
    /// <param name="verdict">What it says.</param>
    /// <param name="baseline">A run to hold it against; null for none.</param>
    public static string Render(RunRecord run, RunVerdict verdict, Baseline? baseline = null)
    {
        RunSummary summary = run.Summary;
        var timeline = new Timeline(run);
        var time = new TimeCharts(run, timeline, baseline?.Run);
        var latency = new LatencyCharts(run, timeline, time, baseline?.Run);
        Accounting books = Accounting.Of(run, -1, -1);
        string word = VerdictSection.Word(verdict.Outcome);

        var page = new StringBuilder(200_000);
        page.Append(CultureInfo.InvariantCulture, $"""
            <!DOCTYPE html>
            <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark"><meta name="generator" content="{Markup.Escape(summary.Tool)}">
            <title>{word}: {Markup.Escape(summary.RunId)}</title>
            <style>{ReportStyle.Css}</style></head><body><main>

            """);
        page.Append(VerdictSection.Render(run, verdict, timeline));
        page.Append(SloSection.Render(verdict));
        page.Append(SpikeSection.Render(verdict));
        page.Append(baseline?.Render(run, verdict, timeline));
        page.Append("<section><h2>What happened</h2>\n");
        page.Append(time.Rates());
        page.Append(time.Response());
        page.Append(latency.Heatmap());
        page.Append(latency.Percentiles());
        page.Append(books.NotOk > 0
            ? time.Errors(books) + AccountingSection.ErrorTable(run, books)
            : "<p id=\"errors\">Every call ended OK: there are no errors to chart.</p>\n");
        page.Append(time.Waiting());
        page.Append(ObservedCharts.Render(run, timeline, time));
        page.Append(AccountingSection.Render(run, books));
        page.Append("</section>\n<section><h2>Whether to believe it</h2>\n");
        var generator = new GeneratorCharts(run, timeline, time);
        page.Append(generator.Lateness());
        page.Append(generator.Health());
        page.Append(GeneratorSection.Render(run, verdict));
        page.Append("</section>\n");
        page.Append(EnvironmentSection.Render(run));
        page.Append(CultureInfo.InvariantCulture, $"</main>\n<script>{ReportScript.Text}</script></body></html>\n");
        return page.ToString();
    }
}
