using SpikeBench.Core.Recording;
using SpikeBench.Reporting;

namespace SpikeBench.Tests.Reporting;

public sealed class HtmlReportTests
{
    private static readonly RunRecord Calm = SyntheticRun.Calm.Record();
    private static readonly RunRecord Overloaded = SyntheticRun.Overloaded.Record();

    private static string Render(RunRecord run) => HtmlReport.Render(run, SyntheticRun.Judge(run));

    [Fact]
    public void Report_is_written_where_the_environment_asks()
    {
        if (Environment.GetEnvironmentVariable("REPORT_DIR") is { } folder)
        {
            File.WriteAllText(Path.Combine(folder, "calm.html"), Render(Calm));
            File.WriteAllText(Path.Combine(folder, "overloaded.html"), Render(Overloaded));
            File.WriteAllText(Path.Combine(folder, "calm.txt"), TextSummary.Render(Calm, SyntheticRun.Judge(Calm)));
            File.WriteAllText(Path.Combine(folder, "overloaded.txt"), TextSummary.Render(Overloaded, SyntheticRun.Judge(Overloaded)));
        }
    }
}
