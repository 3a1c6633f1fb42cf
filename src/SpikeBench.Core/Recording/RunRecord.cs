using System.Text.Json.Serialization;
using SpikeBench.Core.Engine;
using SpikeBench.Core.Profiles;
using SpikeBench.Core.Schedule;
using SpikeBench.Histograms;

namespace SpikeBench.Core.Recording;

/// <summary>
/// Everything that is known of a run, live or read back from its folder. Judge and reports read only this.
/// </summary>
public sealed record RunRecord
{
    /// <summary>What stands in <c>run.json</c>.</summary>
    public required RunSummary Summary { get; init; }

    /// <summary>Exact counters; <c>timeline.csv</c>.</summary>
    public required CellTable Cells { get; init; }

    /// <summary>Percentiles per second of completion, from the same intervals as <c>intervals.hlog</c>.</summary>
    public required IReadOnlyList<SecondSummary> Seconds { get; init; }

    /// <summary>Whole-run histograms by <see cref="RecordingPlan.HistogramIndex"/>.</summary>
    public required IReadOnlyList<Histogram> Totals { get; init; }

    /// <summary>Batch histograms by <see cref="RecordingPlan.BatchIndex"/>; <c>batches.hlog</c>.</summary>
    public required IReadOnlyList<Histogram> Batches { get; init; }

    /// <summary>Errors by second and status; <c>errors.csv</c>. Null for a run that was stored without, or did not finish.</summary>
    public StatusSeconds? ErrorSeconds { get; init; }

    /// <summary>The generator's condition per second; <c>host.csv</c>. Empty where it was not recorded.</summary>
    public IReadOnlyList<HostSecond> Host { get; init; } = [];

    /// <summary>
    /// How late each tick of a 1 ms ticker was, in nanoseconds, over the whole run; <c>hiccups.hlog</c>. Null where it was not recorded.
    /// </summary>
    public Histogram? Hiccups { get; init; }

    /// <summary>Series of other instruments beside the run; <c>observed.csv</c>. Empty where none were asked for.</summary>
    public IReadOnlyList<ObservedSeries> Observed { get; init; } = [];

    /// <summary>The shape of the books.</summary>
    public RecordingPlan Plan => Summary.RecordingPlan;

    /// <summary>The histogram of one kind over some phase and operation; −1 means all.</summary>
    public Histogram Distribution(int phase, int operation, TimeKind kind)
    {
        RecordingPlan plan = Plan;
        Histogram sum = RecordingPlan.NewHistogram();
        for (int p = 0; p < plan.Phases.Count; p++)
        {
            for (int o = 0; o < plan.Operations; o++)
            {
                if ((phase < 0 || p == phase) && (operation < 0 || o == operation))
                {
                    sum.Add(Totals[plan.HistogramIndex(p, o, kind)]);
                }
            }
        }

        return sum;
    }
}

/// <summary>The part of a run's record that is one JSON document.</summary>
public sealed record RunSummary
{
    /// <summary>The schema that this version writes and reads.</summary>
    public const int CurrentSchema = 1;

    /// <summary>The document's schema; a reader refuses one that it does not know.</summary>
    public int SchemaVersion { get; init; } = CurrentSchema;

    /// <summary>The run's name: profile and UTC time; also its folder's name.</summary>
    public required string RunId { get; init; }

    /// <summary>Name and version of the tool that ran.</summary>
    public required string Tool { get; init; }

    /// <summary>The hash of the tool's own files; null in runs from before it was kept.</summary>
    public string? ToolBuild { get; init; }

    /// <summary>A program of its own made the run, not the command line: no ledger counts it, and nobody measured the generator before it.</summary>
    public bool FromCode { get; init; }

    /// <summary>The run's number in the ledger of attempts; null where there is no ledger.</summary>
    public int? Attempt { get; init; }

    /// <summary>The set of midnights that the run belongs to; null for a run on its own.</summary>
    public MidnightSet? Set { get; init; }

    /// <summary>The command line, secrets redacted.</summary>
    public required string Command { get; init; }

    /// <summary>T0 in UTC: intended times count from it.</summary>
    public required DateTimeOffset T0Utc { get; init; }

    /// <summary>The profile as it was resolved: file, flags and defaults.</summary>
    public required Profile Profile { get; init; }

    /// <summary>SHA-256 of the resolved profile's canonical JSON, fixed before the run.</summary>
    public required string ProfileHash { get; init; }

    /// <summary>The multiple of the profile's load that was offered.</summary>
    public required double Scale { get; init; }

    /// <summary>The seed of this run's draws; repeats count up from the profile's.</summary>
    public required ulong Seed { get; init; }

    /// <summary>The <c>stop_if</c> rule that ended the load early, with what it saw; null where none did.</summary>
    public string? StoppedBy { get; init; }

    /// <summary>Why the run does not test the profile's claim; null when it does.</summary>
    public string? ClaimNotTested { get; init; }

    public required PlanSummary Plan { get; init; }

    /// <summary>The times that calls were counted against exactly, in nanoseconds; see <see cref="RecordingPlan.CountedNs"/>.</summary>
    public required IReadOnlyList<long> ThresholdsNs { get; init; }

    /// <summary>Per attempt after compression, in nanoseconds.</summary>
    public required long DeadlineNs { get; init; }

    /// <summary>How long calls could end after the plan's end, in nanoseconds.</summary>
    public required long DrainNs { get; init; }

    public required DriverSummary Driver { get; init; }

    public required TargetSummary Target { get; init; }

    /// <summary>How the target was reached and what calls carried, without secrets; null in runs from before it was kept.</summary>
    public CallsSummary? Calls { get; init; }

    /// <summary>The fingerprint of the calls that the workers came to; the plan's own when the run offered the plan.</summary>
    public required string OfferedFingerprint { get; init; }

    /// <summary>Errors by phase, operation and status.</summary>
    public required IReadOnlyList<ErrorCount> Errors { get; init; }

    /// <summary>Why the load ended early; null when it ran to its end.</summary>
    public string? Interrupted { get; init; }

    /// <summary>What was sent before T0 to warm both sides up and is in no other count; null where it was not kept.</summary>
    public WarmUpSummary? WarmUp { get; init; }

    /// <summary>
    /// False until the books are closed: what is read back then is the part that was written while the run went on.
    /// </summary>
    public bool Finished { get; init; } = true;

    /// <summary>
    /// SHA-256 of the files by name, so that a change made later is noticed; that of <c>run.json</c> is of its text with zeros in its own
    /// place. Empty where they were not kept.
    /// </summary>
    public IReadOnlyDictionary<string, string> Files { get; init; } = new Dictionary<string, string>();

    public required GeneratorHealth Health { get; init; }

    /// <summary>What the generator did against nothing on this machine; null where the run had no calibration that fits.</summary>
    public Calibration? Calibration { get; init; }

    public required EnvironmentSummary Environment { get; init; }

    [JsonIgnore]
    public RecordingPlan RecordingPlan => new(Plan.Phases, Plan.Operations.Count, ThresholdsNs, DrainNs, DeadlineNs);
}

/// <summary>The plan's shape and counts.</summary>
/// <param name="Fingerprint">Of every planned call; the plan's hash.</param>
/// <param name="DurationNs">The plan's length.</param>
/// <param name="PeakRatePerSecond">The largest λ, in calls per second.</param>
/// <param name="Phases">Adjacent, from T0.</param>
/// <param name="Operations">The operations' names.</param>
/// <param name="Planned">Planned calls by [phase][operation].</param>
/// <param name="Edges">Where the planned rate is steep; see <see cref="RateEdges"/>.</param>
public sealed record PlanSummary(
    string Fingerprint,
    long DurationNs,
    double PeakRatePerSecond,
    IReadOnlyList<Phase> Phases,
    IReadOnlyList<string> Operations,
    IReadOnlyList<IReadOnlyList<long>> Planned,
    IReadOnlyList<Stretch> Edges)
{
    /// <summary>The most copies of a closed load, which has no plan: then the counts are those of the calls that its copies made.</summary>
    public int? ClosedCopies { get; init; }

    /// <summary>The summary of a plan.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="counts">Its counts.</param>
    /// <param name="operations">The operations' names.</param>
    public static PlanSummary Of(LoadPlan plan, PlanCounts counts, IReadOnlyList<string> operations) => new(
        counts.Fingerprint.ToString(), plan.DurationNs, plan.Schedule.Curve.PeakRate, plan.Phases, operations, PerPhase(counts), RateEdges.Of(plan.Schedule.Curve))
    {
        ClosedCopies = plan.Closed?.MostCopies,
    };

    /// <summary>The same plan with other counts: a closed load's are known when it is over.</summary>
    public PlanSummary With(PlanCounts counts) => this with { Fingerprint = counts.Fingerprint.ToString(), Planned = PerPhase(counts) };

    private static IReadOnlyList<IReadOnlyList<long>> PerPhase(PlanCounts counts) =>
        [.. Enumerable.Range(0, counts.PerPhase.GetLength(0)).Select(p => (IReadOnlyList<long>)[.. Enumerable.Range(0, counts.PerPhase.GetLength(1)).Select(o => counts.PerPhase[p, o])])];
}

/// <summary>How calls were made.</summary>
/// <param name="Name">The driver.</param>
/// <param name="Workers">Worker threads.</param>
/// <param name="Connections">Connections of all workers.</param>
/// <param name="Slots">Operations that could be in flight at once, all workers together.</param>
/// <param name="PeakInFlight">The most that any one worker had in flight.</param>
/// <param name="KnowsOnWire">Whether service time counts from the wire; else from dispatch.</param>
public sealed record DriverSummary(string Name, int Workers, int Connections, int Slots, int PeakInFlight, bool KnowsOnWire)
{
    /// <summary>Which processors the workers were pinned to, or why none; null where that was not recorded.</summary>
    public string? Placement { get; init; }

    /// <summary>The workers' processors such as <c>2-3</c>; null where they were not pinned.</summary>
    public string? WorkerCpus { get; init; }

    /// <summary>The processors that an own target was confined to; null where it was not.</summary>
    public string? TargetCpus { get; init; }

    /// <summary>What happened on the connections; null where the driver cannot know.</summary>
    public DriverCounters? Counters { get; init; }

    /// <summary>The fewest calls at once that a peer's settings allowed on a connection; null where the driver does not know.</summary>
    public int? StreamsPerConnection { get; init; }

    /// <summary>
    /// Connections that this machine refused to make: no descriptor, no port, no memory for a socket; null where the driver does not know.
    /// </summary>
    public long? LocalFailures { get; init; }

    /// <summary>Calls that failed because no connection stood while this machine refused to make one; null where the driver does not know.</summary>
    public long? CallsLostToLocalFailures { get; init; }
}

/// <summary>What this generator did against nothing at all, before the run and on the same machine: its own ceiling and lateness.</summary>
/// <param name="Machine">Host, system, runtime and cores.</param>
/// <param name="Tool">Name and version of the tool.</param>
/// <param name="Driver">The driver that was calibrated.</param>
/// <param name="MeasuredUtc">When.</param>
/// <param name="RatePerSecond">The rate of the calls to the null service: at least 1.2 times the run's peak.</param>
/// <param name="Calls">Calls made to the null service.</param>
/// <param name="Bad">How many of them did not end OK.</param>
/// <param name="ResponseP50Ns">Response time of the null service, in nanoseconds.</param>
/// <param name="ResponseP99Ns">The same, 99 %.</param>
/// <param name="ResponseP999Ns">The same, 99.9 %.</param>
/// <param name="ResponseP9999Ns">The same, 99.99 %.</param>
/// <param name="LatenessP999Ns">How late 99.9 % of the null lane's calls were at most, at the same rate, in nanoseconds.</param>
/// <param name="CeilingPerSecond">Calls that one worker can start and book each second against a lane that does nothing.</param>
public sealed record Calibration(
    string Machine,
    string Tool,
    string Driver,
    DateTimeOffset MeasuredUtc,
    double RatePerSecond,
    long Calls,
    long Bad,
    long ResponseP50Ns,
    long ResponseP99Ns,
    long ResponseP999Ns,
    long ResponseP9999Ns,
    long LatenessP999Ns,
    double CeilingPerSecond);

/// <summary>How the target was reached and what calls carried; names of metadata, never values.</summary>
public sealed record CallsSummary
{
    /// <summary>Calls went over TLS.</summary>
    public bool Tls { get; init; }

    /// <summary>Whatever certificate the target showed was taken: nothing proves who answered.</summary>
    public bool CertificateUnchecked { get; init; }

    /// <summary>Whether a client certificate was shown.</summary>
    public bool ClientCertificate { get; init; }

    /// <summary>The name that calls carried, where it was not the address's; null where it was.</summary>
    public string? Authority { get; init; }

    /// <summary>Which messages could go compressed.</summary>
    public MessageCompression Compression { get; init; }

    /// <summary>The names of the metadata that all calls carried.</summary>
    public IReadOnlyList<string> Metadata { get; init; } = [];

    /// <summary>How often the access token was fetched again; null without one.</summary>
    public int? TokenRefreshes { get; init; }

    /// <summary>When and why it could not be fetched again: calls went on with the old one.</summary>
    public IReadOnlyList<string> TokenFailures { get; init; } = [];

    /// <summary>Operations whose messages are not the profile's own but a program's, each with its messages' hash.</summary>
    public IReadOnlyDictionary<string, string> MessagesFromCode { get; init; } = new Dictionary<string, string>();

    /// <summary>Why another driver than the best one was chosen; null where nothing stood against it.</summary>
    public string? DriverReason { get; init; }
}

/// <summary>What was called.</summary>
/// <param name="Address">Where, without credentials.</param>
/// <param name="Model">The reference messenger's capacity model, where the run started it; else null.</param>
/// <param name="SameHost">The target ran on the generator's host: a PASS is no deployment claim.</param>
public sealed record TargetSummary(string Address, string? Model, bool SameHost)
{
    /// <summary>What was tested, as the user gave it: an image's digest, a release; null where nothing was given.</summary>
    public string? Id { get; init; }

    /// <summary>What stood in for real parts of the target, as the user gave it.</summary>
    public IReadOnlyList<string> Stubs { get; init; } = [];

    /// <summary>What names the target between runs: its identity, else the reference messenger's model, else the address.</summary>
    [JsonIgnore]
    public string Name => Id ?? (Model is null ? Address : $"SpikeBench's reference messenger ({Model})");
}

/// <summary>A run's place in a set of midnights that are judged together.</summary>
/// <param name="Id">The run id of the set's first midnight.</param>
/// <param name="Midnight">From 1.</param>
/// <param name="Of">How many midnights the set was to have.</param>
public sealed record MidnightSet(string Id, int Midnight, int Of);

/// <summary>The calls of the warm-up, which a target's own counts include and the run's do not.</summary>
/// <param name="Sent">By operation.</param>
/// <param name="Ok">Those that ended OK, by operation.</param>
public sealed record WarmUpSummary(IReadOnlyList<long> Sent, IReadOnlyList<long> Ok);

/// <summary>Errors of one status.</summary>
public sealed record ErrorCount(string Phase, string Operation, string Status, long Count);

/// <summary>The generator's own condition during the load.</summary>
/// <param name="CpuSeconds">Processor time of the generator's process.</param>
/// <param name="WallSeconds">Time from T0 to the end of the drain.</param>
/// <param name="Collections">Garbage collections of any generation.</param>
/// <param name="GcPauseSeconds">Time that collections stopped all threads.</param>
/// <param name="AllocatedBytes">By all threads.</param>
public sealed record GeneratorHealth(double CpuSeconds, double WallSeconds, int Collections, double GcPauseSeconds, long AllocatedBytes)
{
    /// <summary>By the workers' threads alone, from the end of their warm-up to the end of the drain; null where it was not measured.</summary>
    public long? WorkerAllocatedBytes { get; init; }

    /// <summary>By how much the wall clock gained on the run's monotonic clock from T0 to the end; null where it was not measured.</summary>
    public long? ClockDriftNs { get; init; }

    /// <summary>The largest change between the two clocks within a second, either way; null where it was not measured.</summary>
    public long? ClockStepNs { get; init; }

    /// <summary>How many cores' worth of time the process could use; the base of <see cref="HostSecond.ProcessCpuShare"/>.</summary>
    public double? CoreShare { get; init; }
}

/// <summary>Where the generator ran.</summary>
public sealed record EnvironmentSummary(string Host, string Os, string Runtime, int Cores, string Gc)
{
    /// <summary>The processors that the process was allowed, such as <c>0-3</c>; null where the system does not tell.</summary>
    public string? AllowedCpus { get; init; }

    /// <summary>The control group's limit in cores; null without one.</summary>
    public double? CpuQuota { get; init; }

    /// <summary>Whether the runtime compiles in tiers: beside a saturated worker the better code then comes late. The tool switches it off.</summary>
    public bool? TieredCompilation { get; init; }
}

/// <summary>Percentiles of what happened in one interval of completion time, all operations together.</summary>
/// <remarks>Start and end count from T0, in nanoseconds.</remarks>
public sealed record SecondSummary(long StartNs, long EndNs, TimeSummary Response, TimeSummary Service, TimeSummary Lateness);

/// <summary>A histogram in a few numbers; nanoseconds. Response and service times are of OK calls.</summary>
public readonly record struct TimeSummary(long Count, long P50, long P90, long P99, long P999, long Max)
{
    private static readonly double[] Percentiles = [50, 90, 99, 99.9];

    /// <summary>The histogram's shape; null where only the numbers are known.</summary>
    public TimeBuckets? Buckets { get; init; }

    public static TimeSummary Of(Histogram histogram)
    {
        Span<long> values = stackalloc long[4];
        histogram.ValuesAtPercentiles(Percentiles, values);
        return new TimeSummary(histogram.TotalCount, values[0], values[1], values[2], values[3], histogram.Max)
        {
            Buckets = TimeBuckets.Of(histogram),
        };
    }
}
