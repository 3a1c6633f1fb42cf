using SpikeBench.Core;
using SpikeBench.Core.Engine;
using SpikeBench.Core.Profiles;
using SpikeBench.Grpc.Http;

namespace SpikeBench.Cli.Running;

/// <summary>The drivers by name.</summary>
internal static class Drivers
{
    public static IReadOnlyList<string> Names { get; } = ["http"];

    /// <summary>Makes a driver; null is the best one here.</summary>
    public static IDriver Create(string? name) => name switch
    {
        null or "http" => new HttpDriver(),
        _ => throw new UsageException($"--driver {name}: there is {string.Join(", ", Names)}{Suggestion.DidYouMean(name, Names)}"),
    };

    /// <summary>Whether the driver knows when a request's last byte left.</summary>
    public static bool KnowsOnWire(IDriver driver) => driver is not HttpDriver;
}
