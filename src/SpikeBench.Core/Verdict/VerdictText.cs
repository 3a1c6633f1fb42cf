using System.Globalization;
using SpikeBench.Core.Profiles;
using SpikeBench.Core.Recording;

namespace SpikeBench.Core.Verdict;

/// <summary>The words of a verdict: the headline, and what it does not say.</summary>
internal static class VerdictText
{
    /// <summary>How the limit of <see cref="Rare"/> begins; a set says it of all midnights instead.</summary>
    public const string RareBegins = "What comes less often than";

    public static string Word(Outcome outcome) => outcome switch
    {
        Outcome.Pass => "PASS",
        Outcome.Fail => "FAIL",
        Outcome.Inconclusive => "INCONCLUSIVE",
        _ => "INVALID",
    };

    public static string Headline(RunRecord run, Outcome outcome, IReadOnlyList<string> reasons)
    {
        RunSummary summary = run.Summary;
        string load = Load(summary);

        string covers = Covers(summary, outcome);
        return outcome switch
        {
            // One midnight of a claim about several holds no claim.
            Outcome.Pass when IsTested(summary) && MidnightsOf(summary) is > 1 and int all =>
                $"PASS: {(summary.Set is { } set ? $"midnight {set.Midnight}" : "one midnight")} held of the {all} that \"{summary.Profile.Claim!.Text}\" takes, {load}{covers}.",
            Outcome.Pass when IsTested(summary) => $"PASS: \"{summary.Profile.Claim!.Text}\" held, {load}{covers}.",
            Outcome.Pass => $"PASS of the SLOs, {load}{covers}.",
            Outcome.Fail when IsTested(summary) => $"FAIL: \"{summary.Profile.Claim!.Text}\" did not hold, {load}.",
            Outcome.Fail => $"FAIL: an SLO was broken, {load}{covers}.",
            Outcome.Inconclusive => $"INCONCLUSIVE: these calls cannot tell, {load}{covers}.",
            _ => $"INVALID: {(reasons.Count > 0 ? "the run says nothing about the target" : "no verdict")}, {load}{covers}.",
        };
    }

    /// <summary>
    /// What a verdict does not cover, to end its sentence. A PASS is what people forward: whoever reads its headline alone must not take it
    /// for more than it is.
    /// </summary>
    public static string Covers(RunSummary summary, Outcome outcome) =>
        (outcome is Outcome.Pass or Outcome.Fail && !IsTested(summary) ? "; claim not tested" : "")
        + (outcome is Outcome.Pass && summary.Target.SameHost ? "; not a deployment claim" : "")
        + (LaterSlo.IsLater(summary) ? "; not pre-registered" : "");

    /// <summary>How many midnights a verdict on the claim takes.</summary>
    public static int MidnightsOf(RunSummary summary) => Math.Max(summary.Profile.Claim?.Repeats ?? 1, summary.Set?.Of ?? 1);

    private static bool IsTested(RunSummary summary) => summary.ClaimNotTested is null && summary.Profile.Claim is not null;

    /// <summary>What was offered: <c>2x of 200/s (ordinary peak), played 20 times faster</c>.</summary>
    public static string Load(RunSummary summary)
    {
        ReferenceRate reference = summary.Profile.Reference;
        string faster = summary.Profile.Compress > 1
            ? string.Create(CultureInfo.InvariantCulture, $", played {summary.Profile.Compress:0.###} times faster than life")
            : "";
        if (summary.Plan.ClosedCopies is { } copies)
        {
            return $"under a closed load of up to {Units.Count(copies)} copies{faster}";
        }

        return $"at {Units.Multiple(summary.Scale)} of {Units.Rate(reference.RatePerSecond)} ({reference.What}), peak {Units.Rate(summary.Plan.PeakRatePerSecond)}{faster}";
    }

    /// <summary>
    /// What may have stayed away by chance. A fault that comes once in m on average is absent from a phase of length T with chance
    /// e^(−T/m): only what comes more often than once in T / ln(1/α), a third of T at 5 %, must have shown itself.
    /// </summary>
    /// <param name="run">Any of the midnights.</param>
    /// <param name="phases">The phases that PASSed by an interval.</param>
    /// <param name="midnights">How many midnights their samples are of.</param>
    /// <param name="alpha">One-sided error of the verdict.</param>
    public static string? Rare(RunRecord run, IEnumerable<string> phases, int midnights, double alpha)
    {
        string[] seen = [.. run.Plan.Phases.Where(p => phases.Contains(p.Name)).Select(p => Seen(p.Name, (double)p.DurationNs * midnights))];
        return seen.Length == 0 ? null : $"{RareBegins} {string.Join(", ", seen)} may have stayed away by chance: a PASS does not speak of it.";

        string Seen(string name, double durationNs) => $"once in {Units.Duration(Math.Round(durationNs / -Math.Log(alpha) / 1e9) * 1e9)} ({name}, {Units.Duration(durationNs)})";
    }

    public static IReadOnlyList<string> Limits(RunRecord run)
    {
        RunSummary summary = run.Summary;
        var limits = new List<string>();
        if (LaterSlo.IsLater(summary))
        {
            limits.Add(LaterSlo.Limit);
        }

        if (summary.Profile.Claim is null)
        {
            limits.Add("The profile makes no claim: only its SLOs were judged.");
        }
        else if (summary.ClaimNotTested is { } why)
        {
            limits.Add($"Claim not tested: {why}.");
        }

        if (summary.FromCode)
        {
            limits.Add("Run from code: no ledger counts its attempts, so nobody sees how many there were, and the generator was not measured against nothing. No certificate rests on it.");
        }

        if (summary.Calls is { MessagesFromCode: { Count: > 0 } messages })
        {
            limits.Add($"What {string.Join(", ", messages.Keys)} sent was made by code: the profile's hash does not cover it. The hash of the messages is in the record.");
        }

        if (summary.Plan.ClosedCopies is not null)
        {
            limits.Add("The load was closed: each copy waited for its answer, so a slow target got fewer calls. Nothing here is about capacity.");
        }

        if (run.Plan.Phases.Any(run.Plan.IsSingleEvent))
        {
            limits.Add($"A short phase is one event: it was met or missed, and 1 of 1 says only that P(miss) ≤ {Units.Percent(RepeatVerdict.MissBound(1))}. Use --repeat.");
        }

        if (summary.Calls is { CertificateUnchecked: true })
        {
            limits.Add("The target's certificate was not checked (--insecure): nothing proves who answered.");
        }

        if (summary.Calls is { TokenFailures.Count: > 0 and int failures })
        {
            limits.Add($"The access token could not be refreshed {failures} time{(failures == 1 ? "" : "s")}; calls went on with the old one. The first: {summary.Calls.TokenFailures[0]}");
        }

        if (summary.Target.SameHost)
        {
            limits.Add("Not a deployment claim: the target ran on the generator's host, over loopback.");
        }

        if (summary.Target.Model is { } model)
        {
            limits.Add($"The target was SpikeBench's own reference messenger ({model}).");
        }

        if (summary.Profile.Compress > 1)
        {
            limits.Add(string.Create(
                CultureInfo.InvariantCulture,
                $"Played {summary.Profile.Compress:0.###} times faster than life: backlogs and deadlines shrink with it, service times do not."));
        }

        return limits;
    }
}
