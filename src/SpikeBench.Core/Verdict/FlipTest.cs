using SpikeBench.Core.Profiles;
using SpikeBench.Core.Recording;

namespace SpikeBench.Core.Verdict;

/// <summary>
/// A FAIL is a FAIL only if it stays one when the generator's share is taken out.
/// </summary>
/// <remarks>
/// The share is taken out in three ways, all at once: times count from dispatch (lateness), cells outside <see cref="HealthyWindows"/>
/// are left out (hold-ups, and the catching up after them), and calls that are bad for want of the generator's own connections,
/// descriptors or ports are not counted as bad. The test is made where a check is broken that could have caused the FAIL, where more than
/// V6's bound was read as stolen though it may be the clock's resolution, and always where target and generator shared a host.
/// </remarks>
internal static class FlipTest
{
    /// <param name="runs">One run, or all midnights of a set.</param>
    /// <param name="cases">What was decided.</param>
    /// <param name="checks">Of each run.</param>
    /// <param name="results">The decisions; those that flip become INVALID.</param>
    /// <param name="alpha">One-sided error.</param>
    public static void Apply(
        IReadOnlyList<RunRecord> runs, IReadOnlyList<SloCase> cases, IReadOnlyList<IReadOnlyList<ValidityCheck>> checks, List<SloResult> results, double alpha)
    {
        string[] broken = [.. checks.SelectMany(c => c).Where(c => !c.Holds && c.Consequence == CheckConsequence.VoidsFailThatFlips).Select(c => c.Id).Distinct()];
        bool stolen = runs.Any(HostChecks.IsStealInDoubt);
        if (broken.Length == 0 && !stolen && !runs.Any(r => r.Summary.Target.SameHost))
        {
            return;
        }

        for (int i = 0; i < cases.Count; i++)
        {
            SloCase c = cases[i];
            bool late = runs.Any(run => GeneratorChecks.IsLate(run, c));
            Outcome seen = results[i].Outcome;
            if (seen != Outcome.Fail && !(seen == Outcome.Inconclusive && late))
            {
                continue;
            }

            CaseCounts without = CaseCounts.WithoutGenerator(
                runs, c, [.. runs.Select(run => new HealthyWindows(run, c))], runs.Select((run, r) => OwnFailures(run, c, checks[r])).Sum());
            Outcome again = CaseJudge.Decide(runs, c, without, alpha).Outcome;

            // An open result that the lateness alone kept from a PASS says no more than a FAIL that it caused.
            if (seen == Outcome.Fail ? again != Outcome.Fail : again == Outcome.Pass)
            {
                string because = broken.Length > 0 ? $"the generator was at fault ({string.Join(", ", broken)})"
                    : stolen ? "its processors may have been stolen for more than the bound (V6, within the clock's resolution)"
                    : "the generator shared the target's host";
                results[i] = results[i] with
                {
                    Outcome = Outcome.Invalid,
                    Reason = $"{(late ? "V3" : broken.FirstOrDefault(stolen ? "V6" : "V11"))}: {results[i].Reason} But {because}: without its share, "
                        + (without.Calls == 0
                            ? "no healthy second is left"
                            : $"counted from dispatch and in healthy seconds, {Units.Count(without.Bad)} of {Units.Count(without.Calls)} calls were bad")
                        + ". The run says nothing about the target.",
                };
            }
        }
    }

    /// <summary>Bad calls that the generator's own shortage may have caused: those that waited for a stream, those without a connection.</summary>
    private static long OwnFailures(RunRecord run, SloCase c, IReadOnlyList<ValidityCheck> checks)
    {
        long own = 0;
        (int first, int end) = run.Cells.Grid.OfPhase(c.Phase);

        // Fewer sockets than planned are fewer streams as well.
        if (c.Threshold >= 0 && checks.Any(v => v is { Id: "V8" or "V9", Holds: false }))
        {
            own += run.Cells.Sum(first, end, c.Operation, c.Threshold, ThresholdField.BadAfterStreamWait);
        }

        if (checks.Any(v => v is { Id: "V9", Holds: false }))
        {
            RunSummary summary = run.Summary;
            string unavailable = Engine.GrpcStatus.Name(Engine.GrpcStatus.Unavailable);
            long withoutConnection = summary.Errors
                .Where(e => e.Phase == summary.Plan.Phases[c.Phase].Name && e.Status == unavailable)
                .Where(e => c.Operation < 0 || e.Operation == summary.Plan.Operations[c.Operation])
                .Sum(e => e.Count);

            // A target that refuses connections itself is not excused by one that this machine refused: where it is known how many calls
            // our shortage cost, no more than those are forgiven.
            own += Math.Min(withoutConnection, summary.Driver.CallsLostToLocalFailures ?? long.MaxValue);
        }

        return own;
    }
}
