using System.Globalization;
using SpikeBench.Core.Profiles;
using SpikeBench.Core.Verdict;

namespace SpikeBench.Reporting;

/// <summary>The SLOs one by one, each with its exact counts, its bound and its reason.</summary>
internal static class SloSection
{
    public static string Render(RunVerdict verdict)
    {
        if (verdict.Slos.Count == 0)
        {
            return "";
        }

        string table = Markup.Table(
            "Each SLO in each phase it names. A call is bad when it did not end OK or took longer than the SLO allows.",
            "sssnnnnst",
            ["Verdict", "SLO", "Phase", "Bad share", "Budget", "Bad X", "Calls N", "Operation", "Judged by"],
            verdict.Slos.Select(s => (string[])
            [
                $"<span class=\"{VerdictSection.Style(s.Outcome)}\">{VerdictSection.Word(s.Outcome)}</span>",
                Markup.Escape(s.Rule.Text),
                Markup.Escape(s.Phase),
                Units.Percent(TextSummary.Share(s)),
                Units.Percent(s.Rule.Budget),
                Units.Count(s.Bad),
                Units.Count(s.Calls),
                s.Rule.Operation == "*" ? "all" : Markup.Escape(s.Rule.Operation),
                Bound(s),
            ]));
        string reasons = string.Concat(verdict.Slos.Select(s =>
            $"<li><span class=\"{VerdictSection.Style(s.Outcome)}\">{VerdictSection.Word(s.Outcome)}</span> {Markup.Escape(s.Reason)}</li>\n"));
        return $"<section id=\"slos\"><h2>The SLOs</h2>\n{table}<details><summary>Each result in words, and what would have changed it</summary><ul>{reasons}</ul></details></section>\n";
    }

    private static string Bound(SloResult slo)
    {
        if (slo.SingleEvent)
        {
            return "one event: its exact share";
        }

        string lower = slo.Lower is { } l ? Units.Percent(l) : "?";
        string upper = slo.Upper is { } u ? Units.Percent(u) : "?";
        string worth = slo.EffectiveCalls is { } calls
            ? string.Create(CultureInfo.InvariantCulture, $"; worth {Units.Count(Math.Floor(calls))} independent calls")
            : "";
        return $"bounds {lower} to {upper}{worth}";
    }
}
