using SpikeBench.Core.Profiles;
using SpikeBench.Core.Recording;
using SpikeBench.Core.Verdict;

namespace SpikeBench.Core.Evidence;

/// <summary>The words of a certificate.</summary>
internal static class CertificateText
{
    public static string Sentence(RunSummary run, CertifiedRisk risk)
    {
        string slos = string.Join(", ", run.Profile.Slo
            .Select(s => $"{(s.Operation == "*" ? "" : s.Operation + " ")}{s.Text}{(s.Phase == "*" ? "" : $" in {s.Phase}")}")
            .Concat(run.Profile.Recoveries.Select(r => r.Text)));
        return $"On {run.Target.Name}, {risk.Held} of {risk.Held} midnights at {Units.Multiple(run.Scale)} the {run.Profile.Reference.What} "
            + $"(peak {Units.Rate(run.Plan.PeakRatePerSecond)}) met {slos}: \"{run.Profile.Claim!.Text}\". "
            + $"With 95 % confidence at most {Units.Percent(risk.MissBound)} of such midnights miss.";
    }

    public static IReadOnlyList<string> NotClaimed(RunSummary run, RunVerdict verdict, CertifiedRisk risk, AttemptHistory history)
    {
        var list = new List<string>(verdict.Limits)
        {
            $"Nothing above {Units.Multiple(run.Scale)}: what happens beyond was not offered.",
            "No other mix, region, slow client, cold cache, failing dependency or hour-long soak than the profile's.",
            run.Target.Stubs.Count > 0
                ? $"Stand-ins, not the real parts: {string.Join("; ", run.Target.Stubs)}."
                : "No stand-in was declared (--stub); that every part was real is the issuer's word.",
        };
        if (run.Target.Id is null)
        {
            list.Add("The target was not named (--target-id): this is about whatever answered.");
        }

        if (risk.Unresolved > 0)
        {
            list.Add($"{risk.Unresolved} attempt{(risk.Unresolved == 1 ? "" : "s")} at the same claim never ended; counted as missed, "
                + $"at most {Units.Percent(risk.MissBoundWorst)} of such midnights miss.");
        }

        if (history.AlphaSpent > 1 - run.Profile.Claim!.Confidence + 1e-9)
        {
            list.Add($"This claim was looked at {history.Looks} times on this target: the chance that a target just at its limit passed one of them is up to "
                + $"{Units.Percent(history.AlphaSpent)}, not {Units.Percent(1 - run.Profile.Claim.Confidence)}.");
        }

        list.Add("It is not signed: it proves that the verdict follows from the files beside it, not who made them.");
        list.Add("Nothing once the target, its configuration or its size changes, or 90 days have passed.");
        return list;
    }
}
