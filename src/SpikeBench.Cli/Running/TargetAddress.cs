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
        string full = text.Contains("://", StringComparison.Ordinal) ? text : "http://" + text;
        if (!Uri.TryCreate(full, UriKind.Absolute, out Uri? address) || address.Scheme is not ("http" or "https" or "unix" or "dns") || (address.Scheme is "http" or "https" && address.Host.Length == 0))
        {
            throw new UsageException($"--target {Redaction.Url(text)}: write it like http://127.0.0.1:5000, https://chat.internal, dns:///chat.internal:5000 or unix:///run/chat.sock");
        }

        bool named = address.Scheme is "http" or "https";
        if ((named && address.AbsolutePath != "/") || address.Query.Length > 0)
        {
            throw new UsageException($"--target {Redaction.Url(text)}: give scheme, host and port only; methods stand in the profile");
        }

        Uri target = named ? new Uri($"{address.Scheme}://{address.Authority}") : address;
        return owned || IsLoopback(target)
            ? target
            : throw new UsageException($"--target {Redaction.Url(text)} is not on this machine. Load tests are attacks on what is not yours: add --i-own-this-target if it is.");
    }

    /// <summary>True for localhost, the loopback addresses and Unix sockets.</summary>
    public static bool IsLoopback(Uri address) => TargetLocation.Of(address, new TransportOptions()).IsLoopback;
}
