using System.Net;
using System.Net.Sockets;
using SpikeBench.Core;

namespace SpikeBench.Grpc.Http;

/// <summary>The addresses behind a <c>dns:///</c> target, and which connection goes to which.</summary>
internal static class AddressBook
{
    /// <summary>All addresses of the target's name, each once.</summary>
    /// <exception cref="TargetException">It has none.</exception>
    public static async Task<IReadOnlyList<IPEndPoint>> ResolveAsync(TargetLocation location, CancellationToken cancel)
    {
        IReadOnlyList<IPEndPoint> addresses = await TryResolveAsync(location, cancel).ConfigureAwait(false);
        return addresses.Count > 0 ? addresses : throw new TargetException($"{location.Target}: the name {location.Host} does not resolve");
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
