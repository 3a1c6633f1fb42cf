using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using SpikeBench.Target.Truth;

namespace SpikeBench.Target.Hosting;

/// <summary>Kestrel without a host: no configuration, no logging, only the limits that are set here.</summary>
internal static class KestrelFactory
{
    private const int ConnectionWindowBytes = 16 * 1024 * 1024;
    private const int StreamWindowBytes = 1024 * 1024;

    public static KestrelServer Grpc(TargetOptions options, X509Certificate2? certificate, ConnectionCount connections) =>
        Create(options.Listen, certificate, HttpProtocols.Http2, options.MaxStreams, connections);

    /// <summary>A second port: cleartext with both protocols on one would refuse HTTP/2 prior knowledge.</summary>
    public static KestrelServer Http1(IPEndPoint listen) => Create(listen, null, HttpProtocols.Http1, maxStreams: 1, new ConnectionCount());

    private static ServiceProvider NoServices(ILoggerFactory logs) => new ServiceCollection().AddSingleton(logs).BuildServiceProvider();

    /// <summary>What Kestrel's TLS asks its host for: services of its own, some of them internal. Nothing else of the host runs.</summary>
    private static ServiceProvider TlsServices()
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration();
        return builder.Services.BuildServiceProvider();
    }

    private static async Task CountAsync(ConnectionDelegate next, ConnectionContext connection, ConnectionCount connections)
    {
        connections.Opened();
        try
        {
            await next(connection).ConfigureAwait(false);
        }
        finally
        {
            connections.Closed();
        }
    }

    private static KestrelServer Create(IPEndPoint address, X509Certificate2? certificate, HttpProtocols protocols, int maxStreams, ConnectionCount connections)
    {
        ILoggerFactory logs = NullLoggerFactory.Instance;
        var options = new KestrelServerOptions
        {
            AddServerHeader = false,
            ApplicationServices = certificate is null ? NoServices(logs) : TlsServices(),
        };
        KestrelServerLimits limits = options.Limits;
        limits.Http2.MaxStreamsPerConnection = maxStreams;
        limits.Http2.InitialConnectionWindowSize = ConnectionWindowBytes;
        limits.Http2.InitialStreamWindowSize = StreamWindowBytes;

        // Messages have their own limit; a slow stream is a client's right; an idle connection waits for midnight.
        limits.MaxRequestBodySize = null;
        limits.MinRequestBodyDataRate = null;
        limits.MinResponseDataRate = null;
        limits.KeepAliveTimeout = TimeSpan.FromHours(1);
        options.Listen(address, listen =>
        {
            listen.Protocols = protocols;
            listen.Use(next => connection => CountAsync(next, connection, connections));
            if (certificate is not null)
            {
                listen.UseHttps(new HttpsConnectionAdapterOptions { ServerCertificate = certificate });
            }
        });
        var transport = new SocketTransportFactory(Options.Create(new SocketTransportOptions()), logs);
        return new KestrelServer(Options.Create(options), transport, logs);
    }
}
