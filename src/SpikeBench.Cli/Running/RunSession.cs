using System.Globalization;
using System.Reflection;
using System.Runtime;
using System.Runtime.InteropServices;
using SpikeBench.Cli.Metrics;
using SpikeBench.Core.Engine;
using SpikeBench.Core.Profiles;
using SpikeBench.Core.Recording;
using SpikeBench.Core.Schedule;
using SpikeBench.Core.Verdict;
using SpikeBench.Grpc.Payloads;
using SpikeBench.Histograms;

namespace SpikeBench.Cli.Running;

/// <summary>A finished midnight: its record, its verdict and its folder.</summary>
internal sealed record FinishedRun(RunRecord Record, RunVerdict Verdict, string Folder);

/// <summary>
/// One midnight from start to stored result: target, driver, plan, load, books, verdict.
/// </summary>
internal sealed class RunSession(RunRequest request, RunSetup setup, Terminal terminal, TimeProvider time)
{
    private const long LeadNs = 300_000_000;
    private const long WarmUpNs = 2_000_000_000;
    private const double WarmUpMostPerSecond = 200;
    private const double WarmUpLeastPerSecond = 20;

    // Its port is not known yet; its scheme is, and wrong usage is to be told before anything is started.
    private static readonly Uri OwnMessenger = new("http://127.0.0.1");

    /// <summary>Runs the <paramref name="repeat"/>-th midnight, against a target and over connections of its own.</summary>
    /// <param name="repeat">From 0; its seed is so many above the first.</param>
    /// <param name="startAt">The wall time of T0, or null for now.</param>
    /// <param name="cancel">Before T0 gives up; afterwards ends the load early and keeps what there is.</param>
    public async Task<FinishedRun> RunAsync(int repeat, DateTimeOffset? startAt, CancellationToken cancel)
    {
        LoadPlan plan = setup.PlanOf(repeat);
        MachineCores cores = MachineCores.Here();
        Uri? given = request.Target is { } text ? TargetAddress.Parse(text, request.OwnsTarget) : null;
        TargetPlace place = given is null ? TargetPlace.OwnChild : TargetAddress.IsLoopback(given) ? TargetPlace.SameHost : TargetPlace.Elsewhere;
        string driverName = Drivers.Choose(request.Driver, given ?? OwnMessenger);
        Placement placement = Placement.Choose(cores, place, request.Workers, request.Pin);
        int workers = placement.Workers;
        double peak = plan.Schedule.Curve.PeakRate;
        int connections = setup.ConnectionsFor(peak, workers);
        int slots = setup.SlotsFor(peak, workers);

        // The folder first: a result that cannot be kept is not worth a midnight.
        string folder = ResultFolders.Create(request.Out, setup.Profile.Name, time.GetUtcNow());
        string runId = Path.GetFileName(folder);
        try
        {
            MessengerModel? model = given is null
                ? MessengerModel.For(setup.PlanOf(repeat, setup.Profile.Claim?.Scale ?? 1).Schedule.Curve.PeakRate, setup.Profile.Operations)
                : null;
            await using TargetProcess? messenger = model is null
                ? null
                : await TargetProcess.StartAsync(model.Flags(setup.SeedOf(repeat)), placement.TargetCpus, cancel).ConfigureAwait(false);
            Uri target = given ?? messenger!.Address;
            await SayAsync(model is null ? $"target {Redaction.Url(target.ToString())}" : $"started the reference messenger at {target} ({model})").ConfigureAwait(false);

            var callPlan = new CallPlan
            {
                Target = target,
                Operations = PayloadPool.Build(setup.Profile.Operations, setup.SeedOf(repeat)).Operations,
                Lanes = workers,
                Connections = connections,
                SlotsPerLane = slots,
                RunId = runId,
            };
            await using IDriver driver = Drivers.Create(driverName);
            await driver.PrepareAsync(callPlan, cancel).ConfigureAwait(false);
            PlanCounts counts = plan.Count();
            await SayAsync($"{Units.Count(counts.Total)} calls planned, {Units.Count(connections)} connections, {workers} worker{(workers == 1 ? "" : "s")} ({placement.Why}), driver {driver.Name}").ConfigureAwait(false);

            return await OfferAsync(plan, counts, callPlan, driver, model, cores, placement, folder, startAt, repeat, cancel).ConfigureAwait(false);
        }
        catch
        {
            // Nothing was offered, so there is nothing to keep.
            Directory.Delete(folder, recursive: true);
            throw;
        }
    }

    private async Task<FinishedRun> OfferAsync(
        LoadPlan plan, PlanCounts counts, CallPlan callPlan, IDriver driver, MessengerModel? model, MachineCores cores, Placement placement, string folder, DateTimeOffset? startAt, int repeat, CancellationToken cancel)
    {
        var clock = new MonotonicClock();
        LoadPlan warmUp = WarmUpPlan(plan);
        (long t0Ns, DateTimeOffset t0Utc) = await ChooseT0Async(clock, startAt, WarmUpNs + setup.DeadlineNs, cancel).ConfigureAwait(false);
        RecordingPlan recording = setup.RecordingOf(plan);
        var recorder = new RunRecorder(recording, callPlan.Lanes);
        var options = new EngineOptions
        {
            Workers = callPlan.Lanes,
            T0Ns = t0Ns,
            DeadlineNs = setup.DeadlineNs,
            DrainNs = setup.DrainNs,
            SlotsPerWorker = callPlan.SlotsPerLane,
            WorkerCpus = placement.WorkerCpus,
        };
        var scratch = new RunRecorder(setup.RecordingOf(warmUp), callPlan.Lanes);
        var rehearsal = new Rehearsal(warmUp, t0Ns - setup.DeadlineNs - WarmUpNs - LeadNs / 2, scratch);
        var engine = new LoadEngine(options, plan, driver, clock, recorder, rehearsal);
        IReadOnlyList<string> names = [.. setup.Profile.Operations.Select(o => o.Name)];
        IntervalTaker taker;
        using var host = new HostMeter(clock, time, t0Ns, engine.Threads, placement.GeneratorCpus(cores), placement.CoreShare(cores));
        using var hiccups = new HiccupMeter(clock, t0Ns, plan.DurationNs + setup.DrainNs, placement.WorkerCpus);
        var stops = new StopMonitor(setup.Profile.StopIf, recording, names, recorder);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        using OtlpSender? sender = request.Otlp is { } endpoint ? new OtlpSender(endpoint) : null;
        OtlpMetrics? metrics = sender is null ? null : new OtlpMetrics(new OtlpRun(callPlan.RunId, setup.Profile.Name, Tool(), t0Utc, plan.Phases, names), recorder, recording, () => host.Seconds is [.., HostSecond latest] ? latest : null, sender.Post);
        bool interrupted;
        string? stoppedBy = null;
        using (var log = new IntervalLog(File.Create(Path.Combine(folder, RunFolder.IntervalsFile)), t0Utc, plan.Phases, names))
        {
            taker = new IntervalTaker(recorder, log, metrics is null ? [] : [metrics]);
            RehearseCollecting(scratch, t0Utc, warmUp, names);
            var progress = new ProgressLines(plan, request.Quiet ? null : terminal.Error);
            using var collector = new Collector(taker, host, clock, t0Ns, RecordingPlan.IntervalNs(plan.DurationNs), KeepGoing, progress.Show);
            await engine.RunAsync(stop.Token).ConfigureAwait(false);
            interrupted = cancel.IsCancellationRequested;
            collector.Finish();
        }

        bool KeepGoing(long atNs)
        {
            stoppedBy = stops.Check(atNs);
            if (stoppedBy is not null)
            {
                stop.Cancel();
            }

            return stoppedBy is null;
        }

        Histogram ticks = hiccups.Finish();
        (IReadOnlyList<HostSecond> seconds, GeneratorHealth health) = host.Finish(hiccups);
        RunBooks books = recorder.Close();
        if (metrics is not null)
        {
            metrics.Close();
            if (await sender!.FinishAsync().ConfigureAwait(false) is { } complaint)
            {
                await terminal.Error.WriteLineAsync($"spikebench: --otlp {Redaction.Url(request.Otlp!.ToString())}: {complaint} The run is not affected.").ConfigureAwait(false);
            }
        }

        CellTable rehearsed = scratch.Close().Cells;
        var record = new RunRecord
        {
            Cells = books.Cells,
            Seconds = taker.Seconds,
            Totals = books.Totals,
            Batches = books.Batches,
            Host = seconds,
            Hiccups = ticks,
            Summary = new RunSummary
            {
                RunId = callPlan.RunId,
                Tool = Tool(),
                Command = request.Command,
                T0Utc = t0Utc,
                Profile = setup.Profile,
                ProfileHash = setup.ProfileHash,
                Scale = setup.Scale,
                Seed = setup.SeedOf(repeat),
                ClaimNotTested = setup.ClaimNotTested,
                Plan = new PlanSummary(
                    counts.Fingerprint.ToString(),
                    plan.DurationNs,
                    plan.Schedule.Curve.PeakRate,
                    plan.Phases,
                    names,
                    [.. Enumerable.Range(0, plan.Phases.Count).Select(p => (IReadOnlyList<long>)[.. Enumerable.Range(0, plan.Operations).Select(o => counts.PerPhase[p, o])])],
                    RateEdges.Of(plan.Schedule.Curve)),
                ThresholdsNs = setup.ThresholdsNs,
                DeadlineNs = setup.DeadlineNs,
                DrainNs = setup.DrainNs,
                Driver = new DriverSummary(driver.Name, callPlan.Lanes, callPlan.Connections, callPlan.SlotsPerLane * callPlan.Lanes, engine.PeakInFlight, Drivers.KnowsOnWire(driver))
                {
                    Placement = placement.Why,
                    WorkerCpus = placement.WorkerCpus?.ToString(),
                    TargetCpus = placement.TargetCpus?.ToString(),
                },
                Target = new TargetSummary(Redaction.Url(callPlan.Target.ToString()), model?.ToString(), TargetAddress.IsLoopback(callPlan.Target)),
                OfferedFingerprint = books.Offered.ToString(),
                Errors = Errors(books, plan, names),
                WarmUp = new WarmUpSummary(ByOperation(rehearsed, CellField.Sent), ByOperation(rehearsed, CellField.Ok)),
                Interrupted = interrupted ? $"interrupted after {Units.Duration(Math.Max(0, clock.NowNs - t0Ns))}" : null,
                StoppedBy = stoppedBy,
                Health = health,
                Environment = Here(cores),
            },
        };
        RunFolder.Write(record, folder);
        ResultFolders.Release(folder);
        RunVerdict verdict = Judge.Decide(record);
        return new FinishedRun(record, verdict, folder);
    }

    /// <summary>Two seconds of the mix at the load's first rate, at most 200 calls a second.</summary>
    private LoadPlan WarmUpPlan(LoadPlan plan)
    {
        double rate = Math.Clamp(plan.Schedule.Curve.RateAt(0), WarmUpLeastPerSecond, WarmUpMostPerSecond);
        var schedule = new ArrivalSchedule(new RateCurve([new ConstantRate(rate, WarmUpNs)]), setup.Profile.Arrivals, plan.Schedule.Seed);
        return new LoadPlan(schedule, [new Phase("warm-up", 0, WarmUpNs)], [.. setup.Profile.Operations.Select(o => o.Weight)]);
    }

    /// <summary>The collector's code runs once before T0 as well, on nothing.</summary>
    private static void RehearseCollecting(RunRecorder scratch, DateTimeOffset t0Utc, LoadPlan warmUp, IReadOnlyList<string> names)
    {
        using var nowhere = new IntervalLog(Stream.Null, t0Utc, warmUp.Phases, names);
        var taker = new IntervalTaker(scratch, nowhere);
        new ProgressLines(warmUp, TextWriter.Null).Show(taker.Take(WarmUpNs));
        nowhere.Write(0, 0, TimeKind.Response, 0, WarmUpNs, RecordingPlan.NewHistogram());
    }

    /// <summary>T0 on both clocks: a moment from now, or the wall time asked for; the warm-up fits in before.</summary>
    private async Task<(long T0Ns, DateTimeOffset T0Utc)> ChooseT0Async(MonotonicClock clock, DateTimeOffset? startAt, long warmUpNs, CancellationToken cancel)
    {
        long leadNs = LeadNs + warmUpNs;
        TimeSpan early = TimeSpan.FromSeconds(1 + leadNs / 1e9);
        if (startAt is { } at)
        {
            await SayAsync(string.Create(CultureInfo.InvariantCulture, $"waiting for {at:yyyy-MM-dd HH:mm:ss}Z")).ConfigureAwait(false);

            // The last seconds are waited for on the run's own clock, exactly.
            TimeSpan sleep = at - time.GetUtcNow() - early;
            while (sleep > TimeSpan.Zero)
            {
                await Task.Delay(sleep < TimeSpan.FromMinutes(1) ? sleep : TimeSpan.FromMinutes(1), time, cancel).ConfigureAwait(false);
                sleep = at - time.GetUtcNow() - early;
            }
        }

        // What the set-up left behind is collected now rather than during the load.
        GC.Collect();
        long nowNs = clock.NowNs;
        DateTimeOffset nowUtc = time.GetUtcNow();
        leadNs = startAt is { } wall ? Math.Max(leadNs, (long)((wall - nowUtc).TotalMilliseconds * 1e6)) : leadNs;
        return (nowNs + leadNs, nowUtc + TimeSpan.FromTicks(leadNs / TimeSpan.NanosecondsPerTick));
    }

    private static List<ErrorCount> Errors(RunBooks books, LoadPlan plan, IReadOnlyList<string> names)
    {
        var errors = new List<ErrorCount>();
        for (int i = 0; i < books.Errors.Count; i++)
        {
            if (books.Errors[i] > 0)
            {
                int row = i / GrpcStatus.Count;
                errors.Add(new ErrorCount(plan.Phases[row / plan.Operations].Name, names[row % plan.Operations], GrpcStatus.Name(i % GrpcStatus.Count), books.Errors[i]));
            }
        }

        return errors;
    }

    private static long[] ByOperation(CellTable cells, CellField field) =>
        [.. Enumerable.Range(0, cells.Operations).Select(operation => cells.Sum(0, cells.Grid.Count, operation, field))];

    private static string Tool() => $"spikebench {Assembly.GetExecutingAssembly().GetName().Version?.ToString(3)}";

    private static EnvironmentSummary Here(MachineCores cores) => new(
        Environment.MachineName,
        RuntimeInformation.OSDescription,
        RuntimeInformation.FrameworkDescription,
        Environment.ProcessorCount,
        $"{(GCSettings.IsServerGC ? "server" : "workstation")}, {(GCSettings.LatencyMode == GCLatencyMode.Batch ? "not concurrent" : "concurrent")}")
    {
        AllowedCpus = cores.Allowed?.ToString(),
        CpuQuota = cores.Quota,
        TieredCompilation = AppContext.TryGetSwitch("System.Runtime.TieredCompilation", out bool tiered) ? tiered : null,
    };

    private Task SayAsync(string line) => request.Quiet ? Task.CompletedTask : terminal.Error.WriteLineAsync(line);
}
