using System.Net;
using SpikeBench.Core;

namespace SpikeBench.Cli.Running;

/// <summary>Reads and vets <c>--target</c>. Loopback is free; everything else needs the user's word that it is theirs.</summary>
internal static class TargetAddress
{
    public static Uri Parse(string text, bool owned)
    {
        string full = text.Contains("://", StringComparison.Ordinal) ? text : "http://" + text;
        if (!Uri.TryCreate(full, UriKind.Absolute, out Uri? address) || address.Scheme is not ("http" or "https") || address.Host.Length == 0)
        {
            throw new UsageException($"--target {Redaction.Url(text)}: write it like http://127.0.0.1:5000");
        }

        if (address.AbsolutePath != "/" || address.Query.Length > 0)
        {
            throw new UsageException($"--target {Redaction.Url(text)}: give scheme, host and port only; methods stand in the profile");
        }

        if (!IsLoopback(address) && !owned)
        {
            throw new UsageException($"--target {Redaction.Url(text)} is not on this machine. Load tests are attacks on what is not yours: add --i-own-this-target if it is.");
        }

        return new Uri($"{address.Scheme}://{address.Authority}");
    }

    /// <summary>True for localhost and the loopback addresses.</summary>
    public static bool IsLoopback(Uri address) =>
        address.Host == "localhost" || (IPAddress.TryParse(address.Host.Trim('[', ']'), out IPAddress? ip) && IPAddress.IsLoopback(ip));
}
