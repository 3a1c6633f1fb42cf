using SpikeBench.Cli.Metrics;
using SpikeBench.Cli.Ui;
using SpikeBench.Core;
using SpikeBench.Core.Engine;
using SpikeBench.Core.Profiles;
using SpikeBench.Core.Recording;
using SpikeBench.Core.Schedule;
using SpikeBench.Core.Verdict;

namespace SpikeBench.Cli.Running;

/// <summary>From T0 to the verdict: the engine and all that watches it, the books, the folder.</summary>
internal sealed partial class RunSession
{
    private async Task<FinishedRun> OfferAsync(Offer offer, int attempt, DateTimeOffset? startAt, CancellationToken cancel)
    {
        (LoadPlan plan, PlanCounts counts, CallPlan callPlan, IDriver driver, MachineCores cores, Placement placement, string folder, int _) = offer;
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
            ReplyChecks = callPlan.Operations.Any(o => o.Check is not null) ? [.. callPlan.Operations.Select(o => o.Check)] : [],
        };
        var scratch = new RunRecorder(setup.RecordingOf(warmUp), callPlan.Lanes);
        var rehearsal = new Rehearsal(warmUp, t0Ns - setup.DeadlineNs - WarmUpNs - LeadNs / 2, scratch);
        var engine = new LoadEngine(options, plan, driver, clock, recorder, rehearsal);
        IReadOnlyList<string> names = [.. setup.Profile.Operations.Select(o => o.Name)];
        RunSummary begun = Begun(offer, attempt, t0Utc);
        using RunJournal journal = OpenJournal(folder, begun, recorder);
        using var host = new HostMeter(clock, time, t0Ns, engine.Threads, placement.GeneratorCpus(cores), placement.CoreShare(cores));
        using var hiccups = new HiccupMeter(clock, t0Ns, plan.DurationNs + setup.DrainNs, placement.WorkerCpus);
        var stops = new StopMonitor(setup.Profile.StopIf, recording, names, recorder);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        using OtlpSender? sender = request.Otlp is { } endpoint ? new OtlpSender(endpoint) : null;
        OtlpMetrics? metrics = sender is null
            ? null
            : new OtlpMetrics(new OtlpRun(callPlan.RunId, setup.Profile.Name, RunFacts.Tool(), t0Utc, plan.Phases, names), recorder, recording, () => host.Seconds is [.., HostSecond latest] ? latest : null, sender.Post);
        string? stoppedBy = null;
        var taker = new IntervalTaker(recorder, journal, metrics is null ? [] : [metrics]);
        RehearseCollecting(scratch, begun, warmUp);
        using IRunScreen screen = Screen(plan, callPlan.Target);
        RunBooks rehearsed;
        bool interrupted;
        using (var collector = new Collector(taker, host, clock, t0Ns, RecordingPlan.IntervalNs(plan.DurationNs), KeepGoing, screen.Show))
        {
            rehearsed = await LoadAsync(engine, scratch, offer, t0Ns, clock, stop.Token, cancel).ConfigureAwait(false);
            interrupted = cancel.IsCancellationRequested;
            collector.Finish();
            journal.Dispose();
            screen.Dispose();
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

        RunRecord record = new LoadEnd(plan, counts, engine, driver, recorder, taker, host, hiccups).Record(begun, stoppedBy, interrupted ? clock.NowNs - t0Ns : null);
        await FinishMetricsAsync(metrics, sender).ConfigureAwait(false);
        IReadOnlyList<ObservedSeries> observed = await _observer.ReadAsync(t0Utc, time.GetUtcNow(), line => terminal.Error.WriteLineAsync($"spikebench: {line}"), CancellationToken.None).ConfigureAwait(false);
        record = record with
        {
            Observed = observed,
            Summary = record.Summary with
            {
                Calls = CallsOf(offer),
                WarmUp = new WarmUpSummary(ByOperation(rehearsed.Cells, CellField.Sent), ByOperation(rehearsed.Cells, CellField.Ok)),
            },
        };
        string? notKept = Keep(record, folder, journal);
        RunVerdict verdict = Judge.Decide(record);
        return new FinishedRun(record, verdict, folder, notKept);
    }

    /// <summary>Runs the engine; a target that lacks a method is found out between the warm-up and T0.</summary>
    /// <returns>The books of the warm-up.</returns>
    private async Task<RunBooks> LoadAsync(LoadEngine engine, RunRecorder warmUp, Offer offer, long t0Ns, MonotonicClock clock, CancellationToken stop, CancellationToken cancel)
    {
        using var unfit = CancellationTokenSource.CreateLinkedTokenSource(stop);
        Task load = engine.RunAsync(unfit.Token);

        // The warm-up's last call has its deadline half a lead before T0; after that nobody writes its books.
        double untilMs = Math.Max(0, (t0Ns - LeadNs / 4 - clock.NowNs) / 1e6);
        await Task.WhenAny(load, Task.Delay(TimeSpan.FromMilliseconds(untilMs), cancel)).ConfigureAwait(false);
        RunBooks rehearsed = warmUp.Close();
        TargetException? unfitting = cancel.IsCancellationRequested
            ? null
            : WarmUpWatch.Verdict(rehearsed, [.. setup.Profile.Operations.Select(o => o.Call)], offer.Calls.Target);
        offer.Begun = unfitting is null && !cancel.IsCancellationRequested && !load.IsFaulted;
        if (unfitting is not null)
        {
            await unfit.CancelAsync().ConfigureAwait(false);
        }

        await load.ConfigureAwait(false);
        return unfitting is null ? rehearsed : throw unfitting;
    }

    private async Task FinishMetricsAsync(OtlpMetrics? metrics, OtlpSender? sender)
    {
        if (metrics is null)
        {
            return;
        }

        metrics.Close();
        if (await sender!.FinishAsync().ConfigureAwait(false) is { } complaint)
        {
            await terminal.Error.WriteLineAsync($"spikebench: --otlp {Redaction.Url(request.Otlp!.ToString())}: {complaint} The run is not affected.").ConfigureAwait(false);
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
    private RunSummary Begun(Offer offer, int attempt, DateTimeOffset t0Utc)
    {
        (LoadPlan plan, PlanCounts counts, CallPlan callPlan, IDriver driver, MachineCores cores, Placement placement, string _, int repeat) = offer;
        return new RunSummary
        {
            RunId = callPlan.RunId,
            Tool = RunFacts.Tool(),
            ToolBuild = ToolBuild.Hash,
            Attempt = attempt,
            Set = offer.Set,
            Command = request.Command,
            T0Utc = t0Utc,
            Profile = setup.Profile,
            ProfileHash = setup.ProfileHash,
            Scale = setup.Scale,
            Seed = setup.SeedOf(repeat),
            ClaimNotTested = setup.ClaimNotTested,
            Plan = PlanSummary.Of(plan, counts, [.. setup.Profile.Operations.Select(o => o.Name)]),
            ThresholdsNs = setup.ThresholdsNs,
            DeadlineNs = setup.DeadlineNs,
            DrainNs = setup.DrainNs,
            Driver = new DriverSummary(driver.Name, callPlan.Lanes, callPlan.Connections, callPlan.SlotsPerLane * callPlan.Lanes, 0, Drivers.KnowsOnWire(driver))
            {
                Placement = placement.Why,
                WorkerCpus = placement.WorkerCpus?.ToString(),
                TargetCpus = placement.TargetCpus?.ToString(),
            },
            Target = offer.Target,
            Calls = CallsOf(offer),
            OfferedFingerprint = "",
            Errors = [],
            Interrupted = RunFacts.Unfinished,
            Finished = false,
            Health = new GeneratorHealth(0, 0, 0, 0, 0),
            Calibration = _calibration,
            Environment = RunFacts.Here(cores),
        };
    }

    private CallsSummary CallsOf(Offer offer)
    {
        ClientOptions calls = setup.Calls;
        return new CallsSummary
        {
            Tls = offer.IsTls,
            CertificateUnchecked = calls.Transport.Insecure,
            ClientCertificate = calls.Transport.CertificateFile is not null,
            Authority = calls.Transport.Authority,
            Compression = calls.Compression,
            Metadata = [.. calls.Metadata.Select(m => m.Name)],
            TokenRefreshes = offer.Token?.Refreshes,
            TokenFailures = offer.Token?.Failures ?? [],
            DriverReason = offer.DriverReason,
        };
    }

    private static long[] ByOperation(CellTable cells, CellField field) =>
        [.. Enumerable.Range(0, cells.Operations).Select(operation => cells.Sum(0, cells.Grid.Count, operation, field))];

    /// <summary>The collector's and the journal's code runs once before T0 as well, on nothing.</summary>
    private static void RehearseCollecting(RunRecorder scratch, RunSummary begun, LoadPlan warmUp)
    {
        var summary = begun with { Plan = begun.Plan with { Phases = warmUp.Phases, DurationNs = warmUp.DurationNs } };
        using var nowhere = new RunJournal("", summary, scratch, _ => Stream.Null);
        var taker = new IntervalTaker(scratch, nowhere);
        new PlainLines(warmUp, TextWriter.Null).Show(taker.Take(WarmUpNs));
        nowhere.Write(0, 0, TimeKind.Response, 0, WarmUpNs, RecordingPlan.NewHistogram());
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
}
