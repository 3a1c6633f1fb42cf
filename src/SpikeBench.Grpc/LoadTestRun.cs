using System.Globalization;
using SpikeBench.Core;
using SpikeBench.Core.Engine;
using SpikeBench.Core.Evidence;
using SpikeBench.Core.Profiles;
using SpikeBench.Core.Recording;
using SpikeBench.Core.Schedule;
using SpikeBench.Core.Verdict;
using SpikeBench.Grpc.Http;

namespace SpikeBench.Grpc;

/// <summary>One run of a <see cref="LoadTest"/>, from the driver's preparation to the verdict.</summary>
/// <param name="test">What is asked.</param>
/// <param name="messages">What its operations send.</param>
/// <param name="scale">The multiple of the profile's load.</param>
/// <param name="seed">Of the draws.</param>
/// <param name="target">Vetted.</param>
internal sealed class LoadTestRun(LoadTest test, CodeMessages messages, double scale, ulong seed, Uri target)
{
    private readonly Profile _profile = test.Profile;
    private readonly RunSizes _sizes = new(test.Profile);
    private readonly TimeProvider _time = TimeProvider.System;

    public async Task<LoadTestResult> RunAsync(CancellationToken cancel)
    {
        LoadPlan plan = ProfileCompiler.Compile(_profile, scale, seed);
        RequireRules(plan);
        LoadLimits.RequireCeiling(_profile, _profile.Name, plan, scale);

        // With certificates that do not read there is no use in connecting.
        TargetLocation location = new HandlerFactory(target, _profile.Client.Transport, TimeSpan.Zero).Location;
        bool isHere = await ThisMachine.HasAsync(location, cancel).ConfigureAwait(false);
        var cores = MachineCores.Here();
        Placement placement = Placement.Choose(cores, isHere ? TargetPlace.SameHost : TargetPlace.Elsewhere, test.Workers, Placement.Auto);
        LoadLimits.RequirePlan(plan, _sizes.RecordingOf(plan), placement.Workers);
        int connections = _sizes.ConnectionsFor(plan, placement.Workers);
        LoadLimits.RequireConnections(connections, LoadLimits.OpenFiles());

        string runId = _profile.Name + "-" + _time.GetUtcNow().ToString("yyyyMMdd-HHmmss-fff", CultureInfo.InvariantCulture);
        IReadOnlyList<PlannedOperation> operations = messages.Make(seed, runId);
        DriverChoice choice = Drivers.Choose(null, location, Drivers.PacksEachCall(_profile.Client.Compression, operations));
        var calls = new CallPlan
        {
            Target = target,
            Operations = operations,
            Lanes = placement.Workers,
            Connections = connections,
            SlotsPerLane = _sizes.SlotsFor(plan, placement.Workers),
            RunId = runId,
            Transport = _profile.Client.Transport,
            ConnectTimeout = TimeSpan.FromTicks(_profile.Client.ConnectTimeoutNs / TimeSpan.NanosecondsPerTick),
            Compression = _profile.Client.Compression,
            MaxReplyLength = _profile.Client.MaxReplyBytes,
            Connect = new ConnectPlan { Lazy = _profile.Client.ConnectLazily, RatePerSecond = _profile.Client.ConnectRatePerSecond },
            Seed = seed,
            Time = _time,
        };
        await using IDriver driver = Drivers.Create(choice.Name);
        await driver.PrepareAsync(calls, cancel).ConfigureAwait(false);
        var offer = new LoadOffer
        {
            Profile = _profile,
            ProfileHash = Registration.HashOf(_profile),
            Client = _profile.Client,
            Scale = scale,
            Plan = plan,
            Counts = plan.Count(),
            Calls = calls,
            Driver = driver,
            DriverReason = choice.Why,
            IsTls = location.IsTls,
            Cores = cores,
            Placement = placement,
            Target = new TargetSummary(SafeUrl.Of(target), Model: null, isHere) { Id = test.TargetId, Stubs = test.Stubs },
            Command = "from code",
            FromCode = true,
            MessagesFromCode = messages.HashesOf(operations),
            ClaimNotTested = ClaimTest.WhyNever(_profile) ?? messages.WhyNotTheClaims() ?? ClaimTest.WhyNotThisRun(_profile.Claim!, scale, repeats: 1),

            // A program of its own keeps no ledger, makes one midnight at a time, and starts no process to measure itself against.
            Attempt = null,
            Set = null,
            Calibration = null,
        };
        return await OfferAsync(offer, cancel).ConfigureAwait(false);
    }

    private async Task<LoadTestResult> OfferAsync(LoadOffer offer, CancellationToken cancel)
    {
        CreateFolder();
        var clock = new MonotonicClock();

        // What the set-up left behind is collected now rather than during the load.
        GC.Collect();
        long noticeNs = WatchedLoad.NoticeNs(_sizes);
        (long, DateTimeOffset) t0 = (clock.NowNs + noticeNs, _time.GetUtcNow() + TimeSpan.FromTicks(noticeNs / TimeSpan.NanosecondsPerTick));
        using var load = new WatchedLoad(offer, clock, t0, test.Folder, _time);
        try
        {
            RunRecord record = await load.RunAsync([], static _ => { }, static _ => { }, cancel).ConfigureAwait(false);
            return new LoadTestResult(record, Judge.Decide(record)) { NotKept = load.Keep(record) };
        }
        catch when (!load.HasBegun && test.Folder is not null)
        {
            // Nothing was offered, so there is nothing to keep.
            RunFolder.Clear(test.Folder);
            throw;
        }
    }

    private void CreateFolder()
    {
        if (test.Folder is not { } folder)
        {
            return;
        }

        try
        {
            Directory.CreateDirectory(folder);
        }
        catch (Exception e) when (RunFolder.IsDiskFailure(e))
        {
            throw new UsageException($"results cannot be written to {folder}: {e.Message} Give a {nameof(LoadTest.Folder)} that can.");
        }
    }

    /// <summary>A profile that was changed in code was not read by anyone: a rule about nothing would pass without a word.</summary>
    private void RequireRules(LoadPlan plan)
    {
        if (_profile.Slo.Count == 0)
        {
            throw new UsageException($"the profile '{_profile.Name}' has no SLO: nothing would be judged");
        }

        foreach ((string phase, string operation, string text) in _profile.Slo.Select(s => (s.Phase, s.Operation, s.Text))
            .Concat(_profile.StopIf.Select(s => (s.Phase, s.Operation, s.Text)))
            .Concat(_profile.Recoveries.Select(r => (r.Of, "*", r.Text))))
        {
            if (phase != "*" && plan.Phases.All(p => p.Name != phase))
            {
                throw new UsageException($"the profile '{_profile.Name}' has no phase '{phase}', which '{text}' is about; it has {string.Join(", ", plan.Phases.Select(p => p.Name))}");
            }

            if (operation != "*" && _profile.Operations.All(o => o.Name != operation))
            {
                throw new UsageException($"the profile '{_profile.Name}' has no operation '{operation}', which '{text}' is about; it has {string.Join(", ", _profile.Operations.Select(o => o.Name))}");
            }
        }
    }
}
