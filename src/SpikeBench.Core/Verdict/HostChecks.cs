using SpikeBench.Core.Profiles;
using SpikeBench.Core.Recording;

namespace SpikeBench.Core.Verdict;

/// <summary>
/// The checks of the generator's machine and process: the tail's own share, hold-ups, processor, collections, connections, clock,
/// place and calibration. A check of something that was not recorded is left out.
/// </summary>
internal static class HostChecks
{
    private const double TailShare = 0.10;
    private const double MostCpu = 0.70;
    private const double MostSteal = 0.01;
    private const double MostRunDelay = 0.05;

    /// <summary>Units of /proc/stat in a second: USER_HZ, which is part of the kernel's interface and 100 on every platform of .NET.</summary>
    private const double StatTicksPerSecond = 100;

    /// <summary>The kinds of time that /proc/stat divides a processor's whole into.</summary>
    private const double StatKinds = 8;

    private const double StreamsInUse = 0.70;
    private const double ConnectionMargin = 1.2;

    /// <summary>Allowed by most servers on a connection; taken where the peer said nothing or nobody asked.</summary>
    private const int UsualStreams = 100;

    private const double RateMargin = 1.2;

    // The two clocks are read within 20 µs of each other; a short run must not break the bound by how they are read.
    private const double MostDriftNsPerMinute = 1_000_000;

    /// <summary>V10: whether the run's one clock can be believed.</summary>
    public static IEnumerable<ValidityCheck> Fatal(RunRecord run)
    {
        if (run.Summary.Health is not { ClockDriftNs: { } drift } health)
        {
            yield break;
        }

        double bound = MostDriftNsPerMinute * Math.Max(1, health.WallSeconds / 60);
        long worst = Math.Max(Math.Abs(drift), Math.Abs(health.ClockStepNs ?? 0));
        yield return new ValidityCheck(
            "V10", "the wall clock kept pace with the run's clock", $"off by {Units.Duration(worst)}", $"at most {Units.Duration(bound)}",
            worst <= bound, CheckConsequence.VoidsAll);
    }

    public static IEnumerable<ValidityCheck> All(RunRecord run, IReadOnlyList<SloCase> cases)
    {
        yield return Tail(run, cases);
        if (run.Hiccups is { TotalCount: > 0 })
        {
            yield return HoldUps(run, cases);
        }

        if (run.Host.Count > 0)
        {
            yield return Processor(run);
            yield return Collections(run, cases);
        }

        yield return Streams(run);
        if (run.Summary.Driver.LocalFailures is { } failures)
        {
            yield return new ValidityCheck(
                "V9", "descriptors and ports sufficed", $"{Units.Count(failures)} connections refused by this machine", "0 connections", failures == 0,
                CheckConsequence.VoidsFailThatFlips);
        }

        yield return new ValidityCheck(
            "V11", "where the target ran", run.Summary.Target.SameHost ? "on the generator's host: every FAIL was tried without the generator's share" : "on another host",
            "any; on the same host a FAIL must stand without the generator's share", true, CheckConsequence.VoidsFailThatFlips);
        yield return CalibrationOf(run, cases);
    }

    /// <summary>V4: among the calls near or over a threshold, the share of their time that they spent waiting to be sent.</summary>
    private static ValidityCheck Tail(RunRecord run, IReadOnlyList<SloCase> cases)
    {
        (double worst, string where) = (0, "no call near its threshold");
        foreach (SloCase c in cases.Where(c => c.Threshold >= 0))
        {
            (int first, int end) = run.Cells.Grid.OfPhase(c.Phase);
            double response = run.Cells.Sum(first, end, c.Operation, c.Threshold, ThresholdField.TailResponseUs);
            double lateness = run.Cells.Sum(first, end, c.Operation, c.Threshold, ThresholdField.TailLatenessUs);
            if (response > 0 && lateness / response >= worst)
            {
                worst = lateness / response;
                where = $"{Units.Percent(worst)} of the time of calls over {Units.Duration(c.LimitNs * 0.8)} in {run.Plan.Phases[c.Phase].Name}";
            }
        }

        return new ValidityCheck(
            "V4", "the tail is not the generator's lateness", where, $"at most {Units.Percent(TailShare)}", worst <= TailShare, CheckConsequence.VoidsFailThatFlips);
    }

    /// <summary>V5: a thread that only wanted to wake each millisecond did; what holds it up also stamps ends late.</summary>
    private static ValidityCheck HoldUps(RunRecord run, IReadOnlyList<SloCase> cases)
    {
        SloCase? tightest = cases.Where(c => c.IsTimed).MinBy(c => c.LimitNs);
        long toleratedNs = Tolerated(run, cases);
        double budget = GeneratorChecks.LateShare * (cases.Count == 0 ? 0.001 : (tightest ?? cases[0]).Rule.Budget);
        long late = run.Hiccups!.TotalCount - run.Hiccups.CountAtOrBelow(toleratedNs);
        return new ValidityCheck(
            "V5",
            "the generator's threads were not held up",
            $"{Units.Count(late)} of {Units.Count(run.Hiccups.TotalCount)} ticks later than {Units.Duration(toleratedNs)}, the latest {Units.Duration(run.Hiccups.Max)}",
            $"at most {Units.Count(Math.Floor(budget * run.Hiccups.TotalCount))}",
            late <= budget * run.Hiccups.TotalCount,
            CheckConsequence.VoidsFailThatFlips);
    }

    /// <summary>
    /// Somewhere more than the bound was read as stolen, though the clock may be all there is to it. V6 tells what is beyond the clock's
    /// resolution; a FAIL is put to the flip test from here on, for what may have caused it must not have.
    /// </summary>
    public static bool IsStealInDoubt(RunRecord run) => run.Host.Any(h => h.StealShare > MostSteal);

    /// <summary>
    /// The least share of a second's time that was stolen where /proc/stat reads so much.
    /// </summary>
    /// <remarks>
    /// Each counter is the time in nanoseconds, cut to whole ticks of 1/C s, so a difference of two readings is off by less than one tick.
    /// For k processors over d seconds the reading is r = M/T, M ticks stolen of T; the true share is s = S/(k·C·d) with S > M − k, and
    /// T > k·(C·d − 8) for the eight kinds of time:
    /// <code>
    /// s > (r·k·(C·d − 8) − k) / (k·C·d) = r − (1 + 8r)/(C·d)        in one second 1 % read may be nothing, 3 % are at least 1.76 %
    /// </code>
    /// </remarks>
    private static double LeastStolen(HostSecond row)
    {
        double read = row.StealShare ?? 0;
        return read - (1 + StatKinds * read) / (StatTicksPerSecond * Math.Max(1, row.EndNs - row.StartNs) / 1e9);
    }

    /// <summary>V6: there was processor time to spare, and nobody else took it.</summary>
    private static ValidityCheck Processor(RunRecord run)
    {
        double cpu = run.Host.Max(h => h.ProcessCpuShare);
        double steal = run.Host.Max(h => h.StealShare ?? 0);
        double delay = run.Host.Max(h => (h.WorkerRunDelayNs ?? 0) / (double)Math.Max(1, h.EndNs - h.StartNs));
        return new ValidityCheck(
            "V6",
            "the generator had processor time to spare",
            $"in the worst second {Units.Percent(Math.Round(cpu, 3))} of its cores in use, {Units.Percent(Math.Round(steal, 4))} stolen, a worker in line for {Units.Percent(Math.Round(delay, 3))}",
            $"at most {Units.Percent(MostCpu)}, {Units.Percent(MostSteal)} beyond what ticks of 10 ms resolve, {Units.Percent(MostRunDelay)}",
            cpu <= MostCpu && run.Host.All(h => LeastStolen(h) <= MostSteal) && delay <= MostRunDelay,
            CheckConsequence.VoidsFailThatFlips);
    }

    /// <summary>V7: no second lost more than a tenth of a threshold to collections.</summary>
    private static ValidityCheck Collections(RunRecord run, IReadOnlyList<SloCase> cases)
    {
        long worst = run.Host.Max(h => h.GcPauseNs);
        long toleratedNs = Tolerated(run, cases);
        return new ValidityCheck(
            "V7", "collections did not stop the generator", $"{Units.Duration(worst)} in the worst second, {Units.Count(run.Host.Sum(h => h.Collections))} collections",
            $"at most {Units.Duration(toleratedNs)}", worst <= toleratedNs, CheckConsequence.VoidsFailThatFlips);
    }

    /// <summary>
    /// V8: calls that waited for a stream are the target's doing if the connections could carry the peak: ceil(1.2 · peak · deadline /
    /// (0.7 · streams per connection)) of them.
    /// </summary>
    private static ValidityCheck Streams(RunRecord run)
    {
        RunSummary summary = run.Summary;
        long waited = run.Cells.Sum(0, run.Cells.Grid.PlanCells, -1, CellField.StreamWaited);
        int streams = summary.Driver.StreamsPerConnection is { } said and > 0 ? said : UsualStreams;
        long needed = (long)Math.Ceiling(ConnectionMargin * summary.Plan.PeakRatePerSecond * (summary.DeadlineNs / 1e9) / (StreamsInUse * streams));
        return new ValidityCheck(
            "V8",
            "connections sufficed for the peak",
            $"{Units.Count(waited)} calls waited for a stream, {Units.Count(summary.Driver.Connections)} connections of {Units.Count(streams)} streams",
            $"0 calls, or {Units.Count(needed)} connections",
            waited == 0 || summary.Driver.Connections >= needed,
            CheckConsequence.VoidsFailThatFlips);
    }

    /// <summary>V12: at 1.2 times the peak against a service that does nothing, 1 − 0.1ε of the calls take at most 0.1τ.</summary>
    private static ValidityCheck CalibrationOf(RunRecord run, IReadOnlyList<SloCase> cases)
    {
        const string what = "the generator alone is fast enough";
        double rate = RateMargin * run.Summary.Plan.PeakRatePerSecond;
        SloCase? tightest = cases.Where(c => c.IsTimed).MinBy(c => c.LimitNs);
        long toleratedNs = Tolerated(run, cases);
        string bound = $"{Units.Duration(toleratedNs)} at {Units.Rate(rate)} or more";
        if (run.Summary.Calibration is not { } calibration)
        {
            return new ValidityCheck("V12", what, "no calibration that fits", bound, false, CheckConsequence.BarsCertificate);
        }

        double share = GeneratorChecks.LateShare * (tightest?.Rule.Budget ?? 0.01);
        (string name, long measuredNs) = share >= 0.01 ? ("p99", calibration.ResponseP99Ns)
            : share >= 0.001 ? ("p99.9", calibration.ResponseP999Ns)
            : ("p99.99", calibration.ResponseP9999Ns);
        return new ValidityCheck(
            "V12",
            what,
            $"{name} {Units.Duration(measuredNs)} at {Units.Rate(calibration.RatePerSecond)} against a service that does nothing, {Units.Count(calibration.Bad)} of {Units.Count(calibration.Calls)} calls bad",
            bound,
            measuredNs <= toleratedNs && calibration.RatePerSecond >= rate * (1 - 1e-9) && calibration.Bad <= share * calibration.Calls,
            CheckConsequence.BarsCertificate);
    }

    /// <summary>A tenth of the tightest threshold, or of the deadline where no SLO has one.</summary>
    private static long Tolerated(RunRecord run, IReadOnlyList<SloCase> cases) =>
        (long)(GeneratorChecks.LateShare * cases.Select(c => c.LimitNs).DefaultIfEmpty(run.Summary.DeadlineNs).Min());
}
