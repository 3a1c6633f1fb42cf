using SpikeBench.Core.Recording; using SpikeBench.Core.Verdict;
namespace SpikeBench.Reporting;
public static class HtmlReport { public static string Render(RunRecord run, RunVerdict verdict) => verdict.Headline + run.Summary.RunId; }
public static class TextSummary { public static string Render(RunRecord run, RunVerdict verdict, int width = 80) => verdict.Headline + "\n" + string.Join("\n", verdict.Reasons) + "\n" + string.Join("\n", verdict.Limits) + "\n" + string.Join("\n", verdict.Checks) + run.Summary.RunId + width; }
