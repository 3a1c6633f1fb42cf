using System.Globalization;
using System.Text;
using SpikeBench.Core.Profiles;
using SpikeBench.Core.Recording;
using SpikeBench.Core.Schedule;
using SpikeBench.Core.Verdict;

namespace SpikeBench.Reporting;

/// <summary>The top of the report: the verdict, what was claimed, why, what it does not say, what to do, and the five numbers that matter.</summary>
internal static class VerdictSection
{
    // The top of the page is read in a minute.
    private const int MostReasons = 4;

    public static string Word(Outcome outcome) => outcome switch
    {
        Outcome.Pass => "PASS",
        Outcome.Fail => "FAIL",
        Outcome.Inconclusive => "INCONCLUSIVE",
        _ => "INVALID",
    };

    public static string Style(Outcome outcome) => outcome switch
    {
        Outcome.Pass => "pass",
        Outcome.Fail => "fail",
        _ => "unsure",
    };

    public static string Render(RunRecord run, RunVerdict verdict, Timeline timeline)
    {
        RunSummary summary = run.Summary;
        string word = Word(verdict.Outcome);

        // The headline usually begins with the verdict's word, which stands above it already.
        string headline = verdict.Headline.StartsWith(word + ": ", StringComparison.Ordinal) ? verdict.Headline[(word.Length + 2)..] : verdict.Headline;
        var html = new StringBuilder();
        html.Append(CultureInfo.InvariantCulture, $"""
            <header class="{Style(verdict.Outcome)}"><p class="run">{Markup.Escape(summary.Profile.Name)}, {summary.T0Utc.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC, against {Markup.Escape(summary.Target.Address)}</p>
            <h1><span class="badge">{word}</span> {Markup.Escape(headline)}</h1>
            <dl><dt>Claimed</dt><dd>{Claim(summary)}</dd>

            """);
        IReadOnlyList<string> why = verdict.Reasons.Count <= MostReasons
            ? verdict.Reasons
            : [.. verdict.Reasons.Take(MostReasons - 1), $"{verdict.Reasons.Count - MostReasons + 1} more reasons stand below, with the SLOs and the checks."];
        AddList(html, "Why", why);
        AddList(html, "It does not say", verdict.Limits);
        html.Append(CultureInfo.InvariantCulture, $"<dt>What to do</dt><dd>{Markup.Prose(Advice(run, verdict))}</dd></dl></header>\n");
        html.Append("<ul class=\"tiles\">\n");
        foreach ((string name, string value, string note) in Tiles(run, verdict, timeline))
        {
            html.Append(CultureInfo.InvariantCulture, $"<li><span>{Markup.Prose(name)}</span><b>{Markup.Prose(value)}</b><small>{Markup.Prose(note)}</small></li>\n");
        }

        return html.Append("</ul>\n").ToString();
    }

    private static string Claim(RunSummary summary)
    {
        if (summary.Profile.Claim is not { } claim)
        {
            return "Nothing: the profile makes no claim.";
        }

        string midnights = claim.Repeats == 1 ? "one midnight" : $"{claim.Repeats} midnights";
        string tested = summary.ClaimNotTested is { } why ? $" <strong>Not tested: {Markup.Escape(why)}.</strong>" : "";
        return $"“{Markup.Escape(claim.Text)}”: {Units.Multiple(claim.Scale)} the profile's peak, {Units.Percent(claim.Confidence)} confidence, {midnights}.{tested}";
    }

    private static string Advice(RunRecord run, RunVerdict verdict)
    {
        var broken = verdict.Checks.Where(c => !c.Holds && c.Consequence != CheckConsequence.BarsCertificate).Select(c => c.Id).ToList();
        string checks = broken.Count > 0 ? $"check {string.Join(", ", broken)}" : "the checks below";
        SloResult? worst = verdict.Slos.Where(s => s.Outcome == verdict.Outcome).MaxBy(s => TextSummary.Share(s) / s.Rule.Budget);
        string slo = worst is null ? "the SLO" : $"{worst.Rule.Text} in phase {worst.Phase}";
        return verdict.Outcome switch
        {
            Outcome.Pass when broken.Count > 0 => $"The verdict stands, but look at {checks} before quoting it.",
            Outcome.Pass => "Nothing at this load. To find out how much more it holds, run again at a larger scale.",
            Outcome.Fail => $"Find what broke {slo}: see when it happened in the charts below. Then add capacity or claim less, and run the same command again.",
            Outcome.Inconclusive => $"Gather more calls for {slo}: a longer phase or more repeats. Do not repeat until it passes; every try counts.",
            _ when run.Summary.Interrupted is { } interrupted => $"Run the same command again and let it end. This load did not ({interrupted}), so nothing here is about the target.",
            _ when OfferedRate.Of(run).Shortfall is { } shortfall =>
                $"Offer less, or from more and faster cores: {shortfall}. Nothing here is about the target (broken: {checks}).",
            _ => $"Mend the generator first ({checks}): nothing here is about the target. Then run the same command again.",
        };
    }

    private static IEnumerable<(string Name, string Value, string Note)> Tiles(RunRecord run, RunVerdict verdict, Timeline timeline)
    {
        RunSummary summary = run.Summary;
        double peak = summary.Plan.PeakRatePerSecond;
        double onePeak = peak / summary.Scale;
        ReferenceRate reference = summary.Profile.Reference;
        string claimed = summary.Profile.Claim is { } claim ? $"; claimed {Units.Multiple(claim.Scale)}, {Units.Rate(onePeak * claim.Scale)}" : "";
        yield return ("Offered at the peak", Units.Rate(peak), $"the load at {Units.Multiple(summary.Scale)} of {Units.Rate(reference.RatePerSecond)} ({reference.What}); at 1x its peak is {Units.Rate(onePeak)}{claimed}");

        Headroom room = Headroom.Of(run, verdict);
        yield return ("Headroom", room.Value, room.Note);

        double best = timeline.Rate(CellField.OkHere).Max();
        yield return ("Answered OK at best", Units.Rate(best), $"over {Units.Duration(timeline.BinNs)}; as many as the load at {Units.Multiple(Math.Round(best / onePeak, 2))} asks for at its peak");

        if (verdict.Slos.Count > 0)
        {
            SloResult tightest = verdict.Slos.MaxBy(s => TextSummary.Share(s) / s.Rule.Budget)!;
            yield return ("Tightest SLO", BudgetUse(TextSummary.Share(tightest) / tightest.Rule.Budget),
                $"{tightest.Phase}: {tightest.Rule.Text}, {Units.Count(tightest.Bad)} bad of {Units.Count(tightest.Calls)} calls");
        }

        (Phase phase, LatencyView view) = LatencyView.WorstPhase(run);
        yield return ("p99.9 in the worst phase", view.TextAt(99.9), $"{phase.Name}; median {view.TextAt(50)}");

        int held = verdict.Checks.Count(c => c.Holds);
        var broken = verdict.Checks.Where(c => !c.Holds && c.Consequence != CheckConsequence.BarsCertificate).Select(c => c.Id).ToList();
        LatencyView lateness = LatencyView.Of(run, -1, -1, TimeKind.Lateness);
        yield return ("Generator checks", $"{held} of {verdict.Checks.Count} hold", (broken.Count > 0 ? $"broken: {string.Join(", ", broken)}; " : "") + $"99 % of calls sent within {lateness.TextAt(99)} of when due");
    }

    private static string BudgetUse(double use) => use > 2 ? $"{Units.Multiple(Math.Round(use, use < 10 ? 1 : 0))} its budget" : $"{Units.Percent(use)} of budget";

    private static void AddList(StringBuilder html, string name, IReadOnlyList<string> items)
    {
        if (items.Count == 0)
        {
            return;
        }

        html.Append(CultureInfo.InvariantCulture, $"<dt>{name}</dt><dd><ul>");
        foreach (string item in items)
        {
            html.Append(CultureInfo.InvariantCulture, $"<li>{Markup.Prose(item)}</li>");
        }

        html.Append("</ul></dd>\n");
    }
}
