using System.Net;
using System.Net.Sockets;
using SpikeBench.Core;
using SpikeBench.Core.Engine;

namespace SpikeBench.Grpc.Http;

/// <summary>
/// A target's address taken apart: where sockets connect to, whether TLS is spoken there, and by which name calls go.
/// </summary>
/// <remarks>
/// <list type="table">
/// <item><term><c>http://host:port</c>, <c>https://host:port</c></term><description>the first address that answers</description></item>
/// <item><term><c>dns:///host:port</c></term><description>all addresses of the name, in turn</description></item>
/// <item><term><c>unix:///path</c></term><description>a Unix domain socket</description></item>
/// </list>
/// </remarks>
public sealed class TargetLocation
{
    private const string Dns = "dns";
    private const string Unix = "unix";

    private TargetLocation(Uri target, TransportOptions options)
    {
        Target = target;
        UnixPath = target.Scheme == Unix ? Uri.UnescapeDataString(target.AbsolutePath) : null;
        RoundRobin = target.Scheme == Dns;
        IsTls = target.Scheme == Uri.UriSchemeHttps || (target.Scheme is Dns or Unix && options.NeedsTls);
        Uri host = RoundRobin ? new Uri($"http{(IsTls ? "s" : "")}://{target.AbsolutePath.TrimStart('/')}") : target;
        Host = UnixPath is null ? host.DnsSafeHost : "";
        Port = UnixPath is null ? host.Port : 0;
        Authority = options.Authority ?? (UnixPath is null ? host.Authority : "localhost");
        Base = new Uri($"http{(IsTls ? "s" : "")}://{Authority}");
    }

    /// <summary>The address as it was given.</summary>
    public Uri Target { get; }

    /// <summary>The socket's path; null for a target with host and port.</summary>
    public string? UnixPath { get; }

    /// <summary>Connections go to all addresses of the name in turn, not to the first that answers.</summary>
    public bool RoundRobin { get; }

    public bool IsTls { get; }

    /// <summary>The host's name or address, without brackets; empty for a socket's path.</summary>
    public string Host { get; }

    /// <summary>0 for a socket's path.</summary>
    public int Port { get; }

    /// <summary>What calls carry as <c>:authority</c>.</summary>
    public string Authority { get; }

    /// <summary>Scheme and authority, for an HTTP client: its host is the name that a certificate must be for.</summary>
    public Uri Base { get; }

    /// <summary>Never leaves this machine.</summary>
    public bool IsLoopback => UnixPath is not null || Host == "localhost" || (IPAddress.TryParse(Host, out IPAddress? address) && IPAddress.IsLoopback(address));

    /// <summary>Where a socket connects to, unless an address of the name was chosen.</summary>
    public EndPoint EndPoint => UnixPath is { } path ? new UnixDomainSocketEndPoint(path)
        : IPAddress.TryParse(Host, out IPAddress? address) ? new IPEndPoint(address, Port)
        : new DnsEndPoint(Host, Port);

    /// <summary>Reads an address: scheme, host and port, or scheme and path, and nothing that is not its own.</summary>
    /// <param name="text">As the user gave it; without a scheme it is http.</param>
    /// <param name="what">What the user gave it as, for errors.</param>
    /// <exception cref="UsageException">It does not read.</exception>
    public static Uri Read(string text, string what)
    {
        string full = text.Contains("://", StringComparison.Ordinal) ? text : "http://" + text;
        if (!Uri.TryCreate(full, UriKind.Absolute, out Uri? address) || address.Scheme is not ("http" or "https" or Unix or Dns) || (address.Scheme is "http" or "https" && address.Host.Length == 0))
        {
            throw new UsageException($"{what} {SafeUrl.Of(text)}: write it like http://127.0.0.1:5000, https://chat.internal, dns:///chat.internal:5000 or unix:///run/chat.sock");
        }

        bool named = address.Scheme is "http" or "https";
        if ((named && address.AbsolutePath != "/") || address.Query.Length > 0)
        {
            throw new UsageException($"{what} {SafeUrl.Of(text)}: give scheme, host and port only; methods stand in the profile");
        }

        return named ? new Uri($"{address.Scheme}://{address.Authority}") : address;
    }

    /// <summary>Takes an address apart.</summary>
    /// <exception cref="UsageException">It is no address of a target, or contradicts the options.</exception>
    public static TargetLocation Of(Uri target, TransportOptions options)
    {
        if (target.Scheme == Uri.UriSchemeHttp && options.NeedsTls)
        {
            throw new UsageException($"{target.Scheme}://{target.Authority} speaks no TLS, but certificates are given for it: write https://{target.Authority}, or leave --tls, --cacert, --cert and --insecure out");
        }

        if (options.Authority is { } authority && !IsAuthority(authority))
        {
            throw new UsageException($"--authority {authority}: write it like chat.internal or chat.internal:443");
        }

        if (target.Scheme == Unix && !IsSocketPath(target))
        {
            throw new UsageException("--target unix: write it as unix:///path/of/the/socket, of at most 107 bytes");
        }

        if (target.Scheme == Dns && (target.Authority.Length > 0 || !IsAuthority(target.AbsolutePath.TrimStart('/')) || !target.AbsolutePath.Contains(':', StringComparison.Ordinal)))
        {
            throw new UsageException("--target dns: write it as dns:///host:port, with three slashes; the machine's own resolver is asked");
        }

        return new TargetLocation(target, options);
    }

    private static bool IsAuthority(string text) =>
        Uri.TryCreate("http://" + text, UriKind.Absolute, out Uri? uri) && uri.Host.Length > 0 && uri.UserInfo.Length == 0 && uri.PathAndQuery == "/" && !text.EndsWith('/');

    private static bool IsSocketPath(Uri target)
    {
        // sockaddr_un has room for 108 bytes, the last a zero.
        const int LongestPath = 107;
        string path = Uri.UnescapeDataString(target.AbsolutePath);
        return target.Authority.Length == 0 && path.Length > 1 && System.Text.Encoding.UTF8.GetByteCount(path) <= LongestPath;
    }
}
