using SpikeBench.Core.Engine;
using SpikeBench.Core.Profiles;
using SpikeBench.Core.Schedule;

namespace SpikeBench.Core.Recording;

/// <summary>
/// A load as it is known before its T0: what is offered to whom, how, and at whose word. All that a summary says of it is made here,
/// whoever runs it: what a run must be told stands as required, so that no kind of run can forget it.
/// </summary>
public sealed record LoadOffer
{
    /// <summary>As it was resolved: file, flags and defaults.</summary>
    public required Profile Profile { get; init; }

    /// <summary>Its hash, fixed before the run.</summary>
    public required string ProfileHash { get; init; }

    /// <summary>How calls are made: the profile's <c>client</c> with what flags change of it.</summary>
    public required ClientOptions Client { get; init; }

    /// <summary>The multiple of the profile's load.</summary>
    public required double Scale { get; init; }

    public required LoadPlan Plan { get; init; }

    /// <summary>The plan's counts.</summary>
    public required PlanCounts Counts { get; init; }

    /// <summary>What the driver was prepared with.</summary>
    public required CallPlan Calls { get; init; }

    /// <summary>Is prepared.</summary>
    public required IDriver Driver { get; init; }

    /// <summary>Why another driver than the best one serves; null where none does.</summary>
    public required string? DriverReason { get; init; }

    /// <summary>Whether TLS is spoken with the target.</summary>
    public required bool IsTls { get; init; }

    public required MachineCores Cores { get; init; }

    public required Placement Placement { get; init; }

    public required TargetSummary Target { get; init; }

    /// <summary>Who asked: the command line, secrets redacted.</summary>
    public required string Command { get; init; }

    /// <summary>A program of its own runs it, not the command line.</summary>
    public required bool FromCode { get; init; }

    /// <summary>Why the claim is not tested; null when it is.</summary>
    public required string? ClaimNotTested { get; init; }

    /// <summary>The run's number in the ledger of attempts; null where there is no ledger.</summary>
    public required int? Attempt { get; init; }

    /// <summary>The run's place in a set; null for a run on its own.</summary>
    public required MidnightSet? Set { get; init; }

    /// <summary>What the generator did against nothing; null where nobody measured it.</summary>
    public required Calibration? Calibration { get; init; }

    /// <summary>Operations whose messages are not the profile's own, each with its messages' hash.</summary>
    public required IReadOnlyDictionary<string, string> MessagesFromCode { get; init; }

    /// <summary>The hash of the tool's own files; null where it has none.</summary>
    public string? ToolBuild { get; } = Evidence.ToolBuild.Hash;

    /// <summary>What follows from the profile alone.</summary>
    public RunSizes Sizes => new(Profile);

    /// <summary>The operations' names.</summary>
    public IReadOnlyList<string> Names => [.. Profile.Operations.Select(o => o.Name)];

    /// <summary>The summary as it stands before T0; what only the load can tell is empty.</summary>
    /// <param name="t0Utc">T0 on the wall clock.</param>
    public RunSummary Begun(DateTimeOffset t0Utc)
    {
        RunSizes sizes = Sizes;
        return new RunSummary
        {
            RunId = Calls.RunId,
            Tool = RunFacts.Tool(),
            ToolBuild = ToolBuild,
            FromCode = FromCode,
            Attempt = Attempt,
            Set = Set,
            Command = Command,
            T0Utc = t0Utc,
            Profile = Profile,
            ProfileHash = ProfileHash,
            Scale = Scale,
            Seed = Calls.Seed,
            ClaimNotTested = ClaimNotTested,
            Plan = PlanSummary.Of(Plan, Counts, Names),
            ThresholdsNs = sizes.ThresholdsNs,
            DeadlineNs = sizes.DeadlineNs,
            DrainNs = sizes.DrainNs,
            Driver = new DriverSummary(Driver.Name, Calls.Lanes, Calls.Connections, Calls.SlotsPerLane * Calls.Lanes, 0, Driver.KnowsOnWire)
            {
                Placement = Placement.Why,
                WorkerCpus = Placement.WorkerCpus?.ToString(),
                TargetCpus = Placement.TargetCpus?.ToString(),
            },
            Target = Target,
            Calls = CallsSoFar(),
            OfferedFingerprint = "",
            Errors = [],
            Interrupted = RunFacts.Unfinished,
            Finished = false,
            Health = new GeneratorHealth(0, 0, 0, 0, 0),
            Calibration = Calibration,
            Environment = RunFacts.Here(Cores),
        };
    }

    /// <summary>How the target is reached and what calls carry; what became of the token is as of now.</summary>
    public CallsSummary CallsSoFar() => new()
    {
        Tls = IsTls,
        CertificateUnchecked = Client.Transport.Insecure,
        ClientCertificate = Client.Transport.CertificateFile is not null,
        Authority = Client.Transport.Authority,
        Compression = Client.Compression,
        Metadata = [.. Client.Metadata.Select(m => m.Name)],
        TokenRefreshes = Calls.Token?.Refreshes,
        TokenFailures = Calls.Token?.Failures ?? [],
        DriverReason = DriverReason,
        MessagesFromCode = MessagesFromCode,
    };
}
