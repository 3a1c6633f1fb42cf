using System.Globalization;
using SpikeBench.Core.Profiles;
using SpikeBench.Core.Recording;
using SpikeBench.Core.Schedule;

namespace SpikeBench.Cli.Ui;

/// <summary>A line per second of the load: what was asked, sent and answered, how fast, and how late the generator was.</summary>
internal sealed class PlainLines(LoadPlan plan, TextWriter output) : IRunScreen
{
    private const long SecondNs = 1_000_000_000;

    public void Show(SecondSummary second)
    {
        if (second.StartNs >= plan.DurationNs + SecondNs)
        {
            return;
        }

        double seconds = (second.EndNs - second.StartNs) / 1e9;
        double asked = (plan.Schedule.Curve.Integral(second.EndNs) - plan.Schedule.Curve.Integral(second.StartNs)) / seconds;
        string askedText = plan.Closed is null ? Units.Rate(asked) : "closed";
        string phase = plan.Phases.FirstOrDefault(p => second.StartNs >= p.StartNs && second.StartNs < p.EndNs)?.Name ?? "drain";
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{second.EndNs / SecondNs,4} s  {phase,-12} asked {askedText,9}  sent {Units.Rate(second.Lateness.Count / seconds),9}  ok {Units.Rate(second.Response.Count / seconds),9}"
            + $"  p50 {OkTimes.Text(second.Response, t => t.P50),8}  p99 {OkTimes.Text(second.Response, t => t.P99),8}  max {OkTimes.Text(second.Response, t => t.Max),8}  late p99 {OkTimes.Text(second.Lateness, t => t.P99)}"));
    }

    public void Dispose()
    {
        // The lines stay where they are.
    }
}
