using SpikeBench.Core.Engine;
using SpikeBench.Core.Evidence;
using SpikeBench.Core.Profiles;
using SpikeBench.Core.Recording;
using SpikeBench.Core.Schedule;
using SpikeBench.Tests.Engine;

namespace SpikeBench.Tests.Evidence;

/// <summary>A whole run of a compiled profile in virtual time, in memory and in its folder, as a real one leaves it.</summary>
internal sealed record PlayedRun
{
    private const long MsNs = 1_000_000;
    private const long SecondNs = 1_000_000_000;

    public ulong Seed { get; init; } = 7;

    public double Scale { get; init; } = 2;

    public MidnightSet? Set { get; init; }

    public int? Attempt { get; init; }

    public DateTimeOffset T0Utc { get; init; } = new(2026, 12, 31, 22, 59, 30, TimeSpan.Zero);

    public long ServiceNs { get; init; } = 20 * MsNs;

    public string? ClaimNotTested { get; init; }

    public TargetSummary Target { get; init; } = new("http://chat.example:50051/", null, false) { Id = "chat@sha256:4f1c" };

    public Profile Profile { get; init; } = new()
    {
        Name = "played",
        Reference = new ReferenceRate(100, SecondNs, "ordinary peak", null),
        Arrivals = ArrivalKind.Even,
        Load = [new HoldStep(50, 2 * SecondNs, "before"), new HoldStep(100, 4 * SecondNs, "spike")],
        Operations = [new Operation("send", 3, "a/Send", Payload.Empty), new Operation("read", 1, "a/Read", Payload.Empty)],
        Slo =
        [
            new SloRule("spike", "send", 0.01, 200 * MsNs, "p99 <= 200ms"),
            new SloRule("spike", "*", 0.01, null, "errors <= 1%"),
        ],
        Claim = new Claim("holds 2x the reference peak", 2, 0.95, 10),
    };

    public RunRecord Record()
    {
        LoadPlan plan = ProfileCompiler.Compile(Profile, Scale, Seed);
        PlanCounts counts = plan.Count();
        IReadOnlyList<long> thresholds = RecordingPlan.CountedNs(Profile, (long)(Profile.Client.DeadlineNs / Profile.Compress));
        var shape = new RecordingPlan(plan.Phases, plan.Operations, thresholds, 2 * SecondNs, SecondNs);
        var recorder = new RunRecorder(shape, 1);
        var clock = new VirtualClock();
        using var lane = new VirtualLane(clock, 0) { ServiceOf = _ => ServiceNs };
        var options = new EngineOptions { T0Ns = 0, DeadlineNs = shape.DeadlineNs, DrainNs = shape.DrainNs, SlotsPerWorker = 10_000 };
        var worker = new Worker(options, new PlanArrivals(plan, 0, 1), lane, clock, new SingleAttempt(), recorder.ForWorker(0));
        worker.Run(plan.DurationNs, CancellationToken.None);
        var taker = new IntervalTaker(recorder, null);
        taker.Take(clock.NowNs / MsNs * MsNs);
        RunBooks books = recorder.Close();
        string[] names = [.. Profile.Operations.Select(o => o.Name)];
        return new RunRecord
        {
            Cells = books.Cells,
            Seconds = taker.Seconds,
            Totals = books.Totals,
            Batches = books.Batches,
            ErrorSeconds = books.ErrorSeconds,
            Hiccups = RecordingPlan.NewHistogram(),
            Summary = new RunSummary
            {
                RunId = $"played-{T0Utc:yyyyMMdd-HHmmss}",
                Tool = "spikebench 0.1.0",
                ToolBuild = "sha256:tool",
                Attempt = Attempt,
                Set = Set,
                Command = "spikebench run played",
                T0Utc = T0Utc,
                Profile = Profile,
                ProfileHash = Registration.HashOf(Profile),
                Scale = Scale,
                Seed = Seed,
                ClaimNotTested = ClaimNotTested,
                Plan = PlanSummary.Of(plan, counts, names),
                ThresholdsNs = thresholds,
                DeadlineNs = shape.DeadlineNs,
                DrainNs = shape.DrainNs,
                Driver = new DriverSummary("virtual", 1, 1, options.SlotsPerWorker, worker.PeakInFlight, true),
                Target = Target,
                OfferedFingerprint = books.Offered.ToString(),
                Errors = [],
                Health = new GeneratorHealth(1, 8, 0, 0, 0),
                Environment = new EnvironmentSummary("generator-1", "Linux", ".NET 10", 8, "workstation, not concurrent"),
            },
        };
    }

    /// <summary>Plays the run and leaves its folder.</summary>
    /// <param name="parent">The results folder.</param>
    /// <returns>The record and its folder.</returns>
    public (RunRecord Record, string Folder) Store(string parent) => Store(parent, Record());

    /// <summary>Leaves the folder of a run that was played.</summary>
    public static (RunRecord Record, string Folder) Store(string parent, RunRecord record)
    {
        string folder = Path.Combine(parent, record.Summary.RunId);
        Directory.CreateDirectory(folder);
        using (var log = new IntervalLog(File.Create(Path.Combine(folder, RunFolder.IntervalsFile)), record.Summary.T0Utc, record.Plan.Phases, record.Summary.Plan.Operations))
        {
            for (int i = 0; i < record.Totals.Count; i++)
            {
                int kind = i % RecordingPlan.Kinds, operation = i / RecordingPlan.Kinds % record.Plan.Operations, phase = i / RecordingPlan.Kinds / record.Plan.Operations;
                log.Write(phase, operation, (TimeKind)kind, 0, 8 * SecondNs, record.Totals[i]);
            }
        }

        // After the log, as a real run does: the summary has the digests of all other files.
        RunFolder.Write(record, folder);
        return (record, folder);
    }
}
