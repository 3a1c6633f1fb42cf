using SpikeBench.Core;
using SpikeBench.Core.Engine;
using SpikeBench.Core.Profiles;
using SpikeBench.Grpc;
using SpikeBench.Grpc.Http;

namespace SpikeBench.Cli.Running;

/// <summary>The drivers by name.</summary>
internal static class Drivers
{
    private const string Raw = "raw";
    private const string Http = "http";

    public static IReadOnlyList<string> Names { get; } = [Raw, Http];

    /// <summary>The driver to run with: the one asked for, or the best one for this machine and target.</summary>
    /// <param name="asked">As <c>--driver</c> gave it; null leaves the choice.</param>
    /// <param name="target">Whether it speaks TLS decides.</param>
    /// <param name="packsEachCall">Requests are compressed and differ from call to call. (default: false)</param>
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

    /// <summary>The best driver here for a cleartext target.</summary>
    public static IDriver CreateBest() => Create(RawDriver.IsSupported ? Raw : Http);

    public static IDriver Create(string name) => name == Raw ? new RawDriver() : new HttpDriver();

    /// <summary>Whether the driver knows when a request's last byte left.</summary>
    public static bool KnowsOnWire(IDriver driver) => driver.Name == Raw;
}

/// <summary>The driver of a run.</summary>
/// <param name="Name">As <c>--driver</c> takes it.</param>
/// <param name="Why">Why it is not the best one, where nobody asked for it; null otherwise.</param>
internal sealed record DriverChoice(string Name, string? Why);
