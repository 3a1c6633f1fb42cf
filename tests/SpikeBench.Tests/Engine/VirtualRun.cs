using SpikeBench.Core.Engine;
using SpikeBench.Core.Profiles;
using SpikeBench.Core.Recording;
using SpikeBench.Core.Schedule;

namespace SpikeBench.Tests.Engine;

/// <summary>Runs a worker in virtual time and makes the run's record, as a real run would.</summary>
internal sealed record VirtualRun
{
    private const long SecondNs = 1_000_000_000;

    public required IReadOnlyList<long> TimesNs { get; init; }

    public required long DurationNs { get; init; }

    public IReadOnlyList<SloRule> Slo { get; init; } = [new SloRule("*", "*", 0.001, 200_000_000, "p99.9 <= 200ms")];

    public long DeadlineNs { get; init; } = 10 * SecondNs;

    public int Slots { get; init; } = 100_000;

    public CancellationToken Stop { get; init; }

    /// <summary>Where the plan says that its rate is steep.</summary>
    public IReadOnlyList<Stretch> Edges { get; init; } = [];

    /// <summary>Two phases, cut here; 0: one.</summary>
    public long CutNs { get; init; }

    public RunRecord Run(Func<VirtualClock, VirtualLane> target)
    {
        var clock = new VirtualClock();
        using VirtualLane lane = target(clock);
        Phase[] phases = CutNs == 0 ? [new("all", 0, DurationNs)] : [new("first", 0, CutNs), new("second", CutNs, DurationNs)];
        IReadOnlyList<long> thresholds = RecordingPlan.CountedNs(ProfileOf(), DeadlineNs);
        long drainNs = DeadlineNs + SecondNs;
        var plan = new RecordingPlan(phases, 1, thresholds, drainNs, DeadlineNs);
        var recorder = new RunRecorder(plan, 1);
        var options = new EngineOptions { T0Ns = 0, DeadlineNs = DeadlineNs, DrainNs = drainNs, SlotsPerWorker = Slots };
        Arrival[] arrivals = [.. TimesNs.Select((t, i) => new Arrival(i, t, 0, 0, CutNs > 0 && t >= CutNs ? 1 : 0))];
        var worker = new Worker(options, new ListedArrivals(arrivals), lane, clock, new SingleAttempt(), recorder.ForWorker(0));
        worker.Run(DurationNs, Stop);

        var taker = new IntervalTaker(recorder, null);
        taker.Take(clock.NowNs);
        RunBooks books = recorder.Close();
        var fingerprint = default(PlanFingerprint);
        foreach (Arrival arrival in arrivals)
        {
            fingerprint.Add(arrival);
        }

        return new RunRecord
        {
            Cells = books.Cells,
            Seconds = taker.Seconds,
            Totals = books.Totals,
            Batches = books.Batches,
            ErrorSeconds = books.ErrorSeconds,
            Summary = new RunSummary
            {
                RunId = "virtual",
                Tool = "test",
                Command = "test",
                T0Utc = DateTimeOffset.UnixEpoch,
                Profile = ProfileOf(),
                ProfileHash = "",
                Scale = 1,
                Seed = 1,
                Plan = new PlanSummary(
                    fingerprint.ToString(), DurationNs, TimesNs.Count / (DurationNs / 1e9), phases, ["call"],
                    [.. phases.Select((_, p) => (IReadOnlyList<long>)[arrivals.Count(a => a.Phase == p)])], Edges),
                ThresholdsNs = thresholds,
                DeadlineNs = DeadlineNs,
                DrainNs = drainNs,
                Driver = new DriverSummary("virtual", 1, 1, Slots, worker.PeakInFlight, true),
                Target = new TargetSummary("virtual", null, false),
                OfferedFingerprint = books.Offered.ToString(),
                Errors = [],
                Interrupted = Stop.IsCancellationRequested ? "interrupted by the test" : null,
                Health = new GeneratorHealth(0, 0, 0, 0, 0),
                Environment = new EnvironmentSummary("", "", "", 1, ""),
            },
        };
    }

    private Profile ProfileOf() => new()
    {
        Name = "virtual",
        Reference = new ReferenceRate(100, SecondNs, "test", null),
        Load = [new HoldStep(100, DurationNs, "all")],
        Operations = [new Operation("call", 1, "a/b", Payload.Empty)],
        Slo = Slo,
        Claim = new Claim("holds", 1, 0.95, 1),
    };
}
