using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using SpikeBench.Target.Capacity;
using SpikeBench.Target.Rpc;
using SpikeBench.Target.Services;
using SpikeBench.Target.Store;
using SpikeBench.Target.Truth;

namespace SpikeBench.Target.Hosting;

/// <summary>Puts the messenger together and on the network. No host, no pipeline: the server and what it calls.</summary>
internal sealed class TargetServer : IAsyncDisposable
{
    private const int ConnectionWindowBytes = 16 * 1024 * 1024;
    private const int StreamWindowBytes = 1024 * 1024;

    private readonly TargetOptions _options;
    private readonly CapacityGate? _gate;
    private readonly GrpcApplication _application;
    private readonly KestrelServer _kestrel;

    public TargetServer(TargetOptions options)
    {
        _options = options;
        var clock = new MonotonicClock();
        if (options.Slots > 0)
        {
            var shape = new SlotModelOptions { Slots = options.Slots, QueueLimit = options.QueueLimit };
            _gate = new CapacityGate(shape, options.Law, options.ServiceNs, options.Seed, clock, Truth);
        }

        var messenger = new MessengerService(new MemoryStore(TimeProvider.System), _gate, options.LoginCost, options.Seed);
        IReadOnlyList<GrpcMethod> methods = messenger.Methods;
        Truth.Open(methods);
        _application = new GrpcApplication(methods, clock, new RpcOptions { MaxMessageBytes = options.MaxMessageBytes }, Truth);
        _kestrel = Kestrel(options);
    }

    public TruthBook Truth { get; } = new();

    /// <summary>The address that clients connect to, with the port that was found.</summary>
    public string Address => _kestrel.Features.Get<IServerAddressesFeature>()!.Addresses.First();

    public Task StartAsync() => _kestrel.StartAsync(_application, CancellationToken.None);

    /// <summary>Sends GOAWAY, lets calls in flight end, and cuts what is left when the drain time is over.</summary>
    public async Task StopAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMilliseconds(_options.DrainNs / 1e6));
        await _kestrel.StopAsync(limit.Token).ConfigureAwait(false);
    }

    public ValueTask DisposeAsync()
    {
        _kestrel.Dispose();
        _gate?.Dispose();
        return ValueTask.CompletedTask;
    }

    private static KestrelServer Kestrel(TargetOptions options)
    {
        ILoggerFactory logs = NullLoggerFactory.Instance;
        var kestrel = new KestrelServerOptions
        {
            AddServerHeader = false,
            ApplicationServices = new ServiceCollection().AddSingleton(logs).BuildServiceProvider(),
        };
        KestrelServerLimits limits = kestrel.Limits;
        limits.Http2.MaxStreamsPerConnection = options.MaxStreams;
        limits.Http2.InitialConnectionWindowSize = ConnectionWindowBytes;
        limits.Http2.InitialStreamWindowSize = StreamWindowBytes;

        // Messages have their own limit; a slow stream is a client's right; an idle connection waits for midnight.
        limits.MaxRequestBodySize = null;
        limits.MinRequestBodyDataRate = null;
        limits.MinResponseDataRate = null;
        limits.KeepAliveTimeout = TimeSpan.FromHours(1);

        // Cleartext with both protocols on refuses HTTP/2 prior knowledge.
        kestrel.Listen(options.Listen, listen => listen.Protocols = HttpProtocols.Http2);
        var transport = new SocketTransportFactory(Options.Create(new SocketTransportOptions()), logs);
        return new KestrelServer(Options.Create(kestrel), transport, logs);
    }
}
