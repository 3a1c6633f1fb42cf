using SpikeBench.Core.Profiles;

namespace SpikeBench.Core.Verdict;

/// <summary>
/// The verdict on several midnights. One midnight is one event: a set of R that were all held bounds how often one is missed,
/// P(miss) ≤ 1 − 0.05^(1/R) with 95 % confidence; one valid miss ends the claim.
/// </summary>
public static class RepeatVerdict
{
    /// <summary>The upper 95 % bound of the chance that a midnight is missed, after <paramref name="held"/> of as many were held.</summary>
    public static double MissBound(int held) => 1 - Math.Pow(0.05, 1.0 / held);

    /// <summary>Judges the set.</summary>
    /// <param name="runs">The verdicts of the repeats, in order; at least one.</param>
    /// <param name="required">How many the claim was registered with.</param>
    public static RunVerdict Combine(IReadOnlyList<RunVerdict> runs, int required)
    {
        if (runs.Count == 1 && required <= 1)
        {
            return runs[0];
        }

        Outcome outcome = Worst(runs);
        int held = runs.Count(r => r.Outcome == Outcome.Pass);
        var reasons = new List<string>();
        if (outcome == Outcome.Pass && runs.Count < required)
        {
            outcome = Outcome.Inconclusive;
            reasons.Add($"The claim asks for {required} midnights and {runs.Count} were run.");
        }

        string count = $"{held} of {runs.Count} midnights held";
        string bound = held == runs.Count ? $"; P(miss) ≤ {Units.Percent(MissBound(held))} with 95 % confidence" : "";
        for (int i = 0; i < runs.Count; i++)
        {
            if (runs[i].Outcome == outcome || runs[i].Outcome != Outcome.Pass)
            {
                reasons.Add($"Midnight {i + 1}: {runs[i].Headline} {string.Join(" ", runs[i].Reasons.Take(1))}");
            }
        }

        return runs[^1] with
        {
            Outcome = outcome,
            Headline = $"{VerdictText.Word(outcome)}: {count}{bound}.",
            Reasons = reasons,
            Limits = [.. runs.SelectMany(r => r.Limits).Distinct().Where(l => !l.StartsWith("A short phase", StringComparison.Ordinal))],
            Slos = [.. runs.SelectMany(r => r.Slos)],
            Recoveries = [.. runs.SelectMany(r => r.Recoveries)],
            Spikes = [.. runs.SelectMany(r => r.Spikes)],
            Checks = [.. runs.SelectMany(r => r.Checks)],
        };
    }

    // The same order as inside a run: a valid miss stands whatever the other repeats were; a void one leaves the set open to doubt.
    private static Outcome Worst(IReadOnlyList<RunVerdict> runs) =>
        runs.Any(r => r.Outcome == Outcome.Fail) ? Outcome.Fail
        : runs.Any(r => r.Outcome == Outcome.Invalid) ? Outcome.Invalid
        : runs.Any(r => r.Outcome == Outcome.Inconclusive) ? Outcome.Inconclusive
        : Outcome.Pass;
}
