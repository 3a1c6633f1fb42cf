using System.Net;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace SpikeBench.Target.Hosting;

/// <summary>GET /healthz over HTTP/1.1 for those who do not speak gRPC: 200 while serving, 503 once the shutdown has begun.</summary>
internal sealed class HealthHttpServer(IPEndPoint listen, CancellationToken stopping) : IHttpApplication<IFeatureCollection>, IDisposable
{
    private readonly KestrelServer _kestrel = KestrelFactory.Http1(listen);

    public string Address => _kestrel.Features.Get<IServerAddressesFeature>()!.Addresses.First();

    public Task StartAsync() => _kestrel.StartAsync(this, CancellationToken.None);

    public Task StopAsync(CancellationToken limit) => _kestrel.StopAsync(limit);

    public IFeatureCollection CreateContext(IFeatureCollection contextFeatures) => contextFeatures;

    public void DisposeContext(IFeatureCollection context, Exception? exception)
    {
    }

    public Task ProcessRequestAsync(IFeatureCollection context)
    {
        IHttpResponseFeature response = context.Get<IHttpResponseFeature>()!;
        response.StatusCode = context.Get<IHttpRequestFeature>()!.Path != "/healthz" ? StatusCodes.Status404NotFound
            : stopping.IsCancellationRequested ? StatusCodes.Status503ServiceUnavailable
            : StatusCodes.Status200OK;
        response.Headers.ContentLength = 0;
        return Task.CompletedTask;
    }

    public void Dispose() => _kestrel.Dispose();
}
