using System.Globalization;
using System.Text;
using SpikeBench.Core.Profiles;
using SpikeBench.Core.Recording;
using SpikeBench.Core.Schedule;

namespace SpikeBench.Cli.Ui;

/// <summary>How a line of the live screen is meant; the terminal decides on the colour.</summary>
internal enum Tone
{
    Plain,
    Strong,
    Dim,
    Good,
    Bad,
}

/// <summary>A line of the live screen.</summary>
internal readonly record struct FrameLine(string Text, Tone Tone);

/// <summary>
/// The live screen as lines of text, at most 80 wide and 20 high: what was asked, sent and answered, how fast, and how the generator is.
/// </summary>
internal sealed class LiveFrame(LoadPlan plan, IReadOnlyList<SloRule> slo, string title, string target)
{
    private const long SecondNs = 1_000_000_000;
    private const int Width = 80;
    private const int BarWidth = 50;
    private const int SparkWidth = 56;
    private const string Levels = "▁▂▃▄▅▆▇█";

    private readonly List<double> _asked = [];
    private readonly List<double> _sent = [];
    private readonly List<double> _ok = [];
    private TimeSummary _worst;
    private TimeSummary _worstLateness;

    /// <summary>Takes a second and draws the screen after it.</summary>
    public IReadOnlyList<FrameLine> Draw(SecondSummary second)
    {
        double seconds = Math.Max(1e-9, (second.EndNs - second.StartNs) / 1e9);
        _asked.Add((plan.Schedule.Curve.Integral(second.EndNs) - plan.Schedule.Curve.Integral(second.StartNs)) / seconds);
        _sent.Add(second.Lateness.Count / seconds);
        _ok.Add(second.Response.Count / seconds);
        _worst = Worst(_worst, second.Response);
        _worstLateness = Worst(_worstLateness, second.Lateness);
        double top = Math.Max(1, _asked.Concat(_sent).Concat(_ok).TakeLast(3 * SparkWidth).Max());

        var lines = new List<FrameLine>
        {
            new($"{title}, against {target}", Tone.Strong),
            new(Bar(second.EndNs), Tone.Plain),
            new(Phases(second.EndNs - 1), Tone.Plain),
            new("", Tone.Plain),
            new($"asked    {Units.Rate(_asked[^1]),11}  {Spark(_asked, top)}", Tone.Dim),
            new($"sent     {Units.Rate(_sent[^1]),11}  {Spark(_sent, top)}", Tone.Plain),
            new($"answered {Units.Rate(_ok[^1]),11}  {Spark(_ok, top)}", Tone.Plain),
            new("", Tone.Plain),
            new($"{"response time",-18}{"p50",11}{"p90",11}{"p99",11}{"p99.9",11}{"max",11}", Tone.Dim),
            new(Row("this second", second.Response), Tone.Plain),
            new(Row("worst second", _worst), Tone.Plain),
        };
        lines.AddRange(Slos(second));
        lines.Add(new("", Tone.Plain));
        lines.Add(new($"generator: sent late by p99 {OkTimes.Text(second.Lateness, t => t.P99)}, worst second {OkTimes.Text(_worstLateness, t => t.P99)}, latest {OkTimes.Text(_worstLateness, t => t.Max)}", Tone.Dim));
        lines.Add(new("Ctrl-C ends the load, drains and writes the result; twice leaves at once", Tone.Dim));
        return [.. lines.Select(l => l with { Text = Fit(l.Text) })];
    }

    /// <summary>The percentiles of OK calls against the SLOs of the phase; the verdict counts exactly, and all calls.</summary>
    private IEnumerable<FrameLine> Slos(SecondSummary second)
    {
        const int most = 4;
        string? phase = PhaseAt(second.EndNs - 1)?.Name;
        foreach (SloRule rule in slo.Where(r => r.ThresholdNs is not null && (r.Phase == "*" || r.Phase == phase)).Take(most))
        {
            string about = $"{(rule.Operation == "*" ? "" : rule.Operation + " ")}{rule.Text}";
            if (second.Response.Count == 0)
            {
                // Of calls that were made and did not end OK none is in time; without calls there is nothing to say.
                bool called = second.Lateness.Count > 0;
                yield return new($"{(called ? '✗' : '·')} {about}: nothing was answered OK in this second", called ? Tone.Bad : Tone.Dim);
                continue;
            }

            // The percentile that leaves the budget over, or the next one above that is known.
            long at = rule.Budget >= 0.5 ? second.Response.P50 : rule.Budget >= 0.1 ? second.Response.P90 : rule.Budget >= 0.01 ? second.Response.P99 : second.Response.P999;
            bool held = at <= rule.ThresholdNs;
            yield return new($"{(held ? '✓' : '✗')} {about}: {Units.Duration(at)} in this second, of what was answered OK", held ? Tone.Good : Tone.Bad);
        }
    }

    private string Bar(long nowNs)
    {
        double share = Math.Clamp(nowNs / (double)plan.DurationNs, 0, 1);
        int full = (int)Math.Round(share * BarWidth);
        string where = nowNs > plan.DurationNs ? "draining" : string.Create(CultureInfo.InvariantCulture, $"{nowNs / SecondNs} s of {Units.Duration(plan.DurationNs)}, {share * 100:0} %");
        return new string('█', full) + new string('░', BarWidth - full) + " " + where;
    }

    private string Phases(long nowNs)
    {
        var text = new StringBuilder();
        foreach (Phase phase in plan.Phases)
        {
            text.Append(nowNs >= phase.EndNs ? "✓ " : nowNs >= phase.StartNs ? "▶ " : "· ").Append(phase.Name).Append("  ");
        }

        return text.ToString().TrimEnd();
    }

    private Phase? PhaseAt(long ns) => plan.Phases.FirstOrDefault(p => ns >= p.StartNs && ns < p.EndNs);

    private static string Row(string name, TimeSummary times) =>
        $"{name,-18}{OkTimes.Text(times, t => t.P50),11}{OkTimes.Text(times, t => t.P90),11}{OkTimes.Text(times, t => t.P99),11}{OkTimes.Text(times, t => t.P999),11}{OkTimes.Text(times, t => t.Max),11}";

    /// <summary>The last seconds as bars of one character; 0 is a blank, so that a gap is seen.</summary>
    private static string Spark(List<double> values, double top) => string.Concat(values.TakeLast(SparkWidth)
        .Select(v => v <= 0 ? ' ' : Levels[(int)Math.Clamp(Math.Ceiling(v / top * Levels.Length) - 1, 0, Levels.Length - 1)]));

    private static TimeSummary Worst(TimeSummary a, TimeSummary b) => new(
        a.Count + b.Count, Math.Max(a.P50, b.P50), Math.Max(a.P90, b.P90), Math.Max(a.P99, b.P99), Math.Max(a.P999, b.P999), Math.Max(a.Max, b.Max));

    /// <summary>A text without what a terminal acts on: control characters, whoever wrote them into a profile.</summary>
    public static string Plain(string text) => new([.. text.Select(c => char.IsControl(c) ? ' ' : c)]);

    private static string Fit(string line)
    {
        string plain = Plain(line);
        return plain.Length <= Width ? plain : plain[..(Width - 1)] + "…";
    }
}
