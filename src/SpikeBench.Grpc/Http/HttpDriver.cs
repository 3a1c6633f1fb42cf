using System.Net.Sockets;
using SpikeBench.Core;
using SpikeBench.Core.Engine;

namespace SpikeBench.Grpc.Http;

/// <summary>
/// gRPC over .NET's own HTTP/2 client: portable, and an independent second opinion on the raw driver. It costs tens of microseconds and
/// several kilobytes of garbage per call, so it suits rates up to a few thousand per second.
/// </summary>
public sealed class HttpDriver : IDriver
{
    /// <summary>
    /// Calls that one connection may have open. The client does not say what its peer allows and would queue calls without a word;
    /// 100 is the smallest limit that RFC 9113 recommends and the default of most servers.
    /// </summary>
    internal const int StreamsPerConnection = 100;

    private const int WarmUpRounds = 3;

    private readonly LocalRefusals _refusals = new();
    private CallPlan? _plan;
    private HttpConnection[] _connections = [];

    public string Name => "http";

    /// <inheritdoc/>
    public LocalShortage? Shortage => _refusals.Shortage;

    int? IDriver.StreamsPerConnection => StreamsPerConnection;

    /// <inheritdoc/>
    public async ValueTask PrepareAsync(CallPlan plan, CancellationToken cancel)
    {
        if (plan.Connect.Lazy || plan.Connect.RatePerSecond is not null)
        {
            throw new UsageException("client.connect: lazy and client.connect_rate need the raw driver: the http driver opens all connections before T0");
        }

        _plan = plan;
        _connections = [.. Enumerable.Range(0, plan.Connections).Select(_ => new HttpConnection(plan))];

        // The first connection alone, so that an unreachable target is one error at once and not hundreds.
        await ProbeAsync(_connections[0], plan, cancel).ConfigureAwait(false);
        for (int round = 0; round < WarmUpRounds; round++)
        {
            foreach (HttpConnection[] some in _connections.Chunk(32))
            {
                await Task.WhenAll(some.Select(c => ProbeAsync(c, plan, cancel))).ConfigureAwait(false);
            }
        }
    }

    /// <inheritdoc/>
    public ILane OpenLane(int worker, IClock clock)
    {
        CallPlan plan = _plan ?? throw new InvariantException("the driver was not prepared");
        int first = Enumerable.Range(0, worker).Sum(plan.ConnectionsOfLane);
        return new HttpLane(plan, _connections.AsSpan(first, plan.ConnectionsOfLane(worker)), clock, _refusals);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        foreach (HttpConnection connection in _connections)
        {
            connection.Dispose();
        }

        return ValueTask.CompletedTask;
    }

    /// <summary>
    /// Opens the connection and proves that it speaks gRPC, with the standard health check: whatever status it answers, UNIMPLEMENTED
    /// included, comes from a gRPC server.
    /// </summary>
    private static async Task ProbeAsync(HttpConnection connection, CallPlan plan, CancellationToken cancel)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(plan.ConnectTimeout);
        try
        {
            HttpOutcome outcome = await connection.CallAsync("/grpc.health.v1.Health/Check", GrpcContent.Empty, "3S", limit.Token).ConfigureAwait(false);
            if (outcome.Failure == Failure.Protocol)
            {
                throw new TargetException($"{plan.Target} answers HTTP/2 but not gRPC: check the address and the port");
            }
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            throw new TargetException($"{plan.Target} did not answer within {plan.ConnectTimeout.TotalSeconds:0.#} s: is it up, and is the port right?");
        }
        catch (HttpRequestException e)
        {
            throw new TargetException(Explain(plan.Target, e), e);
        }
    }

    private static string Explain(Uri target, HttpRequestException e) => e switch
    {
        { InnerException: SocketException { SocketErrorCode: SocketError.ConnectionRefused } } =>
            $"nothing listens at {target}: start the target, or leave --target out to use the reference messenger",
        { HttpRequestError: HttpRequestError.NameResolutionError } => $"the name {target.Host} does not resolve",
        { HttpRequestError: HttpRequestError.SecureConnectionError } => $"{target}: the TLS handshake failed: {e.InnerException?.Message ?? e.Message}",
        { HttpRequestError: HttpRequestError.HttpProtocolError or HttpRequestError.VersionNegotiationError or HttpRequestError.InvalidResponse or HttpRequestError.ResponseEnded } =>
            $"{target} does not speak HTTP/2 without TLS (h2c): is it an HTTP/1 or a TLS port?",
        _ => $"{target} cannot be reached: {e.InnerException?.Message ?? e.Message}",
    };
}
