using System.Globalization;
using SpikeBench.Core.Profiles;
using SpikeBench.Core.Recording;
using SpikeBench.Core.Schedule;
using SpikeBench.Core.Verdict;
using SpikeBench.Histograms;

namespace SpikeBench.Core.Evidence;

/// <summary>
/// Whether a run's files agree with each other, with the plan that its profile compiles to, and with what the ledger was told before
/// and after it. The judge trusts a record; this does not.
/// </summary>
internal static class EvidenceChecks
{
    /// <summary>Every disagreement in a sentence; none where all is well.</summary>
    public static IEnumerable<string> Of(StoredMidnight midnight, RunVerdict verdict, LedgerBook ledger)
    {
        string run = midnight.Record.Summary.RunId;
        IEnumerable<string> found = [.. Plan(midnight.Record), .. Counters(midnight.Record), .. Ledger(midnight, verdict, ledger)];
        return found.Select(f => $"{run}: {f}");
    }

    private static IEnumerable<string> Plan(RunRecord run)
    {
        RunSummary summary = run.Summary;
        // That the profile is the one of its hash was seen when the run was read, and only that its plan is compiled again is seen here.
        if (!summary.Finished || summary.Profile.Load.Any(s => s is ClosedStep or TraceStep { Data: null }))
        {
            yield return summary.Finished
                ? "its load cannot be compiled again from its files: a closed step has no plan, and a trace is kept by its hash only"
                : "it did not finish";
            yield break;
        }

        LoadPlan plan = ProfileCompiler.Compile(summary.Profile, summary.Scale, summary.Seed);
        PlanCounts counts = plan.Count();
        if (counts.Fingerprint.ToString() != summary.Plan.Fingerprint)
        {
            yield return $"profile, scale and seed compile to the plan {counts.Fingerprint}, the run names {summary.Plan.Fingerprint}";
        }

        if (!plan.Phases.SequenceEqual(summary.Plan.Phases) || plan.Schedule.Curve.PeakRate != summary.Plan.PeakRatePerSecond
            || !RateEdges.Of(plan.Schedule.Curve).SequenceEqual(summary.Plan.Edges)
            || !summary.Plan.Operations.SequenceEqual(summary.Profile.Operations.Select(o => o.Name)))
        {
            yield return "its phases, edges, operations or peak are not those of the compiled plan";
        }
        else if (summary.Plan.Planned.Where((row, p) => row.Where((planned, o) => planned != counts.PerPhase[p, o]).Any()).Any())
        {
            yield return "its planned counts are not those of the compiled plan";
        }

        long deadlineNs = (long)(summary.Profile.Client.DeadlineNs / summary.Profile.Compress);
        if (summary.DeadlineNs != deadlineNs || !RecordingPlan.CountedNs(summary.Profile, deadlineNs).SequenceEqual(summary.ThresholdsNs))
        {
            yield return "its thresholds or deadline are not the profile's";
        }
    }

    /// <summary>Exact counters, histograms and errors are three books of the same calls.</summary>
    private static IEnumerable<string> Counters(RunRecord run)
    {
        PlanSummary plan = run.Summary.Plan;
        for (int p = 0; p < plan.Phases.Count; p++)
        {
            for (int o = 0; o < plan.Operations.Count; o++)
            {
                string where = $"{plan.Operations[o]} in {plan.Phases[p].Name}";
                (int first, int end) = run.Cells.Grid.OfPhase(p);
                long Sum(CellField field) => run.Cells.Sum(first, end, o, field);
                Histogram response = run.Totals[run.Plan.HistogramIndex(p, o, TimeKind.Response)];
                Histogram lateness = run.Totals[run.Plan.HistogramIndex(p, o, TimeKind.Lateness)];
                if (response.TotalCount != Sum(CellField.Ok) || lateness.TotalCount != Sum(CellField.Sent))
                {
                    yield return $"{where}: {Units.Count(Sum(CellField.Ok))} OK and {Units.Count(Sum(CellField.Sent))} sent, the histograms hold "
                        + $"{Units.Count(response.TotalCount)} and {Units.Count(lateness.TotalCount)}";
                }

                long errors = run.Summary.Errors.Where(e => e.Phase == plan.Phases[p].Name && e.Operation == plan.Operations[o]).Sum(e => e.Count);
                if (errors != Sum(CellField.Error))
                {
                    yield return $"{where}: {Units.Count(Sum(CellField.Error))} errors, by status {Units.Count(errors)}";
                }

                for (int k = 0; k < run.Cells.ThresholdsNs.Count; k++)
                {
                    // The histogram knows the count over a threshold up to the slot that the threshold lies in.
                    long threshold = run.Cells.ThresholdsNs[k];
                    long notOk = Sum(CellField.Planned) - Sum(CellField.Ok);
                    long most = notOk + response.TotalCount - response.CountAtOrBelow(response.LowestEquivalent(threshold) - 1);
                    long least = notOk + response.TotalCount - response.CountAtOrBelow(threshold);
                    long bad = run.Cells.Sum(first, end, o, k, ThresholdField.Bad);
                    if (bad < least || bad > most)
                    {
                        yield return $"{where}: {Units.Count(bad)} bad calls over {Units.Duration(threshold)}, the histogram shows {Units.Count(least)} to {Units.Count(most)}";
                    }
                }
            }
        }
    }

    private static IEnumerable<string> Ledger(StoredMidnight midnight, RunVerdict verdict, LedgerBook ledger)
    {
        RunSummary summary = midnight.Record.Summary;
        if (summary.Attempt is not { } number || number < 1 || number > ledger.Attempts.Count || ledger.Attempts[number - 1].RunId != summary.RunId)
        {
            yield return $"attempt {summary.Attempt?.ToString(CultureInfo.InvariantCulture) ?? "without a number"} is not in the ledger";
            yield break;
        }

        Attempt attempt = ledger.Attempts[number - 1];
        // The claim's hash only says which attempts belong together; another version of the tool may make another of the same profile.
        if (summary.Set is null || attempt.Terms != Registration.TermsOf(summary, summary.Set) with { ClaimHash = attempt.Terms.ClaimHash })
        {
            yield return $"what was registered for attempt {number} before the run is not what was run";
        }

        if (attempt.OpenedUtc > summary.T0Utc)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"its SLOs were registered at {attempt.OpenedUtc:u}, after its T0 at {summary.T0Utc:u}");
        }

        if (attempt.End is not { } end)
        {
            yield return $"attempt {number} was never closed";
            yield break;
        }

        if (end.Outcome != verdict.Outcome)
        {
            yield return $"attempt {number} was closed with another verdict than its files give";
        }

        foreach (string file in end.Files.Keys.Union(midnight.Files.Keys))
        {
            if (end.Files.GetValueOrDefault(file) != midnight.Files.GetValueOrDefault(file))
            {
                yield return $"{file} is not the file that the run left";
            }
        }
    }
}
