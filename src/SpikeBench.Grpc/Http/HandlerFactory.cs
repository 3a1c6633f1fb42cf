using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using SpikeBench.Core;
using SpikeBench.Core.Engine;

namespace SpikeBench.Grpc.Http;

/// <summary>
/// Makes HTTP/2 handlers for one target: its sockets, its TLS, its trust. Certificates are read once, when this is made.
/// </summary>
public sealed class HandlerFactory
{
    private readonly TransportOptions _options;
    private readonly Certificates _certificates;
    private readonly TimeSpan _connectTimeout;
    private string? _objection;

    /// <param name="target">The target's address; see <see cref="TargetLocation"/>.</param>
    /// <param name="options">How it is reached.</param>
    /// <param name="connectTimeout">How long connecting may take, TLS included.</param>
    /// <exception cref="UsageException">The address or a file is wrong.</exception>
    public HandlerFactory(Uri target, TransportOptions options, TimeSpan connectTimeout)
    {
        Location = TargetLocation.Of(target, options);
        _options = options;
        _connectTimeout = connectTimeout;
        _certificates = Certificates.Read(options);
    }

    public TargetLocation Location { get; }

    /// <summary>Why the last certificate that was refused was not trusted, and what to do; null when none was.</summary>
    internal string? Objection => Volatile.Read(ref _objection);

    /// <summary>A handler that keeps to one connection.</summary>
    /// <param name="to">Where it connects to; null: to the target's name. (default: null)</param>
    public SocketsHttpHandler Create(EndPoint? to = null) => Create(to, null);

    /// <param name="to">Where it connects to; null: to the target's name.</param>
    /// <param name="allowance">Is told how many streams the peer allows; null: nobody asks.</param>
    internal SocketsHttpHandler Create(EndPoint? to, StreamAllowance? allowance) => new()
    {
        EnableMultipleHttp2Connections = false,
        ConnectTimeout = _connectTimeout,
        PooledConnectionIdleTimeout = Timeout.InfiniteTimeSpan,
        UseProxy = false,
        UseCookies = false,
        AllowAutoRedirect = false,
        ActivityHeadersPropagator = null,
        ConnectCallback = (_, cancel) => ConnectAsync(to ?? Location.EndPoint, cancel),
        PlaintextStreamFilter = allowance is null ? null : (context, _) => ValueTask.FromResult<Stream>(new ScannedStream(context.PlaintextStream, new SettingsScan(allowance))),
        SslOptions = Location.IsTls ? TlsOptions() : new SslClientAuthenticationOptions(),
    };

    /// <summary>A connected socket's stream, which owns it.</summary>
    /// <exception cref="SocketException">None came about.</exception>
    private static async ValueTask<Stream> ConnectAsync(EndPoint to, CancellationToken cancel)
    {
        if (to is DnsEndPoint name)
        {
            IPAddress[] addresses = await Dns.GetHostAddressesAsync(name.Host, cancel).ConfigureAwait(false);
            return new NetworkStream(await AddressBook.ConnectAsync(addresses, name.Port, each: null, cancel).ConfigureAwait(false), ownsSocket: true);
        }

        Socket socket = to is UnixDomainSocketEndPoint
            ? new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified)
            : new Socket(to.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(to, cancel).ConfigureAwait(false);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private SslClientAuthenticationOptions TlsOptions()
    {
        var tls = new SslClientAuthenticationOptions
        {
            RemoteCertificateValidationCallback = (_, certificate, chain, errors) => IsTrusted(certificate, chain, errors),
        };
        if (_certificates.Authorities is { } authorities)
        {
            tls.CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            tls.CertificateChainPolicy.CustomTrustStore.AddRange(authorities);
        }

        if (_certificates.Client is { } client)
        {
            tls.ClientCertificateContext = SslStreamCertificateContext.Create(client, _certificates.Intermediates, offline: true);
        }

        return tls;
    }

    private bool IsTrusted(X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (_options.Insecure || errors == SslPolicyErrors.None)
        {
            return true;
        }

        Volatile.Write(ref _objection, TlsObjection.Describe(certificate as X509Certificate2, chain, errors, Location.Base.DnsSafeHost, _options.CaFile));
        return false;
    }
}
