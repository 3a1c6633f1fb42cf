using SpikeBench.Core.Engine;
using SpikeBench.Core.Profiles;
using SpikeBench.Core.Recording;
using SpikeBench.Core.Schedule;
using SpikeBench.Core.Verdict;

namespace SpikeBench.Tests.Reporting;

/// <summary>
/// A run that never happened: a plan played against a queue with a fixed capacity, recorded by the real recorder. Deterministic, so
/// that what is drawn from it can be compared to the letter.
/// </summary>
internal sealed record SyntheticRun
{
    private const long NsPerSecond = 1_000_000_000;
    private const long NsPerMs = 1_000_000;

    // Taking an interval costs the same however little it holds: two hours of seconds would take half a minute.
    private const int MostIntervals = 1000;

    /// <summary>Ordinary calls per second at scale 1x; the peak is five times as many.</summary>
    public double RatePerSecond { get; init; } = 100;

    /// <summary>What the target answers per second before a queue builds up.</summary>
    public double CapacityPerSecond { get; init; } = double.PositiveInfinity;

    /// <summary>Calls that may wait at the target; more are refused with UNAVAILABLE.</summary>
    public double LongestQueue { get; init; } = double.PositiveInfinity;

    /// <summary>How long the run lasts.</summary>
    public long Seconds { get; init; } = 120;

    public string ProfileName { get; init; } = "ny-midnight";

    /// <summary>Free text of the profile, as its author wrote it.</summary>
    public string ClaimText { get; init; } = "holds 2x the reference peak at midnight";

    /// <summary>When the generator stood still for 150 ms; null if it never did.</summary>
    public long? PauseAtSecond { get; init; }

    public string? ClaimNotTested { get; init; }

    /// <summary>A run that a target with room to spare passed.</summary>
    public static RunRecord Calm => LazyCalm.Value;

    /// <summary>A run whose target was too small for the spike and shed what it could not queue; the generator paused once, later.</summary>
    public static RunRecord Overloaded => LazyOverloaded.Value;

    private static readonly Lazy<RunRecord> LazyCalm = new(() => new SyntheticRun().Record());

    private static readonly Lazy<RunRecord> LazyOverloaded = new(() => new SyntheticRun { CapacityPerSecond = 700, LongestQueue = 350, PauseAtSecond = 95 }.Record());

    public RunRecord Record()
    {
        Profile profile = Profile();
        const double scale = 2;
        LoadPlan plan = ProfileCompiler.Compile(profile, scale, profile.Seed);
        PlanCounts counts = plan.Count();
        var shape = new RecordingPlan(plan.Phases, plan.Operations, [200 * NsPerMs], 3 * NsPerSecond, NsPerSecond);
        var recorder = new RunRecorder(shape, 1);
        IReadOnlyList<SecondSummary> seconds = Play(plan, recorder);
        RunBooks books = recorder.Close();
        return new RunRecord
        {
            Cells = books.Cells,
            Seconds = seconds,
            Totals = books.Totals,
            Batches = books.Batches,
            ErrorSeconds = books.ErrorSeconds,
            Host = [.. Enumerable.Range(0, (int)Seconds).Select(HostAt)],
            Summary = new RunSummary
            {
                RunId = $"{profile.Name}-20251231T225930Z",
                Tool = "SpikeBench 0.1.0",
                Command = $"spikebench run {profile.Name} --target grpc://chat.example:50051 --scale 2x",
                T0Utc = new DateTimeOffset(2025, 12, 31, 22, 59, 30, TimeSpan.Zero),
                Profile = profile,
                ProfileHash = "3f9ac1d0b7e2468a91c5d3e8f70614b2a9d8c7e6f5041322110fedcba9876543",
                Scale = scale,
                Seed = profile.Seed,
                ClaimNotTested = ClaimNotTested,
                Plan = PlanSummary.Of(plan, counts, [.. profile.Operations.Select(o => o.Name)]),
                ThresholdsNs = shape.ThresholdsNs,
                DeadlineNs = shape.DeadlineNs,
                DrainNs = shape.DrainNs,
                Driver = new DriverSummary("grpc", 1, 24, 4800, 1500, true),
                Target = new TargetSummary("grpc://chat.example:50051", null, false),
                OfferedFingerprint = books.Offered.ToString(),
                Errors = Errors(books, shape, profile),
                Health = new GeneratorHealth(31.4, Seconds + 1.2, 3, 0.0042, 18_400_000),
                Environment = new EnvironmentSummary("generator-1", "Debian GNU/Linux 12", ".NET 10.0.1", 8, "concurrent workstation GC"),
            },
        };
    }

    /// <summary>A verdict by the rule of single events: a phase is met when its bad calls fit the budget.</summary>
    public static RunVerdict Judge(RunRecord run)
    {
        var slos = new List<SloResult>();
        foreach (SloRule rule in run.Summary.Profile.Slo)
        {
            for (int p = 0; p < run.Plan.Phases.Count; p++)
            {
                Phase phase = run.Plan.Phases[p];
                if (rule.Phase is "*" || rule.Phase == phase.Name)
                {
                    slos.Add(Judge(run, rule, p));
                }
            }
        }

        var failed = slos.Where(s => s.Outcome == Outcome.Fail).ToList();
        bool passed = failed.Count == 0;
        return new RunVerdict
        {
            Outcome = passed ? Outcome.Pass : Outcome.Fail,
            Headline = $"{(passed ? "PASS" : "FAIL")}: \"{run.Summary.Profile.Claim!.Text}\" {(passed ? "held" : "did not hold")}, "
                + $"at 2x of {Units.Rate(run.Summary.Profile.Reference.RatePerSecond)}, peak {Units.Rate(run.Summary.Plan.PeakRatePerSecond)}.",
            Reasons = passed ? ["Every SLO held in every phase."] : [.. failed.Select(f => f.Reason)],
            Limits = ["A short phase is one event: it was met or missed, and 1 of 1 says only that P(miss) ≤ 95 %. Use --repeat."],
            Slos = slos,
            Checks =
            [
                new("V1", "every planned call is accounted for", "difference 0 calls", "0 calls", true, CheckConsequence.VoidsAll),
                new("V2", "the load was offered as planned", "worst 100 ms cell 100 %", "≥ 90 %", true, CheckConsequence.VoidsPass),
                new("V3", "calls sent late", "0.004 % later than 20 ms", "≤ 0.01 %", true, CheckConsequence.VoidsFailThatFlips),
            ],
        };

        static SloResult Judge(RunRecord run, SloRule rule, int phase)
        {
            (int first, int end) = run.Cells.Grid.OfPhase(phase);
            long calls = run.Cells.Sum(first, end, -1, CellField.Planned);
            long bad = rule.ThresholdNs is null
                ? calls - run.Cells.Sum(first, end, -1, CellField.Ok)
                : run.Cells.Sum(first, end, -1, 0, ThresholdField.Bad);
            bool held = bad <= calls * rule.Budget;
            string name = run.Plan.Phases[phase].Name;
            return new SloResult
            {
                Rule = rule,
                Phase = name,
                Outcome = held ? Outcome.Pass : Outcome.Fail,
                Calls = calls,
                Bad = bad,
                SingleEvent = true,
                Reason = $"{name}, {rule.Text}: {Units.Count(bad)} of {Units.Count(calls)} calls were bad; the budget is {Units.Count(Math.Floor(calls * rule.Budget))}.",
            };
        }
    }

    private Profile Profile()
    {
        long third = Seconds * NsPerSecond / 6;
        return new Profile
        {
            Name = ProfileName,
            About = "New Year's midnight on a messenger.",
            Sources = [new ProfileSource("greetings within a few minutes of midnight", "a news agency, 2021-12-25")],
            Reference = new ReferenceRate(RatePerSecond, NsPerSecond, "ordinary peak", "metrics of the service"),
            Seed = 20251231,
            Load =
            [
                new HoldStep(RatePerSecond, third, "before"),
                new MidnightStep(
                    RatePerSecond,
                    new MidnightShape { DecayTauSeconds = Seconds / 8.0, AnticipationTauSeconds = Seconds / 20.0, EchoTauSeconds = Seconds / 8.0 },
                    third, third, third * 4, ["approach", "spike", "decay"]),
                new HoldStep(RatePerSecond, third, "after"),
            ],
            Operations = [new Operation("send", 4, "chat.v1.Chat/Send", Payload.Empty), new Operation("read", 1, "chat.v1.Chat/Read", Payload.Empty)],
            Slo =
            [
                new SloRule("spike", "*", 0.001, 200 * NsPerMs, "p99.9 <= 200ms"),
                new SloRule("*", "*", 0.001, null, "errors <= 0.1%"),
            ],
            Claim = new Claim(ClaimText, 2, 0.95, 1),
        };
    }

    private IReadOnlyList<SecondSummary> Play(LoadPlan plan, RunRecorder recorder)
    {
        OutcomeRecorder worker = recorder.ForWorker(0);
        var random = new CounterRandom(7, CounterRandom.Stream.Gaps);
        var happenings = new List<(long AtNs, Action Book)>();
        double freeAtNs = 0;
        PlanCursor cursor = plan.Open();
        while (cursor.MoveNext())
        {
            Arrival arrival = cursor.Current;
            long i = arrival.Index;
            long lateNs = 20_000 + (long)(-60_000 * Math.Log(random.OpenUnit(4 * i)));
            long dispatchedNs = Math.Max(arrival.IntendedNs + lateNs, Pause(arrival.IntendedNs));
            double serviceNs = 2e6 * Math.Exp(0.6 * Normal(random, i)) + (arrival.Operation == 1 ? 3e6 : 0);
            double queueNs = Math.Max(0, freeAtNs - dispatchedNs);
            Failure failure = Failure.None;
            byte status = GrpcStatus.Ok;
            double endedNs = dispatchedNs + queueNs + serviceNs;
            if (queueNs * CapacityPerSecond / NsPerSecond > LongestQueue)
            {
                failure = Failure.Status;
                status = random.Unit(4 * i + 3) < 0.8 ? GrpcStatus.Unavailable : GrpcStatus.ResourceExhausted;
                endedNs = dispatchedNs + 400_000;
            }
            else
            {
                freeAtNs = Math.Max(freeAtNs, dispatchedNs) + NsPerSecond / CapacityPerSecond;
                if (endedNs > arrival.IntendedNs + NsPerSecond)
                {
                    failure = Failure.Timeout;
                    status = GrpcStatus.DeadlineExceeded;
                    endedNs = arrival.IntendedNs + NsPerSecond;
                }
            }

            var op = new UserOp { Arrival = arrival, DispatchedNs = dispatchedNs, Attempts = 1 };
            var ended = new CallEvent(0, EventKind.Ended, status, failure, (long)endedNs, dispatchedNs + 5_000, 32);
            void Send()
            {
                worker.Took(op.Arrival);
                worker.Dispatched(op.Arrival, op.DispatchedNs);
            }

            happenings.Add((dispatchedNs, Send));
            happenings.Add(((long)endedNs, () => worker.Ended(op, ended)));
        }

        // Intervals are taken a little late each time, as a real thread would.
        var taker = new IntervalTaker(recorder, null);
        long intervalNs = Math.Max(NsPerSecond, Seconds * NsPerSecond / MostIntervals) + 200_000;
        long nextNs = intervalNs;
        foreach ((long atNs, Action book) in happenings.OrderBy(h => h.AtNs))
        {
            while (atNs >= nextNs)
            {
                taker.Take(nextNs);
                nextNs += intervalNs;
            }

            book();
        }

        taker.Take(nextNs);
        return taker.Seconds;
    }

    /// <summary>A generator that works harder around the middle, on a machine that stood still when it paused.</summary>
    private HostSecond HostAt(int second)
    {
        double load = Math.Exp(-Math.Pow((second - Seconds / 3.0) / (Seconds / 8.0), 2));
        long hiccupNs = second == PauseAtSecond ? 149 * NsPerMs : 60_000 + second % 7 * 11_000;
        return new HostSecond(
            second * NsPerSecond, (second + 1) * NsPerSecond, hiccupNs, hiccupNs / 3, second == PauseAtSecond ? 0.14 : 0.001, 0.03 + 0.1 * load, second % 40 == 0 ? 1 : 0, 0, 50_000,
            0.1 + 0.6 * load);
    }

    private long Pause(long intendedNs) =>
        PauseAtSecond is { } second && intendedNs >= second * NsPerSecond && intendedNs < second * NsPerSecond + 150 * NsPerMs
            ? second * NsPerSecond + 150 * NsPerMs
            : 0;

    private static double Normal(CounterRandom random, long i) =>
        Math.Sqrt(-2 * Math.Log(random.OpenUnit(4 * i + 1))) * Math.Cos(2 * Math.PI * random.Unit(4 * i + 2));

    private static List<ErrorCount> Errors(RunBooks books, RecordingPlan shape, Profile profile)
    {
        var errors = new List<ErrorCount>();
        for (int i = 0; i < books.Errors.Count; i++)
        {
            if (books.Errors[i] > 0)
            {
                int cell = i / GrpcStatus.BookedCount;
                errors.Add(new ErrorCount(
                    shape.Phases[cell / shape.Operations].Name, profile.Operations[cell % shape.Operations].Name,
                    GrpcStatus.Name(i % GrpcStatus.BookedCount), books.Errors[i]));
            }
        }

        return errors;
    }
}
