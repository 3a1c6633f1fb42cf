using SpikeBench.Core.Engine;
using SpikeBench.Core.Profiles;
using SpikeBench.Grpc.Payloads;

namespace SpikeBench.Cli.Running;

/// <summary>What a call outside any load carries: metadata with its templates filled once, and a token fetched once.</summary>
internal static class SingleCallMetadata
{
    /// <summary>Names and values as they go over the wire.</summary>
    /// <exception cref="Core.UsageException">A value cannot be sent, or there is no token.</exception>
    public static async Task<IReadOnlyList<KeyValuePair<string, string>>> OfAsync(ClientOptions client, TimeProvider time, CancellationToken cancel)
    {
        var errors = new List<ProfileError>();
        IReadOnlyList<PlannedMetadata> metadata = MetadataPool.Build(client.Metadata, [], poolSize: 1, MetadataPool.ScopeOf(1, 0, Payload.Empty, new PayloadSources()), "call", errors);
        if (errors.Count > 0)
        {
            throw new ProfileErrorsException([.. errors.Select(e => $"spikebench: --metadata {e.Path["client.metadata.".Length..]}: {e.Message}")]);
        }

        long unixNs = (time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * TimeSpan.NanosecondsPerTick;
        CallToken? token = client.Token is { } source ? await TokenKeeper.FetchOnceAsync(source, cancel).ConfigureAwait(false) : null;
        return [.. metadata.Select(m => KeyValuePair.Create(m.Name, m.ValueFor(0, 0, unixNs))), .. token is null ? [] : new[] { KeyValuePair.Create(token.Header, token.Value) }];
    }
}
