using System.Globalization;
using SpikeBench.Core.Engine;
using SpikeBench.Core.Evidence;
using SpikeBench.Core.Profiles;
using SpikeBench.Core.Recording;
using SpikeBench.Core.Schedule;
using SpikeBench.Core.Verdict;
using SpikeBench.Grpc.Http;

namespace SpikeBench.Grpc;

/// <summary>One run of a <see cref="LoadTest"/>, from the driver's preparation to the verdict.</summary>
internal sealed class LoadTestRun(LoadTest test, IReadOnlyList<PlannedOperation> operations, double scale, ulong seed, Uri target)
{
    private const long SecondNs = 1_000_000_000;
    private const long LeadNs = 300_000_000;

    private readonly Profile _profile = test.Profile;
    private readonly RunSizes _sizes = new(test.Profile);
    private readonly LoadPlan _plan = ProfileCompiler.Compile(test.Profile, scale, seed);
    private readonly MachineCores _cores = MachineCores.Here();
    private bool _isHere;

    public async Task<LoadTestResult> RunAsync(CancellationToken cancel)
    {
        _isHere = await ThisMachine.HasAsync(TargetLocation.Of(target, _profile.Client.Transport), cancel).ConfigureAwait(false);
        Placement placement = Placement.Choose(_cores, _isHere ? TargetPlace.SameHost : TargetPlace.Elsewhere, test.Workers, Placement.Auto);
        TimeProvider time = TimeProvider.System;
        string runId = _profile.Name + "-" + time.GetUtcNow().ToString("yyyyMMdd-HHmmss", CultureInfo.InvariantCulture);
        var calls = new CallPlan
        {
            Target = target,
            Operations = operations,
            Lanes = placement.Workers,
            Connections = _sizes.ConnectionsFor(_plan, placement.Workers),
            SlotsPerLane = _sizes.SlotsFor(_plan, placement.Workers),
            RunId = runId,
            Transport = _profile.Client.Transport,
            ConnectTimeout = TimeSpan.FromTicks(_profile.Client.ConnectTimeoutNs / TimeSpan.NanosecondsPerTick),
            Compression = _profile.Client.Compression,
            MaxReplyLength = _profile.Client.MaxReplyBytes,
            Connect = new ConnectPlan { Lazy = _profile.Client.ConnectLazily, RatePerSecond = _profile.Client.ConnectRatePerSecond },
            Seed = seed,
            Time = time,
        };
        await using IDriver driver = RawDriver.IsSupported && !TargetLocation.Of(target, calls.Transport).IsTls ? new RawDriver() : new HttpDriver();
        await driver.PrepareAsync(calls, cancel).ConfigureAwait(false);
        return await OfferAsync(calls, driver, placement, time, cancel).ConfigureAwait(false);
    }

    private async Task<LoadTestResult> OfferAsync(CallPlan calls, IDriver driver, Placement placement, TimeProvider time, CancellationToken cancel)
    {
        var clock = new MonotonicClock();
        PlanCounts counts = _plan.Count();
        LoadPlan warmUp = ProfileCompiler.WarmUp(_profile, _plan, ArrivalKind.Uniform, SecondNs);
        RecordingPlan recording = _sizes.RecordingOf(_plan);
        var recorder = new RunRecorder(recording, calls.Lanes);
        GC.Collect();
        long t0Ns = clock.NowNs + LeadNs + SecondNs + _sizes.DeadlineNs;
        DateTimeOffset t0Utc = time.GetUtcNow() + TimeSpan.FromTicks((t0Ns - clock.NowNs) / TimeSpan.NanosecondsPerTick);
        var options = new EngineOptions
        {
            Workers = calls.Lanes,
            T0Ns = t0Ns,
            DeadlineNs = _sizes.DeadlineNs,
            DrainNs = _sizes.DrainNs,
            SlotsPerWorker = calls.SlotsPerLane,
            WorkerCpus = placement.WorkerCpus,
        };
        var rehearsal = new Rehearsal(warmUp, t0Ns - _sizes.DeadlineNs - SecondNs - LeadNs / 2, new RunRecorder(_sizes.RecordingOf(warmUp), calls.Lanes));
        var engine = new LoadEngine(options, _plan, driver, clock, recorder, rehearsal);
        RunSummary begun = Begun(calls, driver, placement, counts, t0Utc);
        using RunJournal? journal = OpenJournal(begun, recorder);
        using var host = new HostMeter(clock, time, t0Ns, engine.Threads, placement.GeneratorCpus(_cores), placement.CoreShare(_cores));
        using var hiccups = new HiccupMeter(clock, t0Ns, _plan.DurationNs + _sizes.DrainNs, placement.WorkerCpus);
        var stops = new StopMonitor(_profile.StopIf, recording, begun.Plan.Operations, recorder);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        string? stoppedBy = null;
        var taker = new IntervalTaker(recorder, journal);
        using (var collector = new Collector(taker, host, clock, t0Ns, RecordingPlan.IntervalNs(_plan.DurationNs), KeepGoing, _ => { }))
        {
            await engine.RunAsync(stop.Token).ConfigureAwait(false);
            collector.Finish();
        }

        journal?.Dispose();
        RunRecord record = new LoadEnd(_plan, counts, engine, driver, recorder, taker, host, hiccups).Record(begun, stoppedBy, cancel.IsCancellationRequested ? clock.NowNs - t0Ns : null);
        if (test.Folder is { } folder)
        {
            RunFolder.Write(record, folder);
        }

        return new LoadTestResult(record, Judge.Decide(record));

        bool KeepGoing(long atNs)
        {
            stoppedBy = stops.Check(atNs);
            if (stoppedBy is not null)
            {
                stop.Cancel();
            }

            return stoppedBy is null;
        }
    }

    private RunJournal? OpenJournal(RunSummary begun, RunRecorder recorder)
    {
        if (test.Folder is not { } folder)
        {
            return null;
        }

        Directory.CreateDirectory(folder);
        RunFolder.Begin(begun, folder);
        return new RunJournal(folder, begun, recorder);
    }

    private RunSummary Begun(CallPlan calls, IDriver driver, Placement placement, PlanCounts counts, DateTimeOffset t0Utc) => new()
    {
        RunId = calls.RunId,
        Tool = RunFacts.Tool(),
        Command = "from code",
        T0Utc = t0Utc,
        Profile = _profile,
        ProfileHash = Registration.HashOf(_profile),
        Scale = scale,
        Seed = seed,
        ClaimNotTested = ClaimTest.WhyNever(_profile) ?? ClaimTest.WhyNotThisRun(_profile.Claim!, scale, repeats: 1),
        Plan = PlanSummary.Of(_plan, counts, [.. _profile.Operations.Select(o => o.Name)]),
        ThresholdsNs = _sizes.ThresholdsNs,
        DeadlineNs = _sizes.DeadlineNs,
        DrainNs = _sizes.DrainNs,
        Driver = new DriverSummary(driver.Name, calls.Lanes, calls.Connections, calls.SlotsPerLane * calls.Lanes, 0, driver is RawDriver)
        {
            Placement = placement.Why,
            WorkerCpus = placement.WorkerCpus?.ToString(),
        },
        Target = new TargetSummary($"{target.Scheme}://{target.Authority}", null, _isHere),
        OfferedFingerprint = "",
        Errors = [],
        Interrupted = RunFacts.Unfinished,
        Finished = false,
        Health = new GeneratorHealth(0, 0, 0, 0, 0),
        Environment = RunFacts.Here(_cores),
    };
}
