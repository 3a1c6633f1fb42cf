using SpikeBench.Core.Evidence;
using SpikeBench.Core.Profiles;
using SpikeBench.Core.Recording;

namespace SpikeBench.Core.Verdict;

/// <summary>
/// Judges a stored run by SLOs that were written after it. Such a verdict says what the run shows; it tests no claim, for whoever
/// chooses the bar after the jump can always clear it.
/// </summary>
public static class LaterSlo
{
    private const string Why = "its SLOs were not pre-registered";

    /// <summary>The run with other SLOs in the place of its own; the run itself where they are the ones it was registered with.</summary>
    /// <param name="run">A stored run.</param>
    /// <param name="slos">What to judge by.</param>
    /// <param name="source">What errors call the rules: their file.</param>
    /// <exception cref="UsageException">A rule has a threshold that the run did not count exactly. Its histograms know such a threshold to
    /// 0.1 % of its value only, which cannot tell a call on one side from a call on the other.</exception>
    public static RunRecord Apply(RunRecord run, SloSet slos, string source)
    {
        RunSummary summary = run.Summary;
        SloRule? uncounted = slos.Rules.FirstOrDefault(r => r.ThresholdNs is { } ns && !summary.ThresholdsNs.Contains(ns));
        if (uncounted is not null)
        {
            string counted = summary.ThresholdsNs.Count == 0 ? "no threshold" : string.Join(", ", summary.ThresholdsNs.Select(Units.ExactDuration));
            throw new UsageException(
                $"{source}: {uncounted.Text}: the run counted calls over {counted} exactly, not over {Units.ExactDuration(uncounted.ThresholdNs!.Value)}; "
                + "a verdict is never read off a histogram. Use a counted threshold, or run again with this SLO in the profile");
        }

        return IsRegistered(run, slos)
            ? run
            : run with { Summary = summary with { Profile = summary.Profile with { Slo = slos.Rules, Recoveries = slos.Recoveries }, ClaimNotTested = Why } };
    }

    /// <summary>Judges by such rules, and says so on the verdict.</summary>
    public static RunVerdict Decide(RunRecord run, SloSet slos, string source) => Judge.Decide(Apply(run, slos, source));

    /// <summary>What a verdict by such rules does not say.</summary>
    public const string Limit = $"Not pre-registered: {Why}; they were written after the run.";

    /// <summary>Whether a run has the rules of <see cref="Apply"/> in the place of its own.</summary>
    public static bool IsLater(RunSummary run) => run.ClaimNotTested == Why;

    /// <summary>Whether rules are the ones that the run was registered with.</summary>
    private static bool IsRegistered(RunRecord run, SloSet slos) =>
        Registration.HashOf(run.Summary.Profile.Slo) == Registration.HashOf(slos.Rules) && run.Summary.Profile.Recoveries.SequenceEqual(slos.Recoveries);
}
