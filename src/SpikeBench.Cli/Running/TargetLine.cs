using SpikeBench.Core;
using SpikeBench.Core.Engine;
using SpikeBench.Core.Profiles;
using SpikeBench.Grpc.Dynamic;
using SpikeBench.Grpc.Exchange;
using SpikeBench.Grpc.Http;

namespace SpikeBench.Cli.Running;

/// <summary>A way to a target for single calls: what keeps it from answering is told in one line.</summary>
internal sealed class TargetLine : IAsyncDisposable
{
    private const string HealthCheck = "/grpc.health.v1.Health/Check";

    private readonly HandlerFactory _factory;
    private readonly ClientOptions _client;
    private readonly IReadOnlyList<KeyValuePair<string, string>> _metadata;
    private readonly HttpMessageInvoker _http;
    private bool _isWarm;

    private TargetLine(HandlerFactory factory, ClientOptions client, IReadOnlyList<KeyValuePair<string, string>> metadata, string shown)
    {
        _factory = factory;
        _client = client;
        _metadata = metadata;
        _http = new HttpMessageInvoker(factory.Create());
        Shown = shown;
    }

    /// <summary>The target's address without secrets.</summary>
    public string Shown { get; }

    /// <summary>How long one call may take. (default: 10 s)</summary>
    public TimeSpan Deadline { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Reads certificates and tokens; connects with the first call.</summary>
    /// <exception cref="UsageException">The address or a file is wrong.</exception>
    public static async Task<TargetLine> OpenAsync(string target, ClientOptions client, TimeProvider time, CancellationToken cancel)
    {
        Uri address = TargetAddress.Parse(target, owned: true);
        var factory = new HandlerFactory(address, client.Transport, TimeSpan.FromTicks(client.ConnectTimeoutNs / TimeSpan.NanosecondsPerTick));
        return new TargetLine(factory, client, await SingleCallMetadata.OfAsync(client, time, cancel).ConfigureAwait(false), SafeUrl.Of(target));
    }

    /// <summary>Asks the target for its contract.</summary>
    public Task<ServerReflection> ReflectAsync(CancellationToken cancel)
    {
        _isWarm = true;
        return ToldAsync(() => ServerReflection.OpenAsync(Exchange(_http), Shown, cancel), cancel);
    }

    /// <summary>
    /// Makes a health check, whatever it answers, unless reflection did as much: so that the timings that come are the target's, and
    /// not those of code that runs for the first time.
    /// </summary>
    public async Task WarmUpAsync(CancellationToken cancel)
    {
        if (!_isWarm)
        {
            await ToldAsync(() => Exchange(_http).CallAsync(HealthCheck, [[]], cancel), cancel).ConfigureAwait(false);
            _isWarm = true;
        }
    }

    /// <summary>Makes one call over a connection of its own.</summary>
    /// <exception cref="TargetException">The target does not answer.</exception>
    /// <exception cref="GeneratorException">This machine refused the connection.</exception>
    public async Task<GrpcReply> CallAfreshAsync(string path, IReadOnlyList<byte[]> messages, CancellationToken cancel)
    {
        using var http = new HttpMessageInvoker(_factory.Create());
        return await ToldAsync(() => Exchange(http).CallAsync(path, messages, cancel), cancel).ConfigureAwait(false);
    }

    public ValueTask DisposeAsync()
    {
        _http.Dispose();
        return ValueTask.CompletedTask;
    }

    private GrpcExchange Exchange(HttpMessageInvoker http) => new(http, _factory.Location.Base, new MonotonicClock())
    {
        Deadline = Deadline,
        Metadata = _metadata,
        MaxReplyBytes = _client.MaxReplyBytes,
        AcceptsGzip = _client.Compression != MessageCompression.None,
        PacksRequests = _client.Compression == MessageCompression.Gzip,
    };

    private async Task<T> ToldAsync<T>(Func<Task<T>> call, CancellationToken cancel)
    {
        try
        {
            return await call().ConfigureAwait(false);
        }
        catch (HttpRequestException e)
        {
            throw await ConnectFailure.OfAsync(_factory, e, cancel).ConfigureAwait(false);
        }
        catch (TimeoutException e)
        {
            throw new TargetException(ConnectFailure.TimedOut(_factory, Deadline), e);
        }
    }
}
