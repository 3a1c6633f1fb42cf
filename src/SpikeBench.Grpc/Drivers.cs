using SpikeBench.Core;
using SpikeBench.Core.Engine;
using SpikeBench.Core.Profiles;
using SpikeBench.Grpc.Http;

namespace SpikeBench.Grpc;

/// <summary>The drivers by name.</summary>
public static class Drivers
{
    private const string Raw = "raw";
    private const string Http = "http";

    /// <summary>As <c>--driver</c> takes them.</summary>
    public static IReadOnlyList<string> Names { get; } = [Raw, Http];

    /// <summary>The driver to run with: the one asked for, or the best one for this machine and target.</summary>
    /// <param name="asked">As <c>--driver</c> gave it; null leaves the choice.</param>
    /// <param name="target">Whether it speaks TLS decides.</param>
    /// <param name="packsEachCall">Requests are compressed and differ from call to call; see <see cref="PacksEachCall"/>. (default: false)</param>
    /// <exception cref="UsageException">There is no such driver, or it cannot serve here.</exception>
    public static DriverChoice Choose(string? asked, TargetLocation target, bool packsEachCall = false)
    {
        if (asked is not null && !Names.Contains(asked))
        {
            throw new UsageException($"--driver {asked}: there are {string.Join(", ", Names)}{Suggestion.DidYouMean(asked, Names)}");
        }

        string? obstacle = !RawDriver.IsSupported ? "needs Linux" : target.IsTls ? "has no TLS"
            : packsEachCall ? "packs requests before the run, and these differ from call to call" : null;
        return asked == Raw && obstacle is not null
            ? throw new UsageException($"--driver raw {obstacle}: leave it out to use the http driver")
            : new DriverChoice(asked ?? (obstacle is null ? Raw : Http), asked is null && obstacle is not null ? $"the raw driver {obstacle}; http suits a few thousand calls a second" : null);
    }

    /// <summary>Requests that are compressed and differ from call to call: each is packed as it is made.</summary>
    public static bool PacksEachCall(MessageCompression compression, IReadOnlyList<PlannedOperation> operations) =>
        compression == MessageCompression.Gzip && operations.Any(o => o.Patches is not null);

    /// <summary>The best driver here for a cleartext target.</summary>
    public static IDriver CreateBest() => Create(RawDriver.IsSupported ? Raw : Http);

    /// <summary>The driver of a name.</summary>
    public static IDriver Create(string name) => name == Raw ? new RawDriver() : new HttpDriver();
}

/// <summary>The driver of a run.</summary>
/// <param name="Name">As <c>--driver</c> takes it.</param>
/// <param name="Why">Why it is not the best one, where nobody asked for it; null otherwise.</param>
public sealed record DriverChoice(string Name, string? Why);
