using System.Net;
using System.Net.Sockets;
using SpikeBench.Core;

namespace SpikeBench.Grpc.Http;

/// <summary>The addresses behind a <c>dns:///</c> target, and which connection goes to which.</summary>
internal static class AddressBook
{
    /// <summary>All addresses of the target's name, each once.</summary>
    /// <exception cref="TargetException">It has none.</exception>
    /// <exception cref="GeneratorException">This machine cannot ask.</exception>
    public static async Task<IReadOnlyList<IPEndPoint>> ResolveAsync(TargetLocation location, CancellationToken cancel)
    {
        IReadOnlyList<IPEndPoint> addresses = await TryResolveAsync(location, cancel).ConfigureAwait(false);
        return addresses.Count > 0 ? addresses
            : throw (OwnShortage.Now() is { } lacking
                ? OwnShortage.Refused(location.Target.ToString(), lacking)
                : new TargetException($"{location.Target}: the name {location.Host} does not resolve"));
    }

    /// <summary>All addresses of the target's name; none when it does not resolve now.</summary>
    public static async Task<IReadOnlyList<IPEndPoint>> TryResolveAsync(TargetLocation location, CancellationToken cancel)
    {
        try
        {
            IPAddress[] addresses = await Dns.GetHostAddressesAsync(location.Host, cancel).ConfigureAwait(false);
            return [.. addresses.Distinct().Select(a => new IPEndPoint(a, location.Port))];
        }
        catch (SocketException)
        {
            return [];
        }
    }

    /// <summary>Connects to the first of a name's addresses that answers.</summary>
    /// <param name="addresses">In the resolver's order; at least one.</param>
    /// <param name="port">At each of them.</param>
    /// <param name="each">How long one may take; null: no limit of its own.</param>
    /// <param name="cancel">Gives up.</param>
    /// <exception cref="SocketException">None does: the most telling of their failures.</exception>
    public static async Task<Socket> ConnectAsync(IReadOnlyList<IPAddress> addresses, int port, TimeSpan? each, CancellationToken cancel)
    {
        SocketException? telling = null;
        int most = -1;
        foreach (IPAddress address in addresses)
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
            limit.CancelAfter(each ?? Timeout.InfiniteTimeSpan);
            Socket? socket = null;
            try
            {
                socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                await socket.ConnectAsync(new IPEndPoint(address, port), limit.Token).ConfigureAwait(false);
                return socket;
            }
            catch (SocketException e)
            {
                socket?.Dispose();
                int tells = Tells(e, address);
                (telling, most) = tells > most ? (e, tells) : (telling, most);
            }
            catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
            {
                socket?.Dispose();
                (telling, most) = most < 1 ? (new SocketException((int)SocketError.TimedOut), 1) : (telling, most);
            }
            catch
            {
                socket?.Dispose();
                throw;
            }
        }

        throw telling ?? new SocketException((int)SocketError.HostNotFound);
    }

    /// <summary>How much a failure says. The least: a machine without IPv6 has no address to reach ::1 from, whatever the target does.</summary>
    internal static int Tells(SocketException e, IPAddress address) => OwnShortage.Of(e) switch
    {
        null => 1,
        OwnShortage.NoPort when address.AddressFamily == AddressFamily.InterNetworkV6 => 0,
        _ => 2,
    };

    /// <summary>
    /// Shares addresses out evenly with as few moves as can be: a connection stays where it is as long as its address is still there and
    /// has no more than its share.
    /// </summary>
    /// <param name="now">Where each connection goes; null: nowhere yet.</param>
    /// <param name="addresses">At least one.</param>
    public static IReadOnlyList<IPEndPoint> Assign(IReadOnlyList<IPEndPoint?> now, IReadOnlyList<IPEndPoint> addresses)
    {
        // The first `extra` addresses by what they have already may keep one more: n = least · k + extra.
        int least = now.Count / addresses.Count, extra = now.Count % addresses.Count;
        var counts = addresses.ToDictionary(a => a, _ => 0);
        var places = new IPEndPoint?[now.Count];
        for (int i = 0; i < now.Count; i++)
        {
            if (now[i] is { } address && counts.TryGetValue(address, out int count) && (count < least || (count == least && extra > 0)))
            {
                extra -= count == least ? 1 : 0;
                counts[address]++;
                places[i] = address;
            }
        }

        for (int i = 0; i < places.Length; i++)
        {
            if (places[i] is null)
            {
                IPEndPoint emptiest = addresses.MinBy(a => counts[a])!;
                counts[emptiest]++;
                places[i] = emptiest;
            }
        }

        return places!;
    }
}
