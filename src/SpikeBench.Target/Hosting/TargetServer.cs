using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Google.Protobuf.Reflection;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Data.Sqlite;
using SpikeBench.Messenger.V1;
using SpikeBench.Target.Capacity;
using SpikeBench.Target.Rpc;
using SpikeBench.Target.Services;
using SpikeBench.Target.Store;
using SpikeBench.Target.Truth;

namespace SpikeBench.Target.Hosting;

/// <summary>Puts the messenger together and on the network. No host, no pipeline: the server and what it calls.</summary>
internal sealed class TargetServer : IAsyncDisposable
{
    private readonly TargetOptions _options;
    private readonly CancellationTokenSource _stopping = new();
    private readonly CapacityPools _pools;
    private readonly IMessageStore _store;
    private readonly string? _temporaryFile;
    private readonly X509Certificate2? _certificate;
    private readonly GrpcApplication _application;
    private readonly KestrelServer _kestrel;
    private readonly HealthHttpServer? _healthHttp;
    private readonly TruthBook _truth;
    private readonly GaugeBook _gauges;

    public TargetServer(TargetOptions options, IClock clock, TimeProvider time)
    {
        _options = options;
        long originUnixMs = time.GetUtcNow().ToUnixTimeMilliseconds() - (clock.NowNs / 1_000_000);
        _pools = new CapacityPools(options, clock);
        _store = OpenStore(options, time, out _temporaryFile);
        var rooms = new Rooms();
        var duplicates = new DuplicateCounts(options.Idempotency);
        var feeds = new LiveFeeds();
        var connections = new ConnectionCount();
        var mail = new Mailroom(_store, feeds, rooms, duplicates);
        var turnstile = new Turnstile(_pools, clock, options.BurnNs);
        var sessions = new Sessions(options.Seed, options.EffectiveHashIterations);
        var costs = new ServiceCosts { Login = options.LoginCost, PerMember = options.MemberCost };
        IReadOnlyList<GrpcMethod> methods = WithStandardServices(
        [
            .. new MessengerService(mail, turnstile, sessions, rooms, costs).Methods,
            .. new ChatService(mail, turnstile).Methods,
            .. new AdminService(() => Truth, collect => _gauges!.Read(collect)).Methods,
        ]);
        var calls = new CallBook(methods);
        _truth = new TruthBook(calls, _pools, _store, duplicates, originUnixMs);
        _gauges = new GaugeBook(calls, _pools, feeds, connections);
        var rpc = new RpcOptions
        {
            MaxMessageBytes = options.MaxMessageBytes,
            GzipFromBytes = options.GzipFromBytes,
            Stopping = _stopping.Token,
        };
        _application = new GrpcApplication(methods, clock, rpc, calls);
        _certificate = options.Tls ? OwnCertificate.Create(time) : null;
        _kestrel = KestrelFactory.Grpc(options, _certificate, connections);
        _healthHttp = options.HealthHttp is null ? null : new HealthHttpServer(options.HealthHttp, _stopping.Token);
    }

    /// <summary>The target's own side so far, as one line of JSON.</summary>
    public string Truth => _truth.ToJson();

    /// <summary>The address that clients connect to, with the port that was found.</summary>
    public string Address => _kestrel.Features.Get<IServerAddressesFeature>()!.Addresses.First();

    /// <summary>The address of the health port; null without one.</summary>
    public string? HealthAddress => _healthHttp?.Address;

    public async Task StartAsync()
    {
        if (_options.TlsCertificateFile is not null && _certificate is not null)
        {
            await File.WriteAllTextAsync(_options.TlsCertificateFile, _certificate.ExportCertificatePem() + "\n").ConfigureAwait(false);
        }

        await ListenAsync("--listen", _options.Listen, () => _kestrel.StartAsync(_application, CancellationToken.None)).ConfigureAwait(false);
        if (_healthHttp is not null)
        {
            await ListenAsync("--health-http", _options.HealthHttp!, _healthHttp.StartAsync).ConfigureAwait(false);
        }
    }

    /// <summary>Ends live streams, sends GOAWAY, lets calls in flight end, and cuts what is left when the drain time is over.</summary>
    public async Task StopAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        using var limit = new CancellationTokenSource(TimeSpan.FromMilliseconds(_options.DrainNs / 1e6));
        await _kestrel.StopAsync(limit.Token).ConfigureAwait(false);
        if (_healthHttp is not null)
        {
            await _healthHttp.StopAsync(limit.Token).ConfigureAwait(false);
        }
    }

    public ValueTask DisposeAsync()
    {
        _kestrel.Dispose();
        _healthHttp?.Dispose();
        _pools.Dispose();
        _store.Dispose();
        _certificate?.Dispose();
        _stopping.Dispose();
        if (_temporaryFile is not null)
        {
            foreach (string suffix in (string[])["", "-wal", "-shm", SqliteStore.LockSuffix])
            {
                File.Delete(_temporaryFile + suffix);
            }
        }

        return ValueTask.CompletedTask;
    }

    private static async Task ListenAsync(string flag, IPEndPoint address, Func<Task> start)
    {
        try
        {
            await start().ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            throw new IOException($"{flag} {address}: {e.Message}", e);
        }
    }

    private static IMessageStore OpenStore(TargetOptions options, TimeProvider time, out string? temporaryFile)
    {
        temporaryFile = null;
        if (options.StoreInMemory)
        {
            return new MemoryStore(time, options.Idempotency);
        }

        string file = options.DataFile ?? (temporaryFile = Path.Combine(Path.GetTempPath(), $"spikebench-{Guid.NewGuid():N}.db"));
        try
        {
            return new SqliteStore(file, time, options.Idempotency);
        }
        catch (Exception e) when (e is SqliteException or IOException or UnauthorizedAccessException)
        {
            throw new IOException($"the store {file} cannot be opened: {e.Message}", e);
        }
    }

    /// <summary>Adds health, reflection and, when asked for, the interoperability tests; reflection tells of all of them.</summary>
    private List<GrpcMethod> WithStandardServices(List<GrpcMethod> methods)
    {
        var files = new List<FileDescriptor> { MessengerReflection.Descriptor, Wire.Health.HealthReflection.Descriptor };
        files.AddRange(ReflectionService.OwnFiles);
        if (_options.Interop)
        {
            methods.AddRange(InteropService.Methods);
            files.Add(Wire.Interop.TestReflection.Descriptor);
        }

        var health = new HealthService(methods.Select(m => m.Service).ToHashSet(StringComparer.Ordinal), _stopping.Token);
        methods.AddRange(health.Methods);
        string[] reflection = ["grpc.reflection.v1.ServerReflection", "grpc.reflection.v1alpha.ServerReflection"];
        methods.AddRange(new ReflectionService(files, methods.Select(m => m.Service).Concat(reflection).Distinct()).Methods);
        return methods;
    }
}
