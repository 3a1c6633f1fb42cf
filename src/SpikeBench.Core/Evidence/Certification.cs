using System.Globalization;
using SpikeBench.Core.Profiles;
using SpikeBench.Core.Recording;
using SpikeBench.Core.Verdict;

namespace SpikeBench.Core.Evidence;

/// <summary>
/// Whether a set of midnights can be certified: the certificate, or everything that bars it. Issuing and verifying are this one
/// function, so that a verifier cannot be laxer than the issuer.
/// </summary>
/// <param name="Verdict">On the set.</param>
/// <param name="Bars">What stands in the way, in sentences; empty where the certificate is granted.</param>
/// <param name="Certificate">Null where anything bars it.</param>
public sealed record Certification(RunVerdict Verdict, IReadOnlyList<string> Bars, Certificate? Certificate)
{
    /// <summary>Midnights that a certificate takes: ten of ten that held say P(miss) ≤ 25.9 % with 95 % confidence.</summary>
    public const int MidnightsNeeded = 10;

    /// <summary>The check that needs a calibration of the generator on its machine.</summary>
    private const string Calibration = "V12";

    private static readonly TimeSpan Life = TimeSpan.FromDays(90);

    /// <summary>Certifies a set, or says what bars it.</summary>
    /// <param name="set">Its midnights in order; at least one.</param>
    /// <param name="ledger">All attempts known.</param>
    /// <param name="judge">Decides a record; null: <see cref="Judge.Decide"/>.</param>
    public static Certification Of(IReadOnlyList<StoredMidnight> set, LedgerBook ledger, Func<RunRecord, RunVerdict>? judge = null)
    {
        judge ??= Judge.Decide;
        RunVerdict[] verdicts = [.. set.Select(m => judge(m.Record))];
        JudgedRun[] judged = [.. set.Select((m, i) => new JudgedRun(m.Record, verdicts[i]))];
        RunVerdict verdict = SetJudge.Decide(judged, set.Max(m => m.Record.Summary.Set?.Of ?? 1));
        string[] bars =
        [
            .. VerdictBars(verdict, verdicts, set),
            .. SetBars(set, ledger),
            .. LookBars(judged),
            .. HistoryBars(set, ledger),
            .. set.SelectMany((m, i) => EvidenceChecks.Of(m, verdicts[i], ledger)),
        ];
        return new Certification(verdict, bars, bars.Length == 0 ? Grant(set, verdict, verdicts, ledger) : null);
    }

    private static IEnumerable<string> VerdictBars(RunVerdict verdict, IReadOnlyList<RunVerdict> verdicts, IReadOnlyList<StoredMidnight> set)
    {
        if (verdict.Outcome != Outcome.Pass)
        {
            yield return $"The verdict is {VerdictText.Word(verdict.Outcome)}; only a PASS is certified.";
        }

        RunSummary first = set[0].Record.Summary;
        if (first.Profile.Claim is null)
        {
            yield return "The profile makes no claim.";
        }
        else if (set.FirstOrDefault(m => m.Record.Summary.ClaimNotTested is not null)?.Record.Summary.ClaimNotTested is { } why)
        {
            yield return $"The claim was not tested: {why}.";
        }

        if (first.Profile.Compress != 1)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"The load was played {first.Profile.Compress:0.###} times faster than life; only real time (compress: 1) is certified.");
        }

        if (set.Count < MidnightsNeeded)
        {
            yield return $"A certificate takes {MidnightsNeeded} midnights (claim.repeats or --repeat), this set has {set.Count}.";
        }

        ValidityCheck?[] unfit = [.. verdicts.Select(v => v.Checks.FirstOrDefault(c => c.Id == Calibration)).Where(c => c is not { Holds: true })];
        if (unfit.Length > 0)
        {
            yield return $"{Calibration}: {unfit.Length} of {set.Count} midnights have no calibration of the generator that fits"
                + (unfit[0] is { } check ? $": {check.Measured}; must be {check.Bound}." : ".");
        }

        if (set.Any(m => m.Record.Summary.ToolBuild is null))
        {
            yield return "A run does not name the build of the tool that made it.";
        }
    }

    /// <summary>A set is what was begun as one: all its midnights, none twice, with seeds that count up, of one thing on one target.</summary>
    private static IEnumerable<string> SetBars(IReadOnlyList<StoredMidnight> set, LedgerBook ledger)
    {
        RunSummary first = set[0].Record.Summary;
        string? id = first.Set?.Id;
        int repeats = first.Set?.Of ?? 1;
        bool whole = id is not null && set.Count == set[^1].Record.Summary.Set?.Of
            && set.Select((m, i) => m.Record.Summary.Set == new MidnightSet(id, i + 1, ClaimLooks.MidnightsAfter(ClaimLooks.LookOf(i + 1, repeats), repeats))).All(same => same);
        if (!whole)
        {
            yield return "These are not all midnights of one set (run --repeat), each once and in order.";
            yield break;
        }

        if (set.Where((m, i) => m.Record.Summary.Seed != first.Seed + (ulong)i).Any())
        {
            yield return "The seeds of the set do not count up.";
        }

        if (set.Any(m => m.Record.Summary.ProfileHash != first.ProfileHash || m.Record.Summary.Scale != first.Scale
            || m.Record.Summary.Target.Name != first.Target.Name || m.Record.Summary.ToolBuild != first.ToolBuild))
        {
            yield return "The midnights differ in profile, scale, target or build of the tool.";
        }

        int[] elsewhere = [.. ledger.Attempts.Where(a => a.Terms.Set == id && set.All(m => m.Record.Summary.Attempt != a.Number)).Select(a => a.Number)];
        if (elsewhere.Length > 0)
        {
            yield return $"Attempt {string.Join(", ", elsewhere)} of this set is in the ledger and not among the evidence.";
        }
    }

    /// <summary>A set is only looked at again while it is open, and not more often than the claim registered.</summary>
    private static IEnumerable<string> LookBars(IReadOnlyList<JudgedRun> set)
    {
        int repeats = set[0].Record.Summary.Set?.Of ?? 1, registered = set[0].Record.Summary.Profile.Claim?.Looks ?? 1;
        int looks = ClaimLooks.LookOf(set.Count, repeats);
        if (looks > registered)
        {
            yield return $"The set was looked at {looks} times, the claim registered {registered}.";
        }

        for (int look = 1; look < looks; look++)
        {
            int midnights = ClaimLooks.MidnightsAfter(look, repeats);
            Outcome then = SetJudge.Decide([.. set.Take(midnights)], midnights).Outcome;
            if (then != Outcome.Inconclusive)
            {
                yield return $"Look {look} had decided: {VerdictText.Word(then)} after {midnights} midnights. What came later is no part of that set.";
            }
        }
    }

    /// <summary>The verdict is of all attempts: whoever runs until it is green has been red.</summary>
    private static IEnumerable<string> HistoryBars(IReadOnlyList<StoredMidnight> set, LedgerBook ledger)
    {
        AttemptTerms claim = TermsOf(set[0], ledger);
        int[] failed = [.. ledger.Attempts.Where(a => a.End is { IsFail: true } && a.Terms.SameClaim(claim)).Select(a => a.Number)];
        if (failed.Length > 0)
        {
            yield return $"Attempt {string.Join(", ", failed)} at the same claim on the same target FAILED, and the verdict is of all attempts. "
                + "If the target has changed since, its new identity (--target-id) makes it another target.";
        }
    }

    private static Certificate Grant(IReadOnlyList<StoredMidnight> set, RunVerdict verdict, IReadOnlyList<RunVerdict> verdicts, LedgerBook ledger)
    {
        RunSummary first = set[0].Record.Summary;
        RunSummary last = set[^1].Record.Summary;
        Claim claim = first.Profile.Claim!;
        AttemptHistory history = HistoryOf(set, ledger, claim);
        CertifiedRisk risk = RiskOf(set, ledger);
        bool amber = first.Target.SameHost || first.Target.Id is null;
        return new Certificate
        {
            Format = Certificate.CurrentFormat,
            Sentence = CertificateText.Sentence(first, risk),
            Light = amber ? CertificateLight.Amber : CertificateLight.Green,
            LightReason = first.Target.SameHost
                ? "PASS, of a process on the generator's own host: not a deployment claim."
                : amber ? "PASS, of a target that nobody named." : "PASS.",
            Claim = new CertifiedClaim(
                claim.Text,
                first.Scale,
                first.Plan.PeakRatePerSecond,
                first.Plan.PeakRatePerSecond / first.Scale,
                first.Profile.Reference,
                claim.Confidence,
                claim.Repeats,
                claim.Looks,
                first.Profile.Slo,
                first.Profile.Recoveries),
            Risk = risk,
            Basis = new CertificateBasis(
                first.ProfileHash, Registration.HashOf(first.Profile.Slo), ledger.Attempts[first.Attempt!.Value - 1].OpenedUtc, first.T0Utc, first.Tool, first.ToolBuild!),
            History = history,
            Midnights = [.. set.Select((m, i) => MidnightOf(m, verdicts[i]))],
            Pooled = verdict.Pooled,
            Target = first.Target,
            Environment = first.Environment,
            NotClaimed = CertificateText.NotClaimed(first, verdict, risk, history),
            ExpiresUtc = last.T0Utc + Life,
        };
    }

    private static AttemptHistory HistoryOf(IReadOnlyList<StoredMidnight> set, LedgerBook ledger, Claim registered)
    {
        double alpha = 1 - registered.Confidence;
        AttemptTerms claim = TermsOf(set[0], ledger);
        int before = set[0].Record.Summary.Attempt!.Value - 1;

        // Every set counts, void and unfinished ones too: each could have been the one that passed. What offered nothing could not.
        // The looks within one set share out α between them; sets do not.
        var sets = ledger.Attempts.Where(a => a.Terms.SameClaim(claim) && a.End is not { Offered: false }).GroupBy(a => a.Terms.Set).ToList();
        int looks = sets.Sum(s => ClaimLooks.LookOf(s.Max(a => a.Terms.Of), s.Min(a => a.Terms.Of)));
        return new AttemptHistory(
            before == 0 ? "no earlier attempts known" : $"{before} earlier attempt{(before == 1 ? "" : "s")} known",
            ledger.Head,
            looks,
            ClaimLooks.LevelOf(registered.Looks, alpha),
            1 - Math.Pow(1 - alpha, sets.Count),
            [.. ledger.Attempts.Select(a => new AttemptLine(a.Number, a.RunId, a.State, a.Terms.SameClaim(claim), a.Terms.Set == claim.Set))]);
    }

    private static CertifiedRisk RiskOf(IReadOnlyList<StoredMidnight> set, LedgerBook ledger)
    {
        const double alpha = 0.05;
        AttemptTerms claim = TermsOf(set[0], ledger);
        int unresolved = ledger.Attempts.Count(a => a.Terms.Set != claim.Set && a.Terms.SameClaim(claim) && a.IsUnresolved);
        return new CertifiedRisk(
            set.Count,
            RepeatVerdict.MissBound(set.Count),
            unresolved,
            unresolved == 0 ? RepeatVerdict.MissBound(set.Count) : BinomialBounds.Upper(unresolved, set.Count + unresolved, alpha));
    }

    private static CertifiedMidnight MidnightOf(StoredMidnight midnight, RunVerdict verdict)
    {
        RunSummary run = midnight.Record.Summary;
        return new CertifiedMidnight(
            run.Attempt!.Value,
            run.RunId,
            run.T0Utc,
            run.Seed.ToString(CultureInfo.InvariantCulture),
            run.Plan.Fingerprint,
            run.Plan.Planned.Sum(p => p.Sum()),
            midnight.Files,
            verdict.Slos,
            verdict.Recoveries,
            verdict.Spikes,
            verdict.Checks);
    }

    /// <summary>As the ledger was told before the run; as the run says where the ledger does not know it, which bars the certificate anyway.</summary>
    private static AttemptTerms TermsOf(StoredMidnight midnight, LedgerBook ledger)
    {
        RunSummary run = midnight.Record.Summary;
        return ledger.Attempts.FirstOrDefault(a => a.Number == run.Attempt && a.RunId == run.RunId)?.Terms
            ?? Registration.TermsOf(run, run.Set ?? new MidnightSet(run.RunId, 1, 1));
    }
}
