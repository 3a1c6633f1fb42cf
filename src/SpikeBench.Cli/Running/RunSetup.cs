using SpikeBench.Cli.Profiles;
using SpikeBench.Core;
using SpikeBench.Core.Engine;
using SpikeBench.Core.Evidence;
using SpikeBench.Core.Profiles;
using SpikeBench.Core.Recording;
using SpikeBench.Core.Schedule;
using SpikeBench.Grpc;
using SpikeBench.Grpc.Dynamic;
using SpikeBench.Grpc.Payloads;

namespace SpikeBench.Cli.Running;

/// <summary>Everything about a run that is known before anything is started; the same for all its repeats but the seed.</summary>
internal sealed record RunSetup
{
    public required Profile Profile { get; init; }

    public required string ProfileHash { get; init; }

    /// <summary>How calls are made: the profile's <c>client</c> with what flags change of it, files with their whole paths.</summary>
    public required ClientOptions Calls { get; init; }

    /// <summary>Requests are compressed and differ from call to call: each is packed as it is made.</summary>
    public required bool PacksEachCall { get; init; }

    public required double Scale { get; init; }

    public required ulong FirstSeed { get; init; }

    /// <summary>The operations of the first seed, made to be checked; null where their messages name the run, whose name is not known yet.</summary>
    internal FirstOperations? First { get; init; }

    /// <summary>R: the midnights of the first look.</summary>
    public required int Repeats { get; init; }

    /// <summary>How often the set may be looked at.</summary>
    public int Looks => Profile.Claim?.Looks ?? 1;

    /// <summary>Why the claim is not tested; null when it is.</summary>
    public required string? ClaimNotTested { get; init; }

    public IReadOnlyList<long> ThresholdsNs => Sizes.ThresholdsNs;

    /// <summary>Per attempt, after compression.</summary>
    public long DeadlineNs => Sizes.DeadlineNs;

    public long DrainNs => Sizes.DrainNs;

    private RunSizes Sizes => new(Profile);

    /// <summary>The methods and their messages.</summary>
    public required Contract Contract { get; init; }

    /// <summary>What <c>--call</c> changed beyond the operations, for people; null where nothing is to be said.</summary>
    public string? Note { get; init; }

    /// <summary>Resolves a request whose calls are all the reference messenger's.</summary>
    /// <exception cref="ProfileErrorsException">The profile is wrong.</exception>
    public static RunSetup Of(RunRequest request)
    {
        (Profile profile, string? note) = ProfileOf(request);
        return Of(request, profile, Contract.BuiltIn) with { Note = note };
    }

    /// <summary>Resolves what a request would offer, for looking at it: what its calls say is not checked, and no contract is needed.</summary>
    /// <exception cref="ProfileErrorsException">The profile is wrong.</exception>
    public static RunSetup OfLoad(RunRequest request) => Of(request, ProfileOf(request).Profile, contract: null);

    /// <summary>Resolves a request; a contract that is not built in is read from files or asked of the target.</summary>
    /// <param name="request">What the user asked for.</param>
    /// <param name="variable">Reads an environment variable.</param>
    /// <param name="time">Of tokens.</param>
    /// <param name="cancel">Gives up.</param>
    /// <exception cref="UsageException">The profile, a file or a flag is wrong.</exception>
    /// <exception cref="TargetException">The target does not tell its contract.</exception>
    public static async Task<RunSetup> OfAsync(RunRequest request, Func<string, string?> variable, TimeProvider time, CancellationToken cancel)
    {
        (Profile profile, string? note) = ProfileOf(request);
        Contract contract = await ContractResolver.ForAsync(request, profile, CallsOf(request, profile.Client), variable, time, cancel).ConfigureAwait(false);
        return Of(request, profile, contract) with { Note = note };
    }

    private static (Profile Profile, string? Note) ProfileOf(RunRequest request)
    {
        List<string> sets = [.. request.Sets];
        if (request.Peak is { } peak)
        {
            sets.Add($"reference.rate={peak}");
            sets.Add($"reference.source=--peak {peak}");
        }

        IReadOnlyList<string> dropped = [];
        Profile profile = ProfileFile.Load(request.Profile, sets, request.Call is { } call ? root => call.Apply(root, out dropped) : null);
        return (profile, dropped.Count == 0 ? null : $"--call: the SLOs and rules of {string.Join(", ", dropped)} are gone with that operation");
    }

    private static RunSetup Of(RunRequest request, Profile profile, Contract? contract)
    {
        ClientOptions calls = CallsOf(request, profile.Client);
        ulong seed = request.Seed ?? profile.Seed;
        bool namesRun = false;
        (IReadOnlyList<PlannedOperation> operations, IReadOnlyList<ProfileError> wrong) = contract is null
            ? ([], [])
            : OperationPool.Build(profile.Operations, calls, seed, new PayloadSources { Contract = contract, Run = AnyRun });
        IReadOnlyList<ProfileError> callErrors = contract is null ? [] : [.. wrong, .. SideCalls.Check(profile, calls, contract)];
        if (callErrors.Count > 0)
        {
            string shown = ProfileFile.ReadText(request.Profile).Shown;
            var blame = new FlagBlame(request.Sets, request.Call is not null);
            throw new ProfileErrorsException([.. callErrors.Select(e => blame.Format(e, shown)).Distinct()]);
        }

        double scale = request.Scale ?? profile.Claim?.Scale ?? 1;
        int repeats = request.Repeat ?? profile.Claim?.Repeats ?? 1;
        var setup = new RunSetup
        {
            Profile = profile,
            ProfileHash = Registration.HashOf(profile),
            Calls = calls,
            Contract = contract ?? Contract.BuiltIn,
            PacksEachCall = Drivers.PacksEachCall(calls.Compression, operations),
            Scale = scale,
            FirstSeed = seed,
            First = contract is null || namesRun ? null : new FirstOperations(operations),
            Repeats = repeats,
            ClaimNotTested = WhyNotTested(request, profile, scale, repeats),
        };
        LoadPlan plan = setup.PlanOf(0);
        LoadLimits.RequireCeiling(profile, request.Profile, plan, scale);
        LoadLimits.RequirePlan(plan, setup.RecordingOf(plan), WorkersFor(request));
        return setup;

        string AnyRun()
        {
            namesRun = true;
            return "run";
        }
    }

    /// <summary>Worker threads at the most: as asked, or one less than the cores.</summary>
    public static int WorkersFor(RunRequest request) => request.Workers ?? Math.Max(1, Environment.ProcessorCount - 1);

    /// <summary>The plan of one repeat.</summary>
    public LoadPlan PlanOf(int repeat, double? scale = null) => ProfileCompiler.Compile(Profile, scale ?? Scale, SeedOf(repeat));

    /// <summary>The seed of one repeat: they count up.</summary>
    public ulong SeedOf(int repeat) => FirstSeed + (ulong)repeat;

    /// <summary>The operations of one repeat with their messages; the first repeat's were made when they were checked.</summary>
    /// <param name="repeat">From 0.</param>
    /// <param name="runId">For <c>${run}</c>.</param>
    public IReadOnlyList<PlannedOperation> OperationsOf(int repeat, string runId) =>
        (repeat == 0 ? First?.Take() : null)
        ?? OperationPool.Build(Profile.Operations, Calls, SeedOf(repeat), new PayloadSources { Run = () => runId, Contract = Contract }).Operations;

    public RecordingPlan RecordingOf(LoadPlan plan) => Sizes.RecordingOf(plan);

    public int ConnectionsFor(double peakRatePerSecond, int workers) => Sizes.ConnectionsFor(peakRatePerSecond, workers);

    /// <summary>Calls per second at the most. A closed load has no rate: its copies are taken to wait for 8 ms, as at the reference messenger.</summary>
    public static double PeakRateOf(LoadPlan plan) => plan.Closed is { } closed ? closed.MostCopies / 0.008 : plan.Schedule.Curve.PeakRate;

    public int SlotsFor(LoadPlan plan, int workers) => Sizes.SlotsFor(plan, workers);

    public int ConnectionsFor(LoadPlan plan, int workers) => Sizes.ConnectionsFor(plan, workers);

    private static ClientOptions CallsOf(RunRequest request, ClientOptions client)
    {
        if (client.Token?.Command is not null && !request.AllowCommands && request.Calls is { TokenCommand: null, TokenFile: null })
        {
            throw new UsageException($"{request.Profile}: client.token.command is a shell command, and profiles are often someone else's: read it, then add --allow-commands");
        }

        string folder = File.Exists(request.Profile) ? Path.GetDirectoryName(Path.GetFullPath(request.Profile))! : "";
        return request.Calls.ApplyTo(client with
        {
            Transport = client.Transport with
            {
                CaFile = Whole(client.Transport.CaFile),
                CertificateFile = Whole(client.Transport.CertificateFile),
                KeyFile = Whole(client.Transport.KeyFile),
            },
            Token = client.Token is { } token ? token with { File = Whole(token.File) } : null,
        });

        string? Whole(string? file) => file is null ? null : Path.Combine(folder, file);
    }

    private static string? WhyNotTested(RunRequest request, Profile profile, double scale, int repeats)
    {
        if (ClaimTest.WhyNever(profile) is { } never)
        {
            return never;
        }

        // What says what is offered and what must hold was registered with the claim; names and sources were not.
        string[] harmless = ["name", "about", "sources", "seed"];
        string? changed = request.Sets.Select(s => NodeEditor.Split(s).Path).FirstOrDefault(p => !harmless.Contains(p.Split('.', '[')[0]));
        if (changed is not null)
        {
            return $"--set {changed} changes what was registered with the claim";
        }

        if (request.Calls.ChangesLoad is { } flag)
        {
            return $"{flag} changes what was registered with the claim";
        }

        return ClaimTest.WhyNotThisRun(profile.Claim!, scale, repeats);
    }
}

/// <summary>Operations that are given away once: a pool may take a gigabyte, which a set's later midnights must not hold on to.</summary>
internal sealed class FirstOperations(IReadOnlyList<PlannedOperation> operations)
{
    private IReadOnlyList<PlannedOperation>? _operations = operations;

    /// <summary>The operations the first time, then null.</summary>
    public IReadOnlyList<PlannedOperation>? Take() => Interlocked.Exchange(ref _operations, null);
}
