using System.Globalization;
using System.Text;
using SpikeBench.Core.Profiles;
using SpikeBench.Core.Recording;
using SpikeBench.Core.Schedule;
using SpikeBench.Core.Verdict;

namespace SpikeBench.Reporting;

/// <summary>
/// A run, or the midnights of a set, on one terminal screen of 24 lines: the verdict first, then what it rests on. In a file there is room
/// for all of it, a line each. No colours; those are the caller's.
/// </summary>
public static class TextSummary
{
    /// <summary>The columns of a terminal.</summary>
    public const int TerminalWidth = 80;

    /// <summary>The width of a file or a pipe: nothing is wrapped, cut or left out.</summary>
    public const int Uncut = int.MaxValue;

    // Two of the screen's 24 lines are the caller's: where the results are, and the prompt.
    private const int MostLines = 22;
    private const int MostReasonLines = 5;
    private const int FewestSlos = 2;

    private const int NarrowestWidth = 60;

    /// <summary>Renders one run.</summary>
    /// <param name="run">The run.</param>
    /// <param name="verdict">On it.</param>
    /// <param name="width">In columns, at least 60; <see cref="Uncut"/> where no screen bounds it.</param>
    public static string Render(RunRecord run, RunVerdict verdict, int width = TerminalWidth) => Render([new JudgedRun(run, verdict)], verdict, width);

    /// <summary>Renders a set.</summary>
    /// <param name="runs">Its midnights in order, each with its own verdict; at least one.</param>
    /// <param name="verdict">On all of them.</param>
    /// <param name="width">In columns, at least 60; <see cref="Uncut"/> where no screen bounds it.</param>
    public static string Render(IReadOnlyList<JudgedRun> runs, RunVerdict verdict, int width = TerminalWidth)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, NarrowestWidth);
        var head = new List<string>();
        Wrap(head, verdict.Headline, width, "", "  ", 3);
        List<string> why = Why(verdict, width);

        var tail = new List<string>();
        RunRecord[] records = [.. runs.Select(r => r.Record)];
        AddTimes(tail, records, width);
        if (SpikeSection.Line(verdict) is { } spike)
        {
            Wrap(tail, spike, width, "", "  ", 2);
        }

        Wrap(tail, OneOfASet(records) + Accounting.OfAll(records), width, "", "  ", 3);
        Wrap(tail, Generator(records, verdict), width, "", "  ", 2);
        AddConnections(tail, records, width);
        var limits = new List<string>();
        foreach (string limit in verdict.Limits)
        {
            Wrap(limits, "! " + limit, width, "", "  ", 2);
        }

        int lines = width == Uncut ? int.MaxValue : MostLines;
        int room = Math.Max(FewestSlos, lines - head.Count - why.Count - tail.Count - 1);
        List<string> slos = Slos(runs, verdict, room, width);
        int roomForLimits = lines - head.Count - why.Count - tail.Count - slos.Count;
        Cut(limits, Math.Max(0, roomForLimits));
        return string.Join('\n', [.. head, .. why, .. slos, .. tail, .. limits]) + "\n";
    }

    /// <summary>What decided. A PASS has a reason per SLO, and each SLO's line below says the same: the room goes to what a PASS does not cover.</summary>
    private static List<string> Why(RunVerdict verdict, int width)
    {
        var lines = new List<string>();
        if (verdict.Outcome == Outcome.Pass)
        {
            return lines;
        }

        int most = width == Uncut ? verdict.Reasons.Count : 2;
        foreach (string reason in verdict.Reasons.Take(most))
        {
            Wrap(lines, reason, width, "  ", "  ", 3);
        }

        Cut(lines, width == Uncut ? int.MaxValue : MostReasonLines);
        AddMore(lines, verdict.Reasons.Count - most, "reason", width);
        return lines;
    }

    private static List<string> Slos(IReadOnlyList<JudgedRun> runs, RunVerdict verdict, int room, int width)
    {
        var lines = new List<string>();
        IEnumerable<(bool All, string Of, SloResult Slo)> each = runs.Count == 1
            ? verdict.Slos.Select(s => (false, "", s))
            : runs.SelectMany((r, i) => r.Verdict.Slos.Select(s => (false, Midnight(i) + ", ", s)));

        // The broken ones first: what does not fit on the screen must not be what decided.
        var ordered = verdict.Pooled.Select(s => (All: true, Of: "all midnights, ", Slo: s)).Concat(each).OrderBy(s => s.Slo.Outcome switch
        {
            Outcome.Fail => 0,
            Outcome.Invalid => 1,
            Outcome.Inconclusive when s.All || verdict.Outcome != Outcome.Pass => 2,
            _ => s.All ? 3 : 4,
        }).ToList();
        int shown = ordered.Count <= room ? ordered.Count : Math.Max(1, room - 1);
        foreach ((_, string of, SloResult slo) in ordered.Take(shown))
        {
            string which = of + (slo.Rule.Operation == "*" ? slo.Phase : $"{slo.Phase} {slo.Rule.Operation}");
            string line = $"{Word(slo.Outcome),-5} {which} {slo.Rule.Text}: bad {Units.Count(slo.Bad)} of N {Units.Count(slo.Calls)}, {BudgetText(slo)}";
            lines.Add(Fit(line, width));
        }

        AddMore(lines, ordered.Count - shown, "SLO", width);
        return lines;
    }

    /// <summary>Budget and bound: what the bad share was held against.</summary>
    internal static string BudgetText(SloResult slo)
    {
        string sign = Share(slo) <= slo.Rule.Budget ? "≤" : ">";
        string budget = $"{Units.Percent(Share(slo))} {sign} {Units.Percent(slo.Rule.Budget)}";
        return (slo.SingleEvent, slo.Outcome) switch
        {
            (true, _) => $"{budget}, exact",
            (_, Outcome.Fail) when slo.Lower is { } lower => $"{budget}, bound {Units.Percent(lower)}",
            _ when slo.Upper is { } upper => $"{budget}, bound {Units.Percent(upper)}",
            _ => budget,
        };
    }

    internal static double Share(SloResult slo) => slo.Calls == 0 ? 0 : slo.Bad / (double)slo.Calls;

    internal static string Word(Outcome outcome) => outcome switch
    {
        Outcome.Pass => "ok",
        Outcome.Fail => "FAIL",
        Outcome.Inconclusive => "?",
        _ => "void",
    };

    /// <summary>Which midnight of a set the only run is; nothing where it is of none.</summary>
    private static string OneOfASet(RunRecord[] runs) =>
        runs is [{ Summary.Set: { Of: > 1 } set }] ? string.Create(CultureInfo.InvariantCulture, $"midnight {set.Midnight}: ") : "";

    /// <summary>As the verdict's reasons count them.</summary>
    private static string Midnight(int index) => string.Create(CultureInfo.InvariantCulture, $"midnight {index + 1}");

    private static void AddTimes(List<string> lines, RunRecord[] runs, int width)
    {
        bool isSet = runs.Length > 1;
        ((Phase Phase, LatencyView View) Worst, int Index) worst = runs.Select((r, i) => (Worst: LatencyView.WorstPhase(r), Index: i))
            .OrderByDescending(x => x.Worst.View.At(99.9)).ThenByDescending(x => x.Worst.View.At(99)).ThenByDescending(x => x.Worst.View.At(50)).First();
        bool hasPhases = runs[0].Plan.Phases.Count > 1;
        string name = (isSet ? Midnight(worst.Index) + ", " : "worst: ") + worst.Worst.Phase.Name;
        string whole = isSet ? string.Create(CultureInfo.InvariantCulture, $"all {runs.Length} midnights")
            : OneOfASet(runs) is { Length: > 0 } one ? one.TrimEnd(' ', ':') : "whole run";
        int column = width < 72 ? 9 : 11;
        int label = hasPhases || isSet ? Math.Clamp(Math.Max(name.Length, whole.Length), "response time".Length, width - 5 * column) : "response time".Length;
        string[] head = ["p50", "p90", "p99", "p99.9", "max"];
        lines.Add("response time".PadRight(label) + string.Concat(head.Select(h => h.PadLeft(column))));
        lines.Add(Row(whole, LatencyView.OfAll(runs, TimeKind.Response)));
        if (hasPhases || isSet)
        {
            lines.Add(Row(name, worst.Worst.View));
        }

        string Row(string text, LatencyView view)
        {
            IEnumerable<string> times = LatencyView.Percentiles.Select(view.TextAt).Append(view.MaxText).Select(t => t.PadLeft(column));
            return Fit((text.Length > label ? text[..label] : text.PadRight(label)) + string.Concat(times), width);
        }
    }

    /// <summary>One line, and only when something happened: what went wrong on the connections comes first.</summary>
    private static void AddConnections(List<string> lines, RunRecord[] runs, int width)
    {
        (string What, long Count)[] incidents = [.. runs.SelectMany(r => r.Summary.Driver.Counters?.Incidents() ?? [])
            .GroupBy(i => i.What, StringComparer.Ordinal).Select(g => (g.Key, g.Sum(i => i.Count)))];
        if (incidents.Length > 0)
        {
            lines.Add(Fit("connections: " + string.Join(", ", incidents.Select(i => $"{i.What} {Units.Count(i.Count)}")), width));
        }
    }

    private static string Generator(RunRecord[] runs, RunVerdict verdict)
    {
        LatencyView lateness = LatencyView.OfAll(runs, TimeKind.Lateness);
        var broken = verdict.Checks.Where(c => !c.Holds && c.Consequence != CheckConsequence.BarsCertificate).Select(c => c.Id).Distinct().ToList();
        string checks = broken.Count == 0 ? "all generator checks hold" : $"broken checks: {string.Join(", ", broken)}";
        string allocated = runs.All(r => HotPath.Holds(r) == true) ? "; hot path without allocations"
            : runs.Any(r => HotPath.Holds(r) == false) ? $"; hot path allocated {Units.Count(runs.Sum(r => r.Summary.Health.WorkerAllocatedBytes ?? 0) / 1_000)} kB"
            : "";
        string shortfall = string.Concat(runs.Select((r, i) => OfferedRate.Of(r).Shortfall is { } s ? $"{(runs.Length > 1 ? Midnight(i) + ": " : "")}{s}; " : "").Where(s => s.Length > 0).Take(1));
        return $"{shortfall}sent late by p99 {lateness.TextAt(99)}, max {(lateness.Calls == 0 ? "-" : Units.Duration(lateness.SlowestOkNs))}; {checks}{allocated}";
    }

    private static void AddMore(List<string> lines, int more, string what, int width)
    {
        if (more > 0)
        {
            lines.Add(Fit(string.Create(CultureInfo.InvariantCulture, $"  … and {more} more {what}{(more == 1 ? "" : "s")}: see the report"), width));
        }
    }

    private static void Wrap(List<string> lines, string text, int width, string first, string rest, int most)
    {
        var wrapped = new List<string>();
        var line = new StringBuilder(first);
        bool empty = true;
        foreach (string word in text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
        {
            if (!empty && line.Length + 1 + word.Length > width)
            {
                wrapped.Add(Fit(line.ToString(), width));
                line.Clear().Append(rest);
                empty = true;
            }

            line.Append(empty ? "" : " ").Append(word);
            empty = false;
        }

        wrapped.Add(Fit(line.ToString(), width));
        Cut(wrapped, most);
        lines.AddRange(wrapped);
    }

    private static void Cut(List<string> lines, int most)
    {
        if (lines.Count > most)
        {
            lines.RemoveRange(most, lines.Count - most);
            if (most > 0)
            {
                string last = lines[^1];
                lines[^1] = (last.EndsWith('…') ? last : last[..^Math.Min(1, last.Length)] + "…");
            }
        }
    }

    private static string Fit(string line, int width)
    {
        // A terminal acts on control characters, whoever wrote them into a profile.
        string plain = new([.. line.Select(c => char.IsControl(c) ? ' ' : c)]);
        return plain.Length <= width ? plain : plain[..(width - 1)] + "…";
    }
}
