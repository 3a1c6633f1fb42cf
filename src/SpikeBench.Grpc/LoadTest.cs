using System.Globalization;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using SpikeBench.Core;
using SpikeBench.Core.Engine;
using SpikeBench.Core.Profiles;
using SpikeBench.Grpc.Payloads;

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
/// The engine, the drivers, the books and the judge are those of the command line. What that has beyond is not here: calibration, the ledger
/// of attempts and certificates; a run from code is evidence for a build, not for a claim in public.
/// </remarks>
/// <param name="profile">What to offer and what must hold; <see cref="ProfileJson"/> reads one.</param>
public sealed class LoadTest(Profile profile)
{
    private readonly Dictionary<string, Func<int, ulong, PlannedOperation>> _messages = [];

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

    /// <summary>Where the result is kept, for <c>spikebench report</c> and <c>judge</c>; null: nowhere. (default: null)</summary>
    public string? Folder { get; init; }

    /// <summary>The messages of an operation, from a generated type. They are made and encoded before the run, as many as the operation's pool has.</summary>
    /// <param name="operation">Its name in the profile.</param>
    /// <param name="request">The message of a number, from 0 to 1,023; calls draw theirs from the seed.</param>
    /// <exception cref="UsageException">The profile has no such operation.</exception>
    public LoadTest Send<TRequest>(string operation, Func<int, TRequest> request)
        where TRequest : IMessage
    {
        Operation known = Find(operation);
        _messages[operation] = (_, _) => new PlannedOperation(known.Name, "/" + known.Call, [.. Enumerable.Range(0, known.Payload.Choice.Size).Select(i => request(i).ToByteArray())]);
        return this;
    }

    /// <summary>The messages of an operation, from the profile's own payload with its templates.</summary>
    /// <param name="operation">Its name in the profile.</param>
    /// <param name="type">The message's type: <c>SendRequest.Descriptor</c>.</param>
    /// <exception cref="UsageException">The profile has no such operation.</exception>
    public LoadTest Send(string operation, MessageDescriptor type)
    {
        Operation known = Find(operation);
        _messages[operation] = (index, seed) =>
        {
            (IReadOnlyList<PooledMessage>? pool, IReadOnlyList<ProfileError> errors) = PayloadPool.Encode(known.Payload, type, seed + (ulong)index, $"operations[{index}]");
            return pool is null
                ? throw new UsageException(string.Join('\n', errors.Select(e => $"{e.Path}: {e.Message}")))
                : PayloadPool.Planned(known, pool);
        };
        return this;
    }

    /// <summary>Offers the load and judges it.</summary>
    /// <param name="target">Scheme, host and port; http for cleartext.</param>
    /// <param name="cancel">Before T0 gives up; afterwards ends the load early, which the verdict says.</param>
    /// <exception cref="UsageException">An operation has no messages, or the target is not on this machine and nobody said that it is theirs.</exception>
    /// <exception cref="TargetException">The target cannot be reached.</exception>
    /// <exception cref="GeneratorException">This machine refused a connection, or stood still before T0: the run would have been INVALID.</exception>
    public Task<LoadTestResult> RunAsync(Uri target, CancellationToken cancel = default)
    {
        if (!target.IsLoopback && !OwnsTarget)
        {
            throw new UsageException($"{target} is not on this machine. Load tests are attacks on what is not yours: set {nameof(OwnsTarget)} if it is.");
        }

        string[] silent = [.. Profile.Operations.Select(o => o.Name).Where(n => !_messages.ContainsKey(n))];
        if (silent.Length > 0)
        {
            throw new UsageException($"nothing says what '{silent[0]}' sends: add .Send(\"{silent[0]}\", …)");
        }

        if (Idle() is { } key)
        {
            throw new UsageException($"a load test in code does not act on the profile's {key}: remove it; a key that is not acted on is never ignored");
        }

        ulong seed = Seed ?? Profile.Seed;
        IReadOnlyList<PlannedOperation> operations = [.. Profile.Operations.Select((o, i) => _messages[o.Name](i, seed))];
        return new LoadTestRun(this, operations, Scale ?? Profile.Claim?.Scale ?? 1, seed, target).RunAsync(cancel);
    }

    private string? Idle() => Profile switch
    {
        { Client.Token: not null } => "client.token",
        { Client.Metadata.Count: > 0 } => "client.metadata",
        { Prepare.Count: > 0 } => "prepare",
        { Cleanup.Count: > 0 } => "cleanup",
        { Observe.Count: > 0 } => "observe",
        _ when Profile.Operations.Any(o => o.Metadata.Count > 0) => "operations' metadata",
        _ when Profile.Operations.Any(o => o.Reply.Count > 0) => "operations' reply",
        _ => null,
    };

    private Operation Find(string operation) =>
        Profile.Operations.FirstOrDefault(o => o.Name == operation)
        ?? throw new UsageException(string.Create(
            CultureInfo.InvariantCulture,
            $"the profile '{Profile.Name}' has no operation '{operation}'; it has {string.Join(", ", Profile.Operations.Select(o => o.Name))}"));
}
