using SpikeBench.Core.Engine;
using SpikeBench.Core.Profiles;
using SpikeBench.Grpc.Replies;

namespace SpikeBench.Grpc.Payloads;

/// <summary>Makes the operations of a profile ready to send: messages, metadata, and what replies must say.</summary>
public static class OperationPool
{
    /// <summary>Resolves, encodes and renders every operation.</summary>
    /// <param name="operations">As the profile gives them.</param>
    /// <param name="client">What all calls carry.</param>
    /// <param name="seed">Fixes what templates draw.</param>
    /// <param name="sources">What else they draw on. (default: the process's environment)</param>
    /// <param name="path">Where they stand in the profile. (default: operations)</param>
    /// <returns>The operations, or the errors; places are those of the profile's text.</returns>
    public static (IReadOnlyList<PlannedOperation> Operations, IReadOnlyList<ProfileError> Errors) Build(
        IReadOnlyList<Operation> operations, ClientOptions client, ulong seed, PayloadSources? sources = null, string path = "operations")
    {
        sources ??= new PayloadSources();
        (IReadOnlyList<PlannedOperation> encoded, IReadOnlyList<ProfileError> found) = PayloadPool.Build(operations, seed, sources);
        var errors = new List<ProfileError>(found.Select(e => Under(path, e)));
        if (encoded.Count < operations.Count)
        {
            return (encoded, errors);
        }

        var planned = new List<PlannedOperation>();
        for (int i = 0; i < operations.Count; i++)
        {
            string at = $"{path}[{i}]";
            PlannedOperation operation = encoded[i];
            if (Oversize(operation, client, at) is { } oversize)
            {
                errors.Add(oversize);
            }

            if (client.Token?.Header is { } header && client.Metadata.Concat(operations[i].Metadata).FirstOrDefault(m => m.Name == header) is { } twice)
            {
                errors.Add(new ProfileError(twice.Line, twice.Column, $"metadata.{header}", "is what client.token gives already: leave one of them out"));
            }

            planned.Add(operation with
            {
                Metadata = MetadataPool.Build(client.Metadata, operations[i].Metadata, operation.Payloads.Count, MetadataPool.ScopeOf(seed, i, operations[i].Payload, sources), at, errors),
                Check = operations[i].Reply.Count == 0 ? null : ReplyCheck.Compile(sources.Contract.Find(operations[i].Call)!.OutputType, operations[i].Reply, at, errors),
            });
        }

        return (planned, errors);
    }

    /// <summary>The error of an operation with a message above <c>client.max_request</c>; null where there is none.</summary>
    internal static ProfileError? Oversize(PlannedOperation operation, ClientOptions client, string at)
    {
        int longest = operation.Payloads.Max(p => p.Length);
        return longest > client.MaxRequestBytes
            ? new ProfileError(0, 0, at, $"{at}.payload: a message has {Units.Count(longest)} bytes, above client.max_request {Units.Count(client.MaxRequestBytes.Value)}")
            : null;
    }

    // Messages are encoded as those of operations, wherever they stand.
    private static ProfileError Under(string path, ProfileError error) => error with
    {
        Path = error.Path.Replace("operations[", $"{path}[", StringComparison.Ordinal),
        Message = error.Message.Replace("operations[", $"{path}[", StringComparison.Ordinal),
    };
}
