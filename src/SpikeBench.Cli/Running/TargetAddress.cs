using SpikeBench.Core;
using SpikeBench.Core.Engine;
using SpikeBench.Grpc.Http;

namespace SpikeBench.Cli.Running;

/// <summary>Reads and vets <c>--target</c>. Loopback is free; everything else needs the user's word that it is theirs.</summary>
internal static class TargetAddress
{
    /// <summary>The address without anything that is not its own: scheme, host and port, or scheme and path.</summary>
    /// <exception cref="UsageException">It does not read, or is not on this machine and not said to be the user's.</exception>
    public static Uri Parse(string text, bool owned)
    {
        Uri target = TargetLocation.Read(text, "--target");
        return owned || IsLoopback(target)
            ? target
            : throw new UsageException($"--target {SafeUrl.Of(text)} is not on this machine. Load tests are attacks on what is not yours: add --i-own-this-target if it is.");
    }

    /// <summary>True for localhost, the loopback addresses and Unix sockets.</summary>
    public static bool IsLoopback(Uri address) => TargetLocation.Of(address, new TransportOptions()).IsLoopback;
}
