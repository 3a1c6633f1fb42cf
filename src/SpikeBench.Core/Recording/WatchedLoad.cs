using SpikeBench.Core.Engine;
using SpikeBench.Core.Profiles;
using SpikeBench.Core.Schedule;

namespace SpikeBench.Core.Recording;

/// <summary>
/// One load and all that watches it, from the warm-up to the closed books: engine, host meter, hiccup meter, collector, journal, rules to
/// stop by. Every kind of run is offered through here, so that none is watched less than another.
/// </summary>
/// <remarks>
/// <code>
///            warm-up, ended and looked at      load                       drain
/// now ──────├──────────────────────────┤──────├───────────────────────────┼──────────┤ books closed
///    lead/2      2 s        deadline    lead/2 T0
/// </code>
/// </remarks>
public sealed class WatchedLoad : IDisposable
{
    private const long LeadNs = 300_000_000;
    private const long WarmUpNs = 2_000_000_000;

    private readonly LoadOffer _offer;
    private readonly MonotonicClock _clock;
    private readonly long _t0Ns;
    private readonly string? _folder;
    private readonly RunSummary _begun;
    private readonly LoadPlan _warmUp;
    private readonly RunRecorder _scratch;
    private readonly Rehearsal _rehearsal;
    private readonly LoadEngine _engine;
    private readonly RunJournal? _journal;
    private readonly HostMeter _host;
    private readonly HiccupMeter _hiccups;
    private readonly StopMonitor _stops;

    /// <param name="offer">What is offered; its driver is prepared.</param>
    /// <param name="clock">The run's clock.</param>
    /// <param name="t0">T0 on it and on the wall clock, at least <see cref="NoticeNs"/> from now.</param>
    /// <param name="folder">Where the run is kept; it exists. Null: nowhere.</param>
    /// <param name="time">The wall clock.</param>
    /// <exception cref="UsageException">The folder does not take it.</exception>
    public WatchedLoad(LoadOffer offer, MonotonicClock clock, (long Ns, DateTimeOffset Utc) t0, string? folder, TimeProvider time)
    {
        RunSizes sizes = offer.Sizes;
        (_offer, _clock, _t0Ns, _folder) = (offer, clock, t0.Ns, folder);
        CallPlan calls = offer.Calls;
        _warmUp = ProfileCompiler.WarmUp(offer.Profile, offer.Plan, WarmUpNs);
        Recording = sizes.RecordingOf(offer.Plan);
        Recorder = new RunRecorder(Recording, calls.Lanes);
        _scratch = new RunRecorder(sizes.RecordingOf(_warmUp), calls.Lanes);
        var options = new EngineOptions
        {
            Workers = calls.Lanes,
            T0Ns = _t0Ns,
            DeadlineNs = sizes.DeadlineNs,
            DrainNs = sizes.DrainNs,
            SlotsPerWorker = calls.SlotsPerLane,
            WorkerCpus = offer.Placement.WorkerCpus,
            ReplyChecks = calls.Operations.Any(o => o.Check is not null) ? [.. calls.Operations.Select(o => o.Check)] : [],
        };
        _rehearsal = new Rehearsal(_warmUp, _t0Ns - sizes.DeadlineNs - WarmUpNs - LeadNs / 2, _scratch);
        _engine = new LoadEngine(options, offer.Plan, offer.Driver, clock, Recorder, _rehearsal);
        _begun = offer.Begun(t0.Utc);
        _journal = folder is null ? null : OpenJournal(folder, _begun, Recorder);
        _host = new HostMeter(clock, time, _t0Ns, _engine.Threads, offer.Placement.GeneratorCpus(offer.Cores), offer.Placement.CoreShare(offer.Cores));
        _hiccups = new HiccupMeter(clock, _t0Ns, offer.Plan.DurationNs + sizes.DrainNs, offer.Placement.WorkerCpus);
        _stops = new StopMonitor(offer.Profile.StopIf, Recording, offer.Names, Recorder);
    }

    /// <summary>How long before T0 a load must be made: the warm-up and its last call's deadline fit in.</summary>
    public static long NoticeNs(RunSizes sizes) => LeadNs + WarmUpNs + sizes.DeadlineNs;

    /// <summary>The shape of the books.</summary>
    public RecordingPlan Recording { get; }

    /// <summary>The books.</summary>
    public RunRecorder Recorder { get; }

    /// <summary>The generator's condition in the latest second; null before there is one.</summary>
    public HostSecond? LatestHost => _host.Seconds is [.., HostSecond latest] ? latest : null;

    /// <summary>Calls of the load may have been made: from here on the attempt counts.</summary>
    public bool HasBegun { get; private set; }

    /// <summary>Offers the load; to be called once.</summary>
    /// <param name="observers">Who sees the merged intervals.</param>
    /// <param name="show">Is told each interval.</param>
    /// <param name="warn">Is told, before T0, what the warm-up showed to be amiss.</param>
    /// <param name="cancel">Ends the load early; what is in flight is drained.</param>
    /// <returns>All that is known of it.</returns>
    /// <exception cref="TargetException">The warm-up showed that the target lacks a method; nothing of the load was offered.</exception>
    /// <exception cref="GeneratorException">The machine stood still during the warm-up; nothing of the load was offered.</exception>
    public async Task<RunRecord> RunAsync(IReadOnlyList<IIntervalObserver> observers, Action<SecondSummary> show, Action<string> warn, CancellationToken cancel)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        string? stoppedBy = null;
        var taker = new IntervalTaker(Recorder, _journal, observers);
        RehearseCollecting();
        RunBooks rehearsed;
        bool interrupted;
        using (var collector = new Collector(taker, _host, _clock, _t0Ns, RecordingPlan.IntervalNs(_offer.Plan.DurationNs), KeepGoing, show))
        {
            rehearsed = await LoadAsync(warn, stop.Token, cancel).ConfigureAwait(false);
            interrupted = cancel.IsCancellationRequested;
            collector.Finish();
            _journal?.Dispose();
        }

        RunRecord record = new LoadEnd(_offer.Plan, _offer.Counts, _engine, _offer.Driver, Recorder, taker, _host, _hiccups)
            .Record(_begun, stoppedBy, interrupted ? _clock.NowNs - _t0Ns : null);
        return record with
        {
            Summary = record.Summary with
            {
                Calls = _offer.CallsSoFar(),
                WarmUp = new WarmUpSummary(ByOperation(rehearsed.Cells, CellField.Sent), ByOperation(rehearsed.Cells, CellField.Ok)),
            },
        };

        bool KeepGoing(long atNs)
        {
            stoppedBy = _stops.Check(atNs);
            if (stoppedBy is not null)
            {
                stop.Cancel();
            }

            return stoppedBy is null;
        }
    }

    /// <summary>Closes the folder. A disk that is full costs the result, not the verdict.</summary>
    /// <param name="record">The load's record, with whatever else is to be kept of it.</param>
    /// <returns>What the folder lacks and why; null when it is whole, or there is none.</returns>
    public string? Keep(RunRecord record)
    {
        if (_journal is null)
        {
            return null;
        }

        string? failure = _journal.Failure is { } lost ? $"{lost} (the first {Units.Duration(_journal.KeptNs)} are kept)" : null;
        try
        {
            // Without all its intervals the folder cannot be a whole run: it stays one that did not finish.
            if (failure is null)
            {
                RunFolder.Write(record, _folder!);
            }
        }
        catch (Exception e) when (RunFolder.IsDiskFailure(e))
        {
            failure = e.Message;
        }

        return failure is null ? null : $"the result could not be kept whole: {failure} {_folder} reads back as a run that did not finish.";
    }

    public void Dispose()
    {
        _journal?.Dispose();
        _host.Dispose();
        _hiccups.Dispose();
    }

    /// <summary>Runs the engine; a target that lacks a method is found out between the warm-up and T0.</summary>
    /// <returns>The books of the warm-up.</returns>
    private async Task<RunBooks> LoadAsync(Action<string> warn, CancellationToken stop, CancellationToken cancel)
    {
        using var unfit = CancellationTokenSource.CreateLinkedTokenSource(stop);
        Task load = _engine.RunAsync(unfit.Token);

        // The warm-up's last call has its deadline half a lead before T0; after that nobody writes its books.
        double untilMs = Math.Max(0, (_t0Ns - LeadNs / 4 - _clock.NowNs) / 1e6);
        await Task.WhenAny(load, Task.Delay(TimeSpan.FromMilliseconds(untilMs), cancel)).ConfigureAwait(false);
        RunBooks rehearsed = _scratch.Close();
        TargetException? unfitting = cancel.IsCancellationRequested
            ? null
            : WarmUpWatch.Verdict(rehearsed, [.. _offer.Profile.Operations.Select(o => o.Call)], _offer.Calls.Target);
        HasBegun = unfitting is null && !cancel.IsCancellationRequested && !load.IsFaulted;
        if (unfitting is not null)
        {
            await unfit.CancelAsync().ConfigureAwait(false);
        }
        else if (HasBegun && WarmUpWatch.Warning(rehearsed, _offer.Names, _rehearsal.Words) is { } warning)
        {
            warn(warning);
        }

        await load.ConfigureAwait(false);
        return unfitting is null ? rehearsed : throw unfitting;
    }

    /// <summary>The collector's and the journal's code runs once before T0 as well, on nothing.</summary>
    private void RehearseCollecting()
    {
        var summary = _begun with { Plan = _begun.Plan with { Phases = _warmUp.Phases, DurationNs = _warmUp.DurationNs } };
        using var nowhere = new RunJournal("", summary, _scratch, _ => Stream.Null);
        new IntervalTaker(_scratch, nowhere).Take(WarmUpNs);
        nowhere.Write(0, 0, TimeKind.Response, 0, WarmUpNs, RecordingPlan.NewHistogram());
    }

    /// <summary>From here on the folder reads back as a run that did not finish.</summary>
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

    private static long[] ByOperation(CellTable cells, CellField field) =>
        [.. Enumerable.Range(0, cells.Operations).Select(operation => cells.Sum(0, cells.Grid.Count, operation, field))];
}
