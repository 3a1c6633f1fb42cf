using System.Globalization;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using SpikeBench.Core;
using SpikeBench.Core.Profiles;
using SpikeBench.Grpc.Http;

namespace SpikeBench.Grpc;

/// <summary>
/// A load test from code: a profile, its messages from generated types, and the verdict to assert on.
/// </summary>
/// <remarks>
/// <code>
/// LoadTestResult run = await new LoadTest(profile)
///     .Send("send", i => new SendRequest { Room = (ulong)i % 50, Text = "새해 복 많이 받으세요" })
///     .RunAsync(new Uri("http://127.0.0.1:5000"));
/// Assert.True(run.Verdict.Outcome == Outcome.Pass, run.ToString());
/// </code>
/// The engine, what watches it, the drivers, the books and the judge are those of the command line. What that has beyond is not here:
/// calibration, the ledger of attempts and certificates; the verdict's limits say so, and a run from code is evidence for a build, not for
/// a claim in public. Messages of a program are not the profile's: the limits name the operations, the record has the messages' hashes, and
/// where they replace a payload of the profile its claim is not tested.
/// </remarks>
/// <param name="profile">What to offer and what must hold; <see cref="ProfileJson"/> reads one.</param>
public sealed class LoadTest(Profile profile)
{
    // As on the command line.
    private const double MaxScale = 1000;
    private const int MaxWorkers = 1024;

    private readonly CodeMessages _messages = new(profile);

    /// <summary>What is offered and judged.</summary>
    public Profile Profile { get; } = profile;

    /// <summary>The multiple of the profile's load. (default: the claim's, or 1)</summary>
    public double? Scale { get; init; }

    /// <summary>Fixes every draw of the run. (default: the profile's)</summary>
    public ulong? Seed { get; init; }

    /// <summary>Worker threads. (default: half the cores beside a target on this machine, all but one otherwise)</summary>
    public int? Workers { get; init; }

    /// <summary>Your word that a target elsewhere than on this machine is yours to load. (default: false)</summary>
    public bool OwnsTarget { get; init; }

    /// <summary>What is tested, such as an image's digest; stands in the result. (default: the address)</summary>
    public string? TargetId { get; init; }

    /// <summary>What stands in for real parts of the target, such as "payments: canned replies". (default: nothing)</summary>
    public IReadOnlyList<string> Stubs { get; init; } = [];

    /// <summary>
    /// Where the result is kept, for <c>spikebench report</c> and <c>judge</c>, in the place of an earlier one; null: nowhere. (default: null)
    /// </summary>
    public string? Folder { get; init; }

    /// <summary>The messages of an operation, from a generated type. They are made and encoded before the run, as many as the operation's pool has.</summary>
    /// <param name="operation">Its name in the profile.</param>
    /// <param name="request">The message of a number, from 0 to 1,023; calls draw theirs from the seed.</param>
    /// <exception cref="UsageException">The profile has no such operation.</exception>
    public LoadTest Send<TRequest>(string operation, Func<int, TRequest> request)
        where TRequest : IMessage
    {
        Require(operation);
        _messages.Add(operation, request);
        return this;
    }

    /// <summary>The messages of an operation, from the profile's own payload with its templates.</summary>
    /// <param name="operation">Its name in the profile.</param>
    /// <param name="type">The message's type: <c>SendRequest.Descriptor</c>.</param>
    /// <exception cref="UsageException">The profile has no such operation.</exception>
    public LoadTest Send(string operation, MessageDescriptor type)
    {
        Require(operation);
        _messages.Add(operation, type);
        return this;
    }

    /// <summary>Offers the load and judges it.</summary>
    /// <param name="target">Scheme, host and port, http for cleartext; or <c>dns:</c> or <c>unix:</c> as on the command line.</param>
    /// <param name="cancel">Before T0 gives up; afterwards ends the load early, which the verdict says.</param>
    /// <exception cref="UsageException">
    /// An operation has no messages or such as do not fit its method, a value or the profile is out of range, or the target is not on this
    /// machine and nobody said that it is theirs.
    /// </exception>
    /// <exception cref="TargetException">The target cannot be reached, or answered UNIMPLEMENTED to every warm-up call of an operation.</exception>
    /// <exception cref="GeneratorException">This machine cannot do what was asked: it refused a connection, or stood still before T0.</exception>
    public Task<LoadTestResult> RunAsync(Uri target, CancellationToken cancel = default)
    {
        Uri address = TargetLocation.Read(target.OriginalString, "target");
        if (!OwnsTarget && !TargetLocation.Of(address, Profile.Client.Transport).IsLoopback)
        {
            throw new UsageException($"{SafeUrl.Of(address)} is not on this machine. Load tests are attacks on what is not yours: set {nameof(OwnsTarget)} if it is.");
        }

        if (_messages.FirstSilent() is { } silent)
        {
            throw new UsageException($"nothing says what '{silent}' sends: add .Send(\"{silent}\", …)");
        }

        if (Idle() is { } key)
        {
            throw new UsageException($"a load test in code does not act on the profile's {key}: remove it; a key that is not acted on is never ignored");
        }

        double scale = Scale ?? Profile.Claim?.Scale ?? 1;
        if (scale is not (> 0 and <= MaxScale))
        {
            throw new UsageException(string.Create(CultureInfo.InvariantCulture, $"{nameof(Scale)} {scale}: must be above 0 and at most {MaxScale}"));
        }

        if (Workers is < 1 or > MaxWorkers)
        {
            throw new UsageException(string.Create(CultureInfo.InvariantCulture, $"{nameof(Workers)} {Workers}: must be 1 to {MaxWorkers}"));
        }

        return new LoadTestRun(this, _messages, scale, Seed ?? Profile.Seed, address).RunAsync(cancel);
    }

    private string? Idle() => Profile switch
    {
        { Contract: not null } => "contract",
        { Client.Token: not null } => "client.token",
        { Client.Metadata.Count: > 0 } => "client.metadata",
        { Prepare.Count: > 0 } => "prepare",
        { Cleanup.Count: > 0 } => "cleanup",
        { Observe.Count: > 0 } => "observe",
        _ when Profile.Operations.Any(o => o.Metadata.Count > 0) => "operations' metadata",
        _ when Profile.Operations.Any(o => o.Reply.Count > 0) => "operations' reply",
        _ => null,
    };

    private void Require(string operation)
    {
        if (Profile.Operations.All(o => o.Name != operation))
        {
            throw new UsageException($"the profile '{Profile.Name}' has no operation '{operation}'; it has {string.Join(", ", Profile.Operations.Select(o => o.Name))}");
        }
    }
}
