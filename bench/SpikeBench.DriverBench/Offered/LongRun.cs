using System.Globalization;
using SpikeBench.Core.Engine;
using SpikeBench.Core.Profiles;
using SpikeBench.Core.Recording;
using SpikeBench.Core.Schedule;

namespace SpikeBench.DriverBench.Offered;

/// <summary>
/// Two hours at 20,000/s, all 144 million calls, in virtual time: the memory while it goes on and the size of the result.
/// </summary>
internal static class LongRun
{
    private const long SecondNs = 1_000_000_000;
    private const double RatePerSecond = 20_000;

    public static void Run(int seconds, TextWriter output)
    {
        var clock = new StepClock();
        var lane = new StepLane(clock);
        Phase[] phases = [new("soak", 0, seconds * SecondNs)];
        var curve = new RateCurve([new ConstantRate(RatePerSecond, seconds * SecondNs)]);
        var plan = new LoadPlan(new ArrivalSchedule(curve, ArrivalKind.Poisson, 1), phases, [95.0, 5.0]);
        var recording = new RecordingPlan(phases, 2, [50_000_000, 200_000_000], 2 * SecondNs, SecondNs);
        var recorder = new RunRecorder(recording, 1);
        string folder = Directory.CreateTempSubdirectory("spikebench-long-").FullName;
        using (var journal = new RunJournal(folder, Summary(plan, recording), recorder))
        {
            var taker = new IntervalTaker(recorder, journal);
            long intervalNs = RecordingPlan.IntervalNs(seconds * SecondNs);
            output.WriteLine("virtual minute, managed MB, resident MB");
            lane.EachInterval(intervalNs, nowNs =>
            {
                taker.Take(nowNs);
                if (nowNs % (600 * SecondNs) == 0)
                {
                    output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{nowNs / (60 * SecondNs)}, {GC.GetTotalMemory(false) / 1e6:0.0}, {Environment.WorkingSet / 1e6:0.0}"));
                }
            });
            var options = new EngineOptions { T0Ns = 0, DeadlineNs = SecondNs, DrainNs = 2 * SecondNs, SlotsPerWorker = 30_000 };
            new Worker(options, new PlanArrivals(plan, 0, 1), lane, clock, new SingleAttempt(), recorder.ForWorker(0)).Run(plan.DurationNs, CancellationToken.None);
            taker.Take(clock.NowNs);
        }

        CellTable cells = recorder.Close().Cells;
        using (var timeline = new StreamWriter(Path.Combine(folder, RunFolder.TimelineFile)))
        {
            TimelineCsv.Write(cells, Summary(plan, recording).Plan, timeline);
        }

        output.WriteLine($"{Units.Count(cells.Sum(0, cells.Grid.PlanCells, -1, CellField.Ok))} calls");
        foreach (string file in Directory.GetFiles(folder))
        {
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{Path.GetFileName(file)} {new FileInfo(file).Length / 1e6:0.0} MB"));
        }

        Directory.Delete(folder, recursive: true);
    }

    private static RunSummary Summary(LoadPlan plan, RecordingPlan recording) => new()
    {
        RunId = "long",
        Tool = "bench",
        Command = "long",
        T0Utc = DateTimeOffset.UnixEpoch,
        Profile = new Profile
        {
            Name = "long",
            Reference = new ReferenceRate(RatePerSecond, SecondNs, "constant", null),
            Load = [],
            Operations = [],
            Slo = [],
        },
        ProfileHash = "",
        Scale = 1,
        Seed = plan.Schedule.Seed,
        Plan = new PlanSummary("", plan.DurationNs, RatePerSecond, plan.Phases, ["send", "login"], [[0, 0]], []),
        ThresholdsNs = recording.ThresholdsNs,
        DeadlineNs = recording.DeadlineNs,
        DrainNs = recording.DrainNs,
        Driver = new DriverSummary("virtual", 1, 1, 1, 0, true),
        Target = new TargetSummary("virtual", null, false),
        OfferedFingerprint = "",
        Errors = [],
        Health = new GeneratorHealth(0, 0, 0, 0, 0),
        Environment = new EnvironmentSummary("", "", "", 1, ""),
    };

    private sealed class StepClock : IClock
    {
        public long NowNs { get; set; }
    }

    /// <summary>A target in virtual time with five response times, each first come, first served, so that nothing needs sorting or memory per call.</summary>
    private sealed class StepLane(StepClock clock) : ILane
    {
        private static readonly long[] ServiceNs = [2_000_000, 5_300_000, 11_000_000, 24_000_000, 61_000_000];

        private readonly Queue<(int Slot, long EndNs)>[] _running = [.. ServiceNs.Select(_ => new Queue<(int, long)>(16_384))];
        private long _intervalNs = long.MaxValue;
        private long _nextNs = long.MaxValue;
        private Action<long>? _each;

        public void EachInterval(long intervalNs, Action<long> each) => (_intervalNs, _nextNs, _each) = (intervalNs, intervalNs, each);

        public StartResult TryStart(in CallStart call)
        {
            // The time differs a little from call to call, so that the histograms fill as real ones do.
            int kind = (int)(call.ArrivalIndex % ServiceNs.Length);
            _running[kind].Enqueue((call.Slot, clock.NowNs + ServiceNs[kind] + call.ArrivalIndex % 997 * 1_000));
            return StartResult.Started;
        }

        public void Cancel(int slot)
        {
        }

        public int Poll(long untilNs, Span<CallEvent> events)
        {
            clock.NowNs = Math.Max(clock.NowNs, untilNs);
            while (clock.NowNs >= _nextNs)
            {
                _each!(_nextNs);
                _nextNs += _intervalNs;
            }

            int count = 0;
            foreach (Queue<(int Slot, long EndNs)> running in _running)
            {
                while (count < events.Length && running.TryPeek(out (int Slot, long EndNs) first) && first.EndNs <= clock.NowNs)
                {
                    running.Dequeue();
                    events[count++] = new CallEvent(first.Slot, EventKind.Ended, 0, Failure.None, first.EndNs, -1, 0);
                }
            }

            return count;
        }

        public ReadOnlySpan<byte> Reply(in CallEvent e) => default;

        public void Dispose()
        {
        }
    }
}
