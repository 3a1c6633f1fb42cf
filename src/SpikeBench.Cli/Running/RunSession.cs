using System.Globalization;
using SpikeBench.Cli.Ui;
using SpikeBench.Core;
using SpikeBench.Core.Engine;
using SpikeBench.Core.Evidence;
using SpikeBench.Core.Profiles;
using SpikeBench.Core.Recording;
using SpikeBench.Core.Schedule;
using SpikeBench.Core.Verdict;
using SpikeBench.Grpc;
using SpikeBench.Grpc.Dynamic;
using SpikeBench.Grpc.Http;

namespace SpikeBench.Cli.Running;

/// <summary>A finished midnight: its record, its verdict and its folder.</summary>
/// <param name="Record">Everything that is known of it.</param>
/// <param name="Verdict">What it says.</param>
/// <param name="Folder">Where it is kept.</param>
/// <param name="NotKept">What its folder lacks and why; null when it is whole.</param>
internal sealed record FinishedRun(RunRecord Record, RunVerdict Verdict, string Folder, string? NotKept = null)
{
    public JudgedRun Judged => new(Record, Verdict);
}

/// <summary>
/// One midnight from start to stored result: target, driver, plan, load, books, verdict.
/// </summary>
internal sealed partial class RunSession(RunRequest request, RunSetup setup, AttemptLedger ledger, Terminal terminal, TimeProvider time)
{
    private static readonly HttpClient Prometheus = new(new SocketsHttpHandler { UseProxy = false }) { Timeout = TimeSpan.FromSeconds(10) };

    // Its port is not known yet; its scheme is, and wrong usage is to be told before anything is started.
    private static readonly Uri OwnMessenger = new("http://127.0.0.1");

    /// <summary>What <c>--insecure</c> costs.</summary>
    public const string InsecureWarning =
        "WARNING: --insecure: the target's certificate is not checked. Whoever is on the way can read these calls, tokens included, and answer them.";

    private readonly PrometheusReader _observer = new(setup.Profile.Observe, Prometheus);
    private readonly List<JudgedRun> _midnights = [];
    private string? _setId;

    // The same for all midnights of a set.
    private Calibration? _calibration;

    /// <summary>Runs the <paramref name="repeat"/>-th midnight, against a target and over connections of its own.</summary>
    /// <param name="repeat">From 0; its seed is so many above the first.</param>
    /// <param name="startAt">The wall time of T0, or null for now.</param>
    /// <param name="cancel">Before T0 gives up; afterwards ends the load early and keeps what there is.</param>
    public async Task<FinishedRun> RunAsync(int repeat, DateTimeOffset? startAt, CancellationToken cancel)
    {
        LoadPlan plan = setup.PlanOf(repeat);
        MachineCores cores = MachineCores.Here();
        Uri? given = request.Target is { } text ? TargetAddress.Parse(text, request.OwnsTarget) : null;

        // With certificates that do not read there is no use in waiting for anything.
        TargetLocation location = new HandlerFactory(given ?? OwnMessenger, setup.Calls.Transport, TimeSpan.Zero).Location;
        bool isHere = await ThisMachine.HasAsync(location, cancel).ConfigureAwait(false);
        TargetPlace place = given is null ? TargetPlace.OwnChild : isHere ? TargetPlace.SameHost : TargetPlace.Elsewhere;
        DriverChoice driverChoice = Drivers.Choose(request.Driver, location, setup.PacksEachCall);
        Placement placement = Placement.Choose(cores, place, request.Workers, request.Pin);
        int workers = placement.Workers;
        double peak = RunSetup.PeakRateOf(plan);
        int connections = setup.ConnectionsFor(plan, workers);
        LoadLimits.RequireConnections(connections, LoadLimits.OpenFiles());
        int slots = setup.SlotsFor(plan, workers);

        // The folder first: a result that cannot be kept is not worth a midnight.
        string folder = ResultFolders.Create(request.Out, setup.Profile.Name, time.GetUtcNow());
        string runId = Path.GetFileName(folder);
        _setId ??= runId;
        Midnight? midnight = null;
        try
        {
            ResultFolders.RequireSpace(folder, ResultFolders.BytesFor(setup.RecordingOf(plan)));
            if (setup.Calls.Transport.Insecure)
            {
                // Not to be missed, however quiet the run is.
                await terminal.Error.WriteLineAsync(InsecureWarning).ConfigureAwait(false);
            }

            await using TokenKeeper? token = setup.Calls.Token is { } source
                ? await TokenKeeper.StartAsync(source, line => terminal.Error.WriteLineAsync(line), time, cancel).ConfigureAwait(false)
                : null;
            await _observer.TryAsync(cancel).ConfigureAwait(false);
            _calibration ??= await CalibrateAsync(driverChoice.Name, workers, peak, cancel).ConfigureAwait(false);
            MessengerModel? model = given is null
                ? MessengerModel.For(RunSetup.PeakRateOf(setup.PlanOf(repeat, setup.Profile.Claim?.Scale ?? 1)), setup.Profile.Operations)
                : null;
            await using TargetProcess? messenger = model is null
                ? null
                : await TargetProcess.StartAsync(model.Flags(setup.SeedOf(repeat)), placement.TargetCpus, cancel).ConfigureAwait(false);
            Uri target = given ?? messenger!.Address;
            await SayAsync(model is null ? $"target {SafeUrl.Of(target)}" : $"started the reference messenger at {target} ({model})").ConfigureAwait(false);
            if (setup.Contract != Contract.BuiltIn)
            {
                await SayAsync($"contract: {setup.Contract.Origin}, {setup.Contract.Hash}").ConfigureAwait(false);
            }

            var callPlan = new CallPlan
            {
                Target = target,
                Operations = setup.OperationsOf(repeat, runId),
                Lanes = workers,
                Connections = connections,
                SlotsPerLane = slots,
                RunId = runId,
                Transport = setup.Calls.Transport,
                ConnectTimeout = TimeSpan.FromTicks(setup.Calls.ConnectTimeoutNs / TimeSpan.NanosecondsPerTick),
                Token = token?.Token,
                Compression = setup.Calls.Compression,
                MaxReplyLength = setup.Calls.MaxReplyBytes,
                Connect = new ConnectPlan { Lazy = setup.Profile.Client.ConnectLazily, RatePerSecond = setup.Profile.Client.ConnectRatePerSecond },
                Seed = setup.SeedOf(repeat),
            };
            using var side = new SideCalls(setup.Profile, setup.Calls, setup.Contract, callPlan, setup.SeedOf(repeat), SayAsync);
            try
            {
                await side.PrepareAsync(cancel).ConfigureAwait(false);
                await using IDriver driver = Drivers.Create(driverChoice.Name);
                await driver.PrepareAsync(callPlan, cancel).ConfigureAwait(false);
                PlanCounts counts = plan.Count();
                await SayAsync($"{(plan.Closed is { } closed ? $"up to {Units.Count(closed.MostCopies)} copies (closed: no plan)" : $"{Units.Count(counts.Total)} calls planned")}, {Units.Count(connections)} connections, {workers} worker{(workers == 1 ? "" : "s")} ({placement.Why}), driver {driver.Name}{(driverChoice.Why is { } why ? $" ({why})" : "")}").ConfigureAwait(false);

                midnight = new Midnight(folder, new LoadOffer
                {
                    Profile = setup.Profile,
                    ProfileHash = setup.ProfileHash,
                    Client = setup.Calls,
                    Scale = setup.Scale,
                    Plan = plan,
                    Counts = counts,
                    Calls = callPlan,
                    Driver = driver,
                    DriverReason = driverChoice.Why,
                    IsTls = location.IsTls,
                    Cores = cores,
                    Placement = placement,
                    Target = new TargetSummary(SafeUrl.Of(callPlan.Target), model?.ToString(), isHere)
                    {
                        Id = request.TargetId,
                        Stubs = request.Stubs,
                    },
                    Command = request.Command,
                    FromCode = false,
                    MessagesFromCode = new Dictionary<string, string>(),
                    ClaimNotTested = setup.ClaimNotTested,
                    Attempt = null,
                    Set = new MidnightSet(_setId, repeat + 1, ClaimLooks.MidnightsAfter(ClaimLooks.LookOf(repeat + 1, setup.Repeats), setup.Repeats)),
                    Calibration = _calibration,
                });
                return await RegisterAndOfferAsync(midnight, startAt, cancel).ConfigureAwait(false);
            }
            finally
            {
                await side.CleanUpAsync(line => terminal.Error.WriteLineAsync(line)).ConfigureAwait(false);
            }
        }
        catch when (midnight is not { HasBegun: true })
        {
            // Nothing was offered, so there is nothing to keep.
            ResultFolders.Discard(folder);
            throw;
        }
    }

    /// <summary>Opens the attempt before T0 and closes it however it ends: one that is killed stays open in the ledger.</summary>
    private Task<FinishedRun> RegisterAndOfferAsync(Midnight midnight, DateTimeOffset? startAt, CancellationToken cancel)
    {
        LoadOffer offer = midnight.Offer;
        AttemptTerms terms = Registration.TermsOf(
            offer.Profile, offer.ProfileHash, offer.Counts.Fingerprint.ToString(), offer.Scale, offer.Calls.Seed, offer.ClaimNotTested, offer.Set!, offer.Target, offer.ToolBuild);
        return ledger.HoldAsync(
            offer.Calls.RunId,
            terms,
            attempt =>
            {
                midnight.Offer = offer with { Attempt = attempt };
                return OfferAsync(midnight, startAt, cancel);
            },
            run => new AttemptEnd(run.Verdict.Outcome, run.Record.Summary.Interrupted ?? run.Record.Summary.StoppedBy, Offered: true, FilesOf(midnight.Folder))
            {
                OfSet = OutcomeOfSet(run, offer.Set!.Of),
            },
            failure => new AttemptEnd(
                null, failure is OperationCanceledException ? "ended before T0" : $"failed: {failure.GetType().Name}", midnight.HasBegun, new Dictionary<string, string>()));
    }

    /// <summary>FAIL where the midnight that ends a set lets all of them FAIL together; a set that is open may go on.</summary>
    private Outcome? OutcomeOfSet(FinishedRun run, int of)
    {
        _midnights.Add(run.Judged);
        return _midnights.Count > 1 && _midnights.Count == of && SetJudge.Decide(_midnights, of).Outcome == Outcome.Fail ? Outcome.Fail : null;
    }

    /// <summary>The hashes of the evidence; none where the folder cannot be read any more: the attempt counts with its outcome all the same.</summary>
    private static IReadOnlyDictionary<string, string> FilesOf(string folder)
    {
        try
        {
            return RunFolder.HashFiles(folder);
        }
        catch (UsageException)
        {
            return new Dictionary<string, string>();
        }
    }

    /// <summary>The generator against nothing: from the user's cache, or measured now, before there is a target to disturb.</summary>
    private async Task<Calibration?> CalibrateAsync(string driver, int workers, double peak, CancellationToken cancel)
    {
        Calibration? calibration = await new Calibrator(new MonotonicClock(), time, SayAsync)
            .ForAsync(CalibrationStore.OfUser(), driver, workers, peak, rate => setup.ConnectionsFor(rate, workers), request.NoCalibrate, cancel).ConfigureAwait(false);
        await SayAsync(calibration is null
            ? "no calibration of the generator: a PASS gets no certificate"
            : $"the generator against nothing at {Units.Rate(calibration.RatePerSecond)}: p99.9 {Units.Duration(calibration.ResponseP999Ns)}, sent late by p99.9 {Units.Duration(calibration.LatenessP999Ns)}, one worker can make {Units.Rate(calibration.CeilingPerSecond)}").ConfigureAwait(false);
        return calibration;
    }

    /// <summary>T0 on both clocks: a moment from now, or the wall time asked for; the warm-up fits in before.</summary>
    private async Task<(long Ns, DateTimeOffset Utc)> ChooseT0Async(MonotonicClock clock, DateTimeOffset? startAt, long leadNs, CancellationToken cancel)
    {
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

    /// <summary>A midnight on its way: what it offers, where it is kept, and whether any of it may have been offered.</summary>
    private sealed class Midnight(string folder, LoadOffer offer)
    {
        public string Folder => folder;

        public LoadOffer Offer { get; set; } = offer;

        /// <summary>Calls may have been made: from here on the attempt counts.</summary>
        public bool HasBegun { get; set; }
    }

    private Task SayAsync(string line) => request.Ui == UiMode.None ? Task.CompletedTask : terminal.Error.WriteLineAsync(line);
}
