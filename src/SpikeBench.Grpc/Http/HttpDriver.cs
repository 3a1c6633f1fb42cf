using System.Net;
using SpikeBench.Core;
using SpikeBench.Core.Engine;

namespace SpikeBench.Grpc.Http;

/// <summary>
/// gRPC over .NET's own HTTP/2 client: portable, with TLS, and an independent second opinion on the raw driver. It costs tens of microseconds
/// and several kilobytes of garbage per call, so it suits rates up to a few thousand per second.
/// </summary>
public sealed class HttpDriver : IDriver
{
    /// <summary>
    /// The most calls that one connection has open, whatever its peer allows: 100 is the smallest limit that RFC 9113 (6.5.2) recommends and the
    /// default of most servers.
    /// </summary>
    internal const int MostStreams = 100;

    private const int WarmUpRounds = 3;

    private readonly CancellationTokenSource _ended = new();
    private readonly LocalRefusals _refusals = new();
    private CallPlan? _plan;
    private HandlerFactory? _factory;
    private HttpConnection[] _connections = [];

    public string Name => "http";

    /// <inheritdoc/>
    public LocalShortage? Shortage => _refusals.Shortage;

    /// <inheritdoc/>
    public int? StreamsPerConnection => Math.Min(MostStreams, _connections.Select(c => c.Allowance.Fewest).DefaultIfEmpty(MostStreams).Min());

    /// <inheritdoc/>
    public async ValueTask PrepareAsync(CallPlan plan, CancellationToken cancel)
    {
        if (plan.Connect.Lazy || plan.Connect.RatePerSecond is not null)
        {
            throw new UsageException("client.connect: lazy and client.connect_rate need the raw driver: the http driver opens all connections before T0");
        }

        _plan = plan;
        _factory = new HandlerFactory(plan.Target, plan.Transport, plan.ConnectTimeout);
        _refusals.OverPorts = _factory.Location.UnixPath is null;
        IReadOnlyList<IPEndPoint> addresses = _factory.Location.RoundRobin ? await AddressBook.ResolveAsync(_factory.Location, cancel).ConfigureAwait(false) : [];
        IReadOnlyList<IPEndPoint>? places = addresses.Count == 0 ? null : AddressBook.Assign(new IPEndPoint?[plan.Connections], addresses);
        _connections = [.. Enumerable.Range(0, plan.Connections).Select(i => new HttpConnection(_factory, plan, places?[i]))];

        // The first connection alone, so that an unreachable target is one error at once and not hundreds.
        await ProbeAsync(_connections[0], plan, cancel).ConfigureAwait(false);
        for (int round = 0; round < WarmUpRounds; round++)
        {
            foreach (HttpConnection[] some in _connections.Chunk(32))
            {
                await Task.WhenAll(some.Select(c => ProbeAsync(c, plan, cancel))).ConfigureAwait(false);
            }
        }

        if (places is not null)
        {
            _ = FollowAddressesAsync(plan, _factory.Location);
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
        _ended.Cancel();
        foreach (HttpConnection connection in _connections)
        {
            connection.Dispose();
        }

        _ended.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>
    /// Opens the connection and proves that it speaks gRPC, with the standard health check: whatever status it answers, UNIMPLEMENTED
    /// included, comes from a gRPC server.
    /// </summary>
    private async Task ProbeAsync(HttpConnection connection, CallPlan plan, CancellationToken cancel)
    {
        HandlerFactory factory = _factory!;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(plan.ConnectTimeout);
        try
        {
            HttpOutcome outcome = await connection.CallAsync("/grpc.health.v1.Health/Check", GrpcContent.Empty, "3S", [], default, limit.Token).ConfigureAwait(false);
            if (outcome.Failure == Failure.Protocol)
            {
                throw new TargetException(ConnectFailure.NotGrpc(factory));
            }
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            throw new TargetException(ConnectFailure.TimedOut(factory, plan.ConnectTimeout));
        }
        catch (HttpRequestException e)
        {
            throw await ConnectFailure.OfAsync(factory, e, cancel).ConfigureAwait(false);
        }
    }

    /// <summary>Asks for the name's addresses again and again, and moves connections from those that are gone to those that came.</summary>
    private async Task FollowAddressesAsync(CallPlan plan, TargetLocation location)
    {
        CancellationToken ended = _ended.Token;
        try
        {
            while (!ended.IsCancellationRequested)
            {
                await Task.Delay(plan.Transport.ResolveEvery, ended).ConfigureAwait(false);
                IReadOnlyList<IPEndPoint> addresses = await AddressBook.TryResolveAsync(location, ended).ConfigureAwait(false);
                IReadOnlyList<IPEndPoint> places = addresses.Count == 0 ? [] : AddressBook.Assign([.. _connections.Select(c => c.To)], addresses);
                for (int i = 0; i < places.Count; i++)
                {
                    if (!places[i].Equals(_connections[i].To))
                    {
                        _ = _connections[i].MoveAsync(places[i], TimeSpan.FromMinutes(1));
                    }
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The run is over.
        }
    }
}
