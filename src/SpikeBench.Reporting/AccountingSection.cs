using SpikeBench.Core.Profiles;
using SpikeBench.Core.Recording;

namespace SpikeBench.Reporting;

/// <summary>Where every planned call ended up, by phase and operation.</summary>
internal static class AccountingSection
{
    public static string Render(RunRecord run, Accounting all)
    {
        PlanSummary plan = run.Summary.Plan;
        var rows = new List<string[]>();
        for (int p = 0; p < plan.Phases.Count; p++)
        {
            for (int o = 0; o < plan.Operations.Count; o++)
            {
                Accounting books = Accounting.Of(run, p, o);
                if (books.Planned > 0)
                {
                    rows.Add(Row(Markup.Escape(plan.Phases[p].Name), Markup.Escape(plan.Operations[o]), books));
                }
            }
        }

        rows.Add([.. Row("<b>all</b>", "", all).Select(c => $"<b>{c}</b>")]);
        string balance = all.Balances ? "The books balance." : "The books do not balance.";
        return $"<div id=\"accounting\"><h3>Every planned call is accounted for</h3><p class=\"sum\">{Markup.Escape(all.ToString())}. {balance}</p>\n"
            + Markup.Table(
                "Calls by the phase that they were due in.", "ssnnnnnn",
                ["Phase", "Operation", "Planned", "OK", "Error", "Timed out", "Outstanding", "Not sent"], rows)
            + "</div>\n";
    }

    /// <summary>Errors by status, phase and operation.</summary>
    public static string ErrorTable(RunRecord run, Accounting all) => run.Summary.Errors.All(e => e.Count == 0)
        ? ""
        : Markup.Table(
            "Errors by gRPC status, most first.", "sssnn", ["Status", "Phase", "Operation", "Calls", "Share of all calls"],
            run.Summary.Errors.Where(e => e.Count > 0).OrderByDescending(e => e.Count).Select(e => (string[])
            [
                Markup.Escape(e.Status), Markup.Escape(e.Phase), Markup.Escape(e.Operation), Units.Count(e.Count),
                Units.Percent(e.Count / (double)Math.Max(1, all.Planned)),
            ]));

    private static string[] Row(string phase, string operation, Accounting books) =>
    [
        phase, operation, Units.Count(books.Planned), Units.Count(books.Ok), Units.Count(books.Error), Units.Count(books.TimedOut),
        Units.Count(books.Outstanding), Units.Count(books.NotSent),
    ];
}
