using System.Buffers.Binary;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using SpikeBench.Core;
using SpikeBench.Core.Engine;
using SpikeBench.Core.Evidence;
using SpikeBench.Core.Profiles;
using SpikeBench.Grpc.Payloads;

namespace SpikeBench.Grpc;

/// <summary>
/// What the operations of a <see cref="LoadTest"/> send: messages of a program, or the profile's own encoded as a generated type. Whose
/// they are is kept apart: the profile's hash covers only its own.
/// </summary>
internal sealed class CodeMessages(Profile profile)
{
    private readonly Dictionary<string, Func<Operation, int, ulong, string, PlannedOperation>> _makers = [];
    private readonly HashSet<string> _fromCode = [];

    /// <summary>An operation's messages are a program's.</summary>
    public void Add<TRequest>(string operation, Func<int, TRequest> request)
        where TRequest : IMessage
    {
        _fromCode.Add(operation);
        _makers[operation] = (known, _, _, _) =>
        {
            TRequest[] messages = [.. Enumerable.Range(0, known.Payload.Choice.Size).Select(request)];
            Require(known, messages[0].Descriptor);
            return new PlannedOperation(known.Name, "/" + known.Call, [.. messages.Select(m => m.ToByteArray())]);
        };
    }

    /// <summary>An operation's messages are the profile's.</summary>
    public void Add(string operation, MessageDescriptor type)
    {
        _fromCode.Remove(operation);
        _makers[operation] = (known, index, seed, runId) =>
        {
            Require(known, type);
            (IReadOnlyList<PooledMessage>? pool, IReadOnlyList<ProfileError> errors) =
                PayloadPool.Encode(known.Payload, type, seed + (ulong)index, $"operations[{index}]", new PayloadSources { Run = () => runId });
            return pool is null
                ? throw new UsageException(string.Join('\n', errors.Select(e => $"{e.Path}: {e.Message}")))
                : PayloadPool.Planned(known, pool);
        };
    }

    /// <summary>The first operation that sends nothing yet; null where there is none.</summary>
    public string? FirstSilent() => profile.Operations.Select(o => o.Name).FirstOrDefault(n => !_makers.ContainsKey(n));

    /// <summary>Makes and encodes all messages.</summary>
    /// <param name="seed">Fixes what templates draw.</param>
    /// <param name="runId">For <c>${run}</c>.</param>
    /// <exception cref="UsageException">They do not fit their methods, or the profile's limits.</exception>
    public IReadOnlyList<PlannedOperation> Make(ulong seed, string runId)
    {
        PlannedOperation[] made = [.. profile.Operations.Select((o, i) => _makers[o.Name](o, i, seed, runId))];
        ProfileError? oversize = made.Select((o, i) => OperationPool.Oversize(o, profile.Client, $"operations[{i}]")).FirstOrDefault(e => e is not null);
        return oversize is null ? made : throw new UsageException(oversize.Message);
    }

    /// <summary>The hash of each program's messages, by operation.</summary>
    public IReadOnlyDictionary<string, string> HashesOf(IReadOnlyList<PlannedOperation> made) =>
        made.Where(o => _fromCode.Contains(o.Name)).ToDictionary(o => o.Name, HashOf);

    /// <summary>Why the claim is not tested: a program's messages stand where the profile, and so the claim, registered others.</summary>
    public string? WhyNotTheClaims() =>
        profile.Operations.FirstOrDefault(o => _fromCode.Contains(o.Name) && o.Payload is not { Message: null, Source: null }) is { } operation
            ? $"what '{operation.Name}' sent was made by code, not the {operation.Payload.Key} that was registered with the claim"
            : null;

    private static string HashOf(PlannedOperation operation)
    {
        using var all = new MemoryStream();
        Span<byte> length = stackalloc byte[4];
        foreach (byte[] message in operation.Payloads)
        {
            BinaryPrimitives.WriteInt32BigEndian(length, message.Length);
            all.Write(length);
            all.Write(message);
        }

        return Sha256.Of(all.GetBuffer().AsSpan(0, (int)all.Length));
    }

    /// <summary>Refuses what the command line would: a method that the service does not have, that streams, or that takes another type.</summary>
    private static void Require(Operation operation, MessageDescriptor type)
    {
        // Where the type's file and those that it imports do not have the service, nobody here knows the method.
        int slash = operation.Call.LastIndexOf('/');
        ServiceDescriptor? service = type.File.Dependencies.Prepend(type.File).SelectMany(f => f.Services).FirstOrDefault(s => s.FullName == operation.Call[..slash]);
        if (service is null)
        {
            return;
        }

        MethodDescriptor? method = service.FindMethodByName(operation.Call[(slash + 1)..]);
        string? wrong = method is null ? $"{service.FullName} has no such method; it has {string.Join(", ", service.Methods.Select(m => m.Name))}"
            : method.IsClientStreaming || method.IsServerStreaming ? "it streams; this version calls unary methods only"
            : method.InputType.FullName != type.FullName ? $"it takes {method.InputType.FullName}, not {type.FullName}"
            : null;
        if (wrong is not null)
        {
            throw new UsageException($"'{operation.Name}' calls {operation.Call}: {wrong}");
        }
    }
}
