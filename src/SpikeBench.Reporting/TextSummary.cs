using System.Globalization;
using System.Text;
using SpikeBench.Core.Profiles;
using SpikeBench.Core.Recording;
using SpikeBench.Core.Schedule;
using SpikeBench.Core.Verdict;

namespace SpikeBench.Reporting;

/// <summary>A run on one terminal screen of 24 lines: the verdict first, then what it rests on. No colours; those are the caller's.</summary>
public static class TextSummary
{
    // Two of the screen's 24 lines are the caller's: where the results are, and the prompt.
    private const int MostLines = 22;
    private const int MostReasonLines = 5;
    private const int FewestSlos = 2;

    private const int NarrowestWidth = 60;

    public static string Render(RunRecord run, RunVerdict verdict, int width = 80)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, NarrowestWidth);
        var head = new List<string>();
        Wrap(head, verdict.Headline, width, "", "  ", 3);
        List<string> why = Why(verdict, width);

        var tail = new List<string>();
        AddTimes(tail, run, width);
        if (SpikeSection.Line(verdict) is { } spike)
        {
            Wrap(tail, spike, width, "", "  ", 2);
        }

        Wrap(tail, (run.Summary.Set is { Of: > 1 } set ? $"midnight {set.Midnight}: " : "") + Accounting.Of(run, -1, -1), width, "", "  ", 3);
        Wrap(tail, Generator(run, verdict), width, "", "  ", 2);
        AddConnections(tail, run, width);
        var limits = new List<string>();
        foreach (string limit in verdict.Limits)
        {
            Wrap(limits, "! " + limit, width, "", "  ", 2);
        }

        int room = Math.Max(FewestSlos, MostLines - head.Count - why.Count - tail.Count - 1);
        List<string> slos = Slos(verdict, room, width);
        int roomForLimits = MostLines - head.Count - why.Count - tail.Count - slos.Count;
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

        foreach (string reason in verdict.Reasons.Take(2))
        {
            Wrap(lines, reason, width, "  ", "  ", 3);
        }

        Cut(lines, MostReasonLines);
        AddMore(lines, verdict.Reasons.Count - 2, "reason", width);
        return lines;
    }

    private static List<string> Slos(RunVerdict verdict, int room, int width)
    {
        var lines = new List<string>();

        // The broken ones first: what does not fit on the screen must not be what decided.
        var ordered = verdict.Pooled.Select(s => (All: true, Slo: s)).Concat(verdict.Slos.Select(s => (All: false, Slo: s))).OrderBy(s => s.Slo.Outcome switch
        {
            Outcome.Fail => 0,
            Outcome.Invalid => 1,
            Outcome.Inconclusive when s.All || verdict.Outcome != Outcome.Pass => 2,
            _ => s.All ? 3 : 4,
        }).ToList();
        int shown = ordered.Count <= room ? ordered.Count : Math.Max(1, room - 1);
        foreach ((bool all, SloResult slo) in ordered.Take(shown))
        {
            string which = (all ? "all midnights, " : "") + (slo.Rule.Operation == "*" ? slo.Phase : $"{slo.Phase} {slo.Rule.Operation}");
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

    private static void AddTimes(List<string> lines, RunRecord run, int width)
    {
        LatencyView whole = LatencyView.Of(run, -1, -1, TimeKind.Response);
        (Phase phase, LatencyView worst) = LatencyView.WorstPhase(run);
        string name = run.Plan.Phases.Count > 1 ? $"worst: {phase.Name}" : phase.Name;
        int column = width < 72 ? 9 : 11;
        int label = Math.Clamp(name.Length, "response time".Length, width - 5 * column);
        string[] head = ["p50", "p90", "p99", "p99.9", "max"];
        lines.Add("response time".PadRight(label) + string.Concat(head.Select(h => h.PadLeft(column))));
        lines.Add(Row(run.Summary.Set is { Of: > 1 } set ? $"midnight {set.Midnight}" : "whole run", whole));
        if (run.Plan.Phases.Count > 1)
        {
            lines.Add(Row(name, worst));
        }

        string Row(string text, LatencyView view)
        {
            IEnumerable<string> times = LatencyView.Percentiles.Select(view.At).Append(view.Max).Select(t => LatencyView.Text(t).PadLeft(column));
            return Fit((text.Length > label ? text[..label] : text.PadRight(label)) + string.Concat(times), width);
        }
    }

    /// <summary>One line, and only when something happened: what went wrong on the connections comes first.</summary>
    private static void AddConnections(List<string> lines, RunRecord run, int width)
    {
        if (run.Summary.Driver.Counters?.Incidents() is { Count: > 0 } incidents)
        {
            lines.Add(Fit("connections: " + string.Join(", ", incidents.Select(i => $"{i.What} {Units.Count(i.Count)}")), width));
        }
    }

    private static string Generator(RunRecord run, RunVerdict verdict)
    {
        LatencyView lateness = LatencyView.Of(run, -1, -1, TimeKind.Lateness);
        var broken = verdict.Checks.Where(c => !c.Holds && c.Consequence != CheckConsequence.BarsCertificate).Select(c => c.Id).Distinct().ToList();
        string checks = broken.Count == 0 ? "all generator checks hold" : $"broken checks: {string.Join(", ", broken)}";
        string allocated = HotPath.Holds(run) switch
        {
            true => "; hot path without allocations",
            false => $"; hot path allocated {Units.Count(run.Summary.Health.WorkerAllocatedBytes!.Value / 1_000)} kB",
            _ => "",
        };
        string shortfall = OfferedRate.Of(run).Shortfall is { } s ? s + "; " : "";
        return $"{shortfall}sent late by p99 {Units.Duration(lateness.At(99))}, max {Units.Duration(lateness.SlowestOkNs)}; {checks}{allocated}";
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
