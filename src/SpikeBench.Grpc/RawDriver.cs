using System.Net;
using System.Net.Sockets;
using SpikeBench.Core;
using SpikeBench.Core.Engine;
using SpikeBench.Grpc.Calls;
using SpikeBench.Grpc.Epoll;
using SpikeBench.Grpc.Http;

namespace SpikeBench.Grpc;

/// <summary>
/// The default driver: unary gRPC over cleartext HTTP/2 from raw sockets, one event loop per worker, requests encoded before T0.
/// Linux only; elsewhere the http driver serves.
/// </summary>
/// <param name="options">How it behaves where the plan does not say.</param>
public sealed class RawDriver(RawDriverOptions? options = null) : IDriver
{
    private readonly RawDriverOptions _options = options ?? new RawDriverOptions();
    private readonly CancellationTokenSource _ended = new();
    private EpollLane[] _lanes = [];

    /// <summary>Can the raw driver run on this machine?</summary>
    public static bool IsSupported => EpollSet.IsSupported;

    /// <inheritdoc/>
    public string Name => "raw";

    /// <inheritdoc/>
    public bool KnowsOnWire => true;

    /// <summary>What happened on the connections of all lanes so far.</summary>
    public DriverCounters Counters => LaneCounters.Sum([.. _lanes.Select(lane => lane.Counters)]);

    DriverCounters? IDriver.Counters => Counters;

    /// <inheritdoc/>
    public LocalShortage Shortage => new(_lanes.Sum(l => Volatile.Read(ref l.Counters.LocalFailures)), _lanes.Sum(l => Volatile.Read(ref l.Counters.CallsLostToLocalFailures)));

    LocalShortage? IDriver.Shortage => Shortage;

    /// <inheritdoc/>
    public int? StreamsPerConnection => _lanes.Select(l => Volatile.Read(ref l.Counters.FewestStreams)).DefaultIfEmpty(int.MaxValue).Min() is var fewest and < int.MaxValue ? fewest : null;

    /// <inheritdoc/>
    public async ValueTask PrepareAsync(CallPlan plan, CancellationToken cancel)
    {
        if (!IsSupported)
        {
            throw new UsageException("The raw driver needs Linux 5.11 or later: use --driver http.");
        }

        TargetLocation location = TargetLocation.Of(plan.Target, plan.Transport);
        if (location.IsTls)
        {
            throw new TargetException($"{plan.Target}: the raw driver speaks cleartext HTTP/2 (http://) only: use --driver http for TLS.");
        }

        var templates = new RequestTemplates(plan);
        EndPoint[] places = await PlacesAsync(plan, location, cancel).ConfigureAwait(false);
        CodeWarmup.CompileAll();

        // The lanes connect on one thread, one after the other: no lane is anyone else's before its worker opens it.
        var clock = new MonotonicClock();
        _lanes = [.. Enumerable.Range(0, plan.Lanes).Select(lane => new EpollLane(lane, plan, templates, PlacesOf(plan, lane, places), _options, clock))];
        await Task.Run(() => Array.ForEach(_lanes, lane => lane.ConnectAll(cancel)), cancel).ConfigureAwait(false);
        if (location.RoundRobin)
        {
            _ = FollowAddressesAsync(plan, location, places);
        }
    }

    /// <inheritdoc/>
    public ILane OpenLane(int worker, IClock clock)
    {
        EpollLane lane = _lanes[worker];
        lane.Attach(clock);
        return lane;
    }

    /// <summary>Closes the lanes; to be called when no worker uses them any more.</summary>
    public ValueTask DisposeAsync()
    {
        _ended.Cancel();
        Array.ForEach(_lanes, lane => lane.Dispose());
        _ended.Dispose();
        return ValueTask.CompletedTask;
    }

    // Where each connection of all lanes goes.
    private static async Task<EndPoint[]> PlacesAsync(CallPlan plan, TargetLocation location, CancellationToken cancel)
    {
        if (location.RoundRobin)
        {
            return [.. AddressBook.Assign(new IPEndPoint?[plan.Connections], await AddressBook.ResolveAsync(location, cancel).ConfigureAwait(false))];
        }

        EndPoint place = location.EndPoint is DnsEndPoint name ? await FirstOfAsync(plan, name, cancel).ConfigureAwait(false) : location.EndPoint;
        return [.. Enumerable.Repeat(place, plan.Connections)];
    }

    private static EndPoint[] PlacesOf(CallPlan plan, int lane, EndPoint[] places)
    {
        int first = Enumerable.Range(0, lane).Sum(plan.ConnectionsOfLane);
        return places[first..(first + plan.ConnectionsOfLane(lane))];
    }

    /// <summary>Asks for the name's addresses again and again, and tells the lanes when connections are to move.</summary>
    private async Task FollowAddressesAsync(CallPlan plan, TargetLocation location, EndPoint[] places)
    {
        CancellationToken ended = _ended.Token;
        try
        {
            while (!ended.IsCancellationRequested)
            {
                await Task.Delay(plan.Transport.ResolveEvery, ended).ConfigureAwait(false);
                IReadOnlyList<IPEndPoint> addresses = await AddressBook.TryResolveAsync(location, ended).ConfigureAwait(false);
                if (addresses.Count == 0)
                {
                    continue;
                }

                places = [.. AddressBook.Assign([.. places.Cast<IPEndPoint>()], addresses)];
                for (int lane = 0; lane < _lanes.Length; lane++)
                {
                    _lanes[lane].Move(PlacesOf(plan, lane, places));
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The run is over.
        }
    }

    // A name may stand for several addresses of which some do not answer (localhost: ::1 and 127.0.0.1): the first that does serves the run.
    private static async Task<EndPoint> FirstOfAsync(CallPlan plan, DnsEndPoint name, CancellationToken cancel)
    {
        int port = name.Port;
        IPAddress[] addresses;
        try
        {
            addresses = await Dns.GetHostAddressesAsync(name.Host, cancel).ConfigureAwait(false);
        }
        catch (SocketException e)
        {
            throw OwnShortage.Now() is { } lacking
                ? OwnShortage.Refused(plan.Target.ToString(), lacking)
                : new TargetException($"{plan.Target}: the name {name.Host} does not resolve ({e.Message})", e);
        }

        switch (addresses.Length)
        {
            case 0:
                throw new TargetException($"{plan.Target}: the host's name has no address");
            case 1:
                return new IPEndPoint(addresses[0], port);
        }

        try
        {
            using Socket probe = await AddressBook.ConnectAsync(addresses, port, plan.ConnectTimeout, cancel).ConfigureAwait(false);
            return probe.RemoteEndPoint!;
        }
        catch (SocketException e) when (OwnShortage.Of(e) is { } lacking)
        {
            throw OwnShortage.Refused(plan.Target.ToString(), lacking);
        }
        catch (SocketException)
        {
            // None does: whichever is tried again says why, but not one that this machine may have no way to.
            return new IPEndPoint(addresses.FirstOrDefault(a => a.AddressFamily == AddressFamily.InterNetwork, addresses[0]), port);
        }
    }
}
