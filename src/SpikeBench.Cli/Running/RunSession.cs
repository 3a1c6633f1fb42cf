using System.Globalization;
using SpikeBench.Cli.Ui;
using SpikeBench.Core;
using SpikeBench.Core.Engine;
using SpikeBench.Core.Profiles;
using SpikeBench.Core.Recording;
using SpikeBench.Core.Schedule;
using SpikeBench.Core.Verdict;
using SpikeBench.Grpc.Payloads;
using SpikeBench.Histograms;

namespace SpikeBench.Cli.Running;

/// <summary>A finished midnight: its record, its verdict and its folder.</summary>
/// <param name="Record">Everything that is known of it.</param>
/// <param name="Verdict">What it says.</param>
/// <param name="Folder">Where it is kept.</param>
/// <param name="NotKept">What its folder lacks and why; null when it is whole.</param>
internal sealed record FinishedRun(RunRecord Record, RunVerdict Verdict, string Folder, string? NotKept = null);

/// <summary>
/// One midnight from start to stored result: target, driver, plan, load, books, verdict.
/// </summary>
internal sealed class RunSession(RunRequest request, RunSetup setup, Terminal terminal, TimeProvider time)
{
    private const long LeadNs = 300_000_000;
    private const long WarmUpNs = 2_000_000_000;
    private const double WarmUpMostPerSecond = 200;
    private const double WarmUpLeastPerSecond = 20;

    // From here on the folder holds something that cannot be had again.
    private bool _offered;

    /// <summary>Runs the <paramref name="repeat"/>-th midnight, against a target and over connections of its own.</summary>
    /// <param name="repeat">From 0; its seed is so many above the first.</param>
    /// <param name="startAt">The wall time of T0, or null for now.</param>
    /// <param name="cancel">Before T0 gives up; afterwards ends the load early and keeps what there is.</param>
    public async Task<FinishedRun> RunAsync(int repeat, DateTimeOffset? startAt, CancellationToken cancel)
    {
        _offered = false;
        LoadPlan plan = setup.PlanOf(repeat);
        int workers = RunSetup.WorkersFor(request);
        double peak = plan.Schedule.Curve.PeakRate;
        int connections = setup.ConnectionsFor(peak, workers);
        LoadLimits.RequireConnections(connections, LoadLimits.OpenFiles(File.Exists("/proc/self/limits") ? await File.ReadAllTextAsync("/proc/self/limits", cancel).ConfigureAwait(false) : null));
        int slots = EngineOptions.SlotsFor(peak, setup.DeadlineNs, workers);

        // The folder first: a result that cannot be kept is not worth a midnight.
        string folder = ResultFolders.Create(request.Out, setup.Profile.Name, time.GetUtcNow());
        string runId = Path.GetFileName(folder);
        try
        {
            ResultFolders.RequireSpace(folder, ResultFolders.BytesFor(setup.RecordingOf(plan)));
            Uri? given = request.Target is { } text ? TargetAddress.Parse(text, request.OwnsTarget) : null;
            MessengerModel? model = given is null
                ? MessengerModel.For(setup.PlanOf(repeat, setup.Profile.Claim?.Scale ?? 1).Schedule.Curve.PeakRate, setup.Profile.Operations)
                : null;
            await using TargetProcess? messenger = model is null
                ? null
                : await TargetProcess.StartAsync(model.Flags(setup.SeedOf(repeat)), cancel).ConfigureAwait(false);
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
            await using IDriver driver = Drivers.Create(Drivers.Choose(request.Driver, target));
            await driver.PrepareAsync(callPlan, cancel).ConfigureAwait(false);
            PlanCounts counts = plan.Count();
            await SayAsync($"{Units.Count(counts.Total)} calls planned, {Units.Count(connections)} connections, {workers} worker{(workers == 1 ? "" : "s")}, driver {driver.Name}").ConfigureAwait(false);

            return await OfferAsync(plan, counts, callPlan, driver, model, folder, startAt, repeat, cancel).ConfigureAwait(false);
        }
        catch when (!_offered)
        {
            // Nothing was offered, so there is nothing to keep.
            Directory.Delete(folder, recursive: true);
            throw;
        }
    }

    private async Task<FinishedRun> OfferAsync(
        LoadPlan plan, PlanCounts counts, CallPlan callPlan, IDriver driver, MessengerModel? model, string folder, DateTimeOffset? startAt, int repeat, CancellationToken cancel)
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
        };
        var scratch = new RunRecorder(setup.RecordingOf(warmUp), callPlan.Lanes);
        var rehearsal = new Rehearsal(warmUp, t0Ns - setup.DeadlineNs - WarmUpNs - LeadNs / 2, scratch);
        var engine = new LoadEngine(options, plan, driver, clock, recorder, rehearsal);
        IReadOnlyList<string> names = [.. setup.Profile.Operations.Select(o => o.Name)];
        RunSummary begun = Begun(plan, counts, callPlan, driver, model, t0Utc, repeat);
        using RunJournal journal = OpenJournal(folder, begun, recorder);
        (CpuList? cores, double coreShare) = (null, Environment.ProcessorCount);
        using var host = new HostMeter(clock, time, t0Ns, engine.Threads, cores, coreShare);
        using var hiccups = new HiccupMeter(clock, t0Ns, plan.DurationNs + setup.DrainNs);
        bool interrupted;
        var taker = new IntervalTaker(recorder, journal);
        RehearseCollecting(scratch, begun, warmUp);
        using IRunScreen screen = Screen(plan, callPlan.Target);
        using (var collector = new Collector(taker, host, clock, t0Ns, screen.Show))
        {
            await LoadAsync(engine, scratch, callPlan, t0Ns, clock, cancel).ConfigureAwait(false);
            interrupted = cancel.IsCancellationRequested;
            collector.Finish();
            journal.Dispose();
            screen.Dispose();
        }

        Histogram ticks = hiccups.Finish();
        (IReadOnlyList<HostSecond> seconds, GeneratorHealth health) = host.Finish(hiccups);
        RunBooks books = recorder.Close();
        CellTable rehearsed = scratch.Close().Cells;
        var record = new RunRecord
        {
            Cells = books.Cells,
            Seconds = taker.Seconds,
            Totals = books.Totals,
            Batches = books.Batches,
            ErrorSeconds = books.ErrorSeconds,
            Host = seconds,
            Hiccups = ticks,
            Summary = begun with
            {
                Driver = begun.Driver with { PeakInFlight = engine.PeakInFlight },
                OfferedFingerprint = books.Offered.ToString(),
                Errors = RunFacts.Errors(books, plan.Phases, names),
                WarmUp = new WarmUpSummary(ByOperation(rehearsed, CellField.Sent), ByOperation(rehearsed, CellField.Ok)),
                Interrupted = interrupted ? $"interrupted after {Units.Duration(Math.Max(0, clock.NowNs - t0Ns))}" : null,
                Health = health,
            },
        };
        string? notKept = Keep(record, folder, journal);
        RunVerdict verdict = Judge.Decide(record);
        return new FinishedRun(record, verdict, folder, notKept);
    }

    /// <summary>Runs the engine; a target that lacks a method is found out between the warm-up and T0.</summary>
    private async Task LoadAsync(LoadEngine engine, RunRecorder warmUp, CallPlan callPlan, long t0Ns, MonotonicClock clock, CancellationToken cancel)
    {
        using var unfit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        Task load = engine.RunAsync(unfit.Token);

        // The warm-up's last call has its deadline half a lead before T0; after that nobody writes its books.
        double untilMs = Math.Max(0, (t0Ns - LeadNs / 4 - clock.NowNs) / 1e6);
        await Task.WhenAny(load, Task.Delay(TimeSpan.FromMilliseconds(untilMs), cancel)).ConfigureAwait(false);
        TargetException? unfitting = cancel.IsCancellationRequested ? null : WarmUpWatch.Verdict(warmUp.Close(), [.. setup.Profile.Operations.Select(o => o.Call)], callPlan.Target);
        _offered = unfitting is null && !cancel.IsCancellationRequested && !load.IsFaulted;
        if (unfitting is not null)
        {
            await unfit.CancelAsync().ConfigureAwait(false);
        }

        await load.ConfigureAwait(false);
        if (unfitting is not null)
        {
            throw unfitting;
        }
    }

    /// <summary>Closes the folder. A disk that is full costs the result, not the verdict.</summary>
    private static string? Keep(RunRecord record, string folder, RunJournal journal)
    {
        string? failure = journal.Failure is { } lost ? $"{lost} (the first {Units.Duration(journal.KeptNs)} are kept)" : null;
        try
        {
            // Without all its intervals the folder cannot be a whole run: it stays one that did not finish.
            if (failure is null)
            {
                RunFolder.Write(record, folder);
                ResultFolders.Release(folder);
            }
        }
        catch (Exception e) when (RunFolder.IsDiskFailure(e))
        {
            failure = e.Message;
        }

        return failure is null ? null : $"the result could not be kept whole: {failure} {folder} reads back as a run that did not finish.";
    }

    /// <summary>From here on the folder reads back as a run that did not finish.</summary>
    /// <exception cref="UsageException">The disk does not take it.</exception>
    private static RunJournal OpenJournal(string folder, RunSummary begun, RunRecorder recorder)
    {
        try
        {
            RunFolder.Begin(begun, folder);
            return new RunJournal(folder, begun, recorder);
        }
        catch (Exception e) when (RunFolder.IsDiskFailure(e))
        {
            throw new UsageException($"results cannot be written to {folder}: {e.Message} Give a folder that can, with --out.");
        }
    }

    /// <summary>The summary as it stands before T0; what only the load can tell is empty.</summary>
    private RunSummary Begun(LoadPlan plan, PlanCounts counts, CallPlan callPlan, IDriver driver, MessengerModel? model, DateTimeOffset t0Utc, int repeat) => new()
    {
        RunId = callPlan.RunId,
        Tool = RunFacts.Tool(),
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
            [.. setup.Profile.Operations.Select(o => o.Name)],
            [.. Enumerable.Range(0, plan.Phases.Count).Select(p => (IReadOnlyList<long>)[.. Enumerable.Range(0, plan.Operations).Select(o => counts.PerPhase[p, o])])],
            RateEdges.Of(plan.Schedule.Curve)),
        ThresholdsNs = setup.ThresholdsNs,
        DeadlineNs = setup.DeadlineNs,
        DrainNs = setup.DrainNs,
        Driver = new DriverSummary(driver.Name, callPlan.Lanes, callPlan.Connections, callPlan.SlotsPerLane * callPlan.Lanes, 0, Drivers.KnowsOnWire(driver)),
        Target = new TargetSummary(Redaction.Url(callPlan.Target.ToString()), model?.ToString(), TargetAddress.IsLoopback(callPlan.Target)),
        OfferedFingerprint = "",
        Errors = [],
        Interrupted = RunFacts.Unfinished,
        Finished = false,
        Health = new GeneratorHealth(0, 0, 0, 0, 0),
        Environment = RunFacts.Here(),
    };

    /// <summary>Two seconds of the mix at the load's first rate, at most 200 calls a second.</summary>
    private LoadPlan WarmUpPlan(LoadPlan plan)
    {
        double rate = Math.Clamp(plan.Schedule.Curve.RateAt(0), WarmUpLeastPerSecond, WarmUpMostPerSecond);
        var schedule = new ArrivalSchedule(new RateCurve([new ConstantRate(rate, WarmUpNs)]), setup.Profile.Arrivals, plan.Schedule.Seed);
        return new LoadPlan(schedule, [new Phase("warm-up", 0, WarmUpNs)], [.. setup.Profile.Operations.Select(o => o.Weight)]);
    }

    /// <summary>The collector's and the journal's code runs once before T0 as well, on nothing.</summary>
    private static void RehearseCollecting(RunRecorder scratch, RunSummary begun, LoadPlan warmUp)
    {
        var summary = begun with { Plan = begun.Plan with { Phases = warmUp.Phases, DurationNs = warmUp.DurationNs } };
        using var nowhere = new RunJournal("", summary, scratch, _ => Stream.Null);
        var taker = new IntervalTaker(scratch, nowhere);
        new PlainLines(warmUp, TextWriter.Null).Show(taker.Take(WarmUpNs));
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

    private IRunScreen Screen(LoadPlan plan, Uri target) => request.Ui switch
    {
        UiMode.Live => new LiveScreen(
            new LiveFrame(plan, setup.Profile.Slo, $"{setup.Profile.Name} at {Units.Multiple(setup.Scale)} of {Units.Rate(setup.Profile.Reference.RatePerSecond)}", Redaction.Url(target.ToString())),
            terminal.Error,
            UiModes.WantsColour(terminal.Variable)),
        UiMode.Plain => new PlainLines(plan, terminal.Error),
        _ => new NoScreen(),
    };

    private static long[] ByOperation(CellTable cells, CellField field) =>
        [.. Enumerable.Range(0, cells.Operations).Select(operation => cells.Sum(0, cells.Grid.Count, operation, field))];

    private Task SayAsync(string line) => request.Ui == UiMode.None ? Task.CompletedTask : terminal.Error.WriteLineAsync(line);
}
