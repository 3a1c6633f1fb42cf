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
    /// <param name="pooled">The long phases over all midnights; null where they were not judged together.</param>
    public static RunVerdict Combine(IReadOnlyList<RunVerdict> runs, int required, IReadOnlyList<SloResult>? pooled = null)
    {
        pooled ??= [];
        if (runs.Count == 1 && required <= 1)
        {
            return runs[0];
        }

        Outcome[] outcomes = [.. runs.Select(r => IsHeld(r, pooled) ? Outcome.Pass : r.Outcome)];
        Outcome outcome = Worst([.. outcomes, .. pooled.Select(p => p.Outcome).Where(p => p != Outcome.Pass)]);
        int held = outcomes.Count(o => o == Outcome.Pass);
        List<string> reasons = [.. pooled.Where(p => p.Outcome == outcome).Select(p => p.Reason)];
        if (outcome == Outcome.Pass && runs.Count < required)
        {
            outcome = Outcome.Inconclusive;
            reasons.Add($"The claim asks for {required} midnights and {runs.Count} were run.");
        }

        string count = $"{held} of {runs.Count} midnights held";
        string bound = held == runs.Count && outcome == Outcome.Pass ? $"; P(miss) ≤ {Units.Percent(MissBound(held))} with 95 % confidence" : "";
        for (int i = 0; i < runs.Count; i++)
        {
            // Held by what all midnights show together: its own verdict, that its calls alone cannot tell, would read as if it stood against it.
            if (outcomes[i] == Outcome.Pass && runs[i].Outcome != Outcome.Pass)
            {
                reasons.Add($"Midnight {i + 1} alone could not tell; it was within its budget.");
            }
            else if (outcomes[i] == outcome || outcomes[i] != Outcome.Pass)
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
            Pooled = pooled,
            Recoveries = [.. runs.SelectMany(r => r.Recoveries)],
            Spikes = [.. runs.SelectMany(r => r.Spikes)],
            Checks = [.. runs.SelectMany(r => r.Checks)],
        };
    }

    /// <summary>
    /// A midnight that PASSed; or one whose open cases are long phases that were within their budget, and that hold over all midnights.
    /// </summary>
    private static bool IsHeld(RunVerdict run, IReadOnlyList<SloResult> pooled)
    {
        return run.Outcome == Outcome.Pass
            || (run.Outcome == Outcome.Inconclusive && run.Slos.All(IsMet) && run.Recoveries.All(r => r.Outcome == Outcome.Pass)
                && run.Checks.All(c => c.Holds || c.Consequence is not (CheckConsequence.VoidsAll or CheckConsequence.VoidsPass)));

        bool IsMet(SloResult slo) => slo.Outcome == Outcome.Pass
            || (slo is { Outcome: Outcome.Inconclusive, SingleEvent: false } && slo.Bad <= slo.Rule.Budget * slo.Calls
                && pooled.Any(p => p.Outcome == Outcome.Pass && p.Rule == slo.Rule && p.Phase == slo.Phase));
    }

    // The same order as inside a run: a valid miss stands whatever the other repeats were; a void one leaves the set open to doubt.
    private static Outcome Worst(IReadOnlyList<Outcome> outcomes) =>
        outcomes.Contains(Outcome.Fail) ? Outcome.Fail
        : outcomes.Contains(Outcome.Invalid) ? Outcome.Invalid
        : outcomes.Contains(Outcome.Inconclusive) ? Outcome.Inconclusive
        : Outcome.Pass;
}
