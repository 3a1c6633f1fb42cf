using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using SpikeBench.Core.Recording;
using SpikeBench.Reporting;
using SpikeBench.Tests.Reporting;

namespace SpikeBench.IntegrationTests.Reporting;

/// <summary>The report as a browser lays it out: nothing stands outside the page, nothing overlaps, and the read-out answers.</summary>
public sealed class ReportInBrowserTests
{
    // Runs in the page: measures the layout, points at the middle of the first chart, and leaves what it found in the document.
    private const string Probe = """
        <script>
        const wide = [...document.querySelectorAll('main *')].filter(e => !e.closest('.scroll') && !e.closest('svg svg') && e.id !== 'tip'
            && e.getClientRects().length && (e.getBoundingClientRect().right > innerWidth + 0.5 || e.getBoundingClientRect().left < -0.5));
        const shown = [...document.querySelectorAll('svg.chart')].map(s => ({ id: s.closest('figure').id, width: s.getBoundingClientRect().width,
            overlaps: (t => t.filter((a, i) => t.some((b, j) => j > i && a.right > b.left + 1 && b.right > a.left + 1 && a.bottom > b.top + 3 && b.bottom > a.top + 3)).length)
                ([...s.querySelectorAll('text.tick, text.phase')].filter(t => t.getClientRects().length).map(t => t.getBoundingClientRect())) }));
        const chart = document.querySelector('#rates svg.chart'), box = chart.getBoundingClientRect();
        chart.dispatchEvent(new PointerEvent('pointermove', { bubbles: true, clientX: box.left + box.width / 2, clientY: box.top + 20 }));
        const cut = [...document.querySelectorAll('.scroll')].filter(e => e.scrollWidth > e.clientWidth + 1).map(e => e.textContent.slice(0, 60));
        const found = { innerWidth, cut, scrollWidth: document.documentElement.scrollWidth, wide: wide.map(e => e.tagName + ' ' + (e.id || e.textContent.slice(0, 40))),
            charts: shown, tip: document.getElementById('tip').textContent, background: getComputedStyle(document.body).backgroundColor };
        parent.document.body.insertAdjacentHTML('beforeend', '<pre id="found"></pre>');
        parent.document.getElementById('found').textContent = JSON.stringify(found);
        </script>
        """;

    public static TheoryData<string, int, bool> Views
    {
        get
        {
            var views = new TheoryData<string, int, bool>();
            foreach (string run in (string[])["calm", "overloaded"])
            {
                foreach (int width in (int[])[1280, 400])
                {
                    views.Add(run, width, false);
                    views.Add(run, width, true);
                }
            }

            return views;
        }
    }

    [BrowserTheory]
    [MemberData(nameof(Views))]
    public async Task Report_is_whole_and_inside_the_page(string name, int width, bool dark)
    {
        Chromium.Executable.ShouldNotBeNull("a checking machine needs chromium: apt-get install chromium");
        RunRecord run = name == "calm" ? SyntheticRun.Calm : SyntheticRun.Overloaded;
        string html = HtmlReport.Render(run, SyntheticRun.Judge(run));
        string folder = Directory.CreateTempSubdirectory("spikebench-report-").FullName;
        try
        {
            string file = Path.Combine(folder, "report.html");
            await File.WriteAllTextAsync(file, Framed(html.Replace("</body>", Probe + "</body>", StringComparison.Ordinal), width));

            Page page = await Chromium.OpenAsync(file, 1400, dark, "--dump-dom");

            page.Complaints.ShouldBeEmpty();
            string json = Regex.Match(page.Document, "<pre id=\"found\">([{].*?)</pre>", RegexOptions.Singleline).Groups[1].Value;
            using JsonDocument found = JsonDocument.Parse(WebUtility.HtmlDecode(json));
            JsonElement root = found.RootElement;
            root.GetProperty("innerWidth").GetInt32().ShouldBe(width);
            root.GetProperty("scrollWidth").GetInt32().ShouldBeLessThanOrEqualTo(width);
            root.GetProperty("wide").EnumerateArray().Select(e => e.GetString()).ShouldBeEmpty();
            if (width == 1280)
            {
                root.GetProperty("cut").EnumerateArray().Select(e => e.GetString()).ShouldBeEmpty("a table is wider than the page");
            }

            root.GetProperty("background").GetString().ShouldBe(dark ? "rgb(18, 22, 27)" : "rgb(255, 255, 255)");
            root.GetProperty("tip").GetString()!.ShouldMatch("^[0-9.]+ s, [a-z]+\nasked: [0-9,]+/s\nsent: [0-9,]+/s\nanswered OK: [0-9,]+/s$");
            var charts = root.GetProperty("charts").EnumerateArray().ToList();
            charts.Select(c => c.GetProperty("id").GetString()).ShouldBe(name == "calm"
                ? ["rates", "response", "heatmap", "percentiles", "waiting", "lateness", "health"]
                : ["rates", "response", "heatmap", "percentiles", "errors", "waiting", "lateness", "health"]);
            charts.ShouldAllBe(c => c.GetProperty("width").GetDouble() > width * 0.6);
            charts.ShouldAllBe(c => c.GetProperty("overlaps").GetInt32() == 0);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    // In a frame, because a browser's own window is never narrower than 500 px.
    private static string Framed(string html, int width) =>
        $"<!DOCTYPE html><meta name=\"color-scheme\" content=\"light dark\"><body><iframe width=\"{width}\" height=\"1200\" style=\"border:0\" "
        + $"srcdoc=\"{WebUtility.HtmlEncode(html)}\"></iframe></body>";

    [BrowserTheory]
    [InlineData(1280, false)]
    [InlineData(400, true)]
    public async Task Report_can_be_photographed(int width, bool dark)
    {
        Chromium.Executable.ShouldNotBeNull("a checking machine needs chromium: apt-get install chromium");
        RunRecord run = SyntheticRun.Overloaded;
        string folder = Directory.CreateTempSubdirectory("spikebench-report-").FullName;
        try
        {
            string file = Path.Combine(folder, "report.html"), picture = Path.Combine(folder, "report.png");
            await File.WriteAllTextAsync(file, HtmlReport.Render(run, SyntheticRun.Judge(run)));

            Page page = await Chromium.OpenAsync(file, width, dark, "--screenshot", picture);

            page.Complaints.ShouldBeEmpty();

            // An empty page of this size is a few kilobytes.
            new FileInfo(picture).Length.ShouldBeGreaterThan(40_000);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
