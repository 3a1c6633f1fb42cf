using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;

namespace SpikeBench.Grpc.Http;

/// <summary>
/// Whether a target runs on the generator's own machine, by whichever of its names and addresses it is called: a server that is called by the
/// machine's address in the network shares its processors as much as one on loopback.
/// </summary>
public static class ThisMachine
{
    /// <summary>True where the target is on loopback or one of its addresses is this machine's; false where nobody can tell.</summary>
    public static async Task<bool> HasAsync(TargetLocation target, CancellationToken cancel) =>
        target.IsLoopback || IsAny(await AddressesOf(target.Host, cancel).ConfigureAwait(false), Own());

    /// <summary>True where one of a target's addresses is loopback or among the machine's own.</summary>
    internal static bool IsAny(IEnumerable<IPAddress> target, IEnumerable<IPAddress> own)
    {
        HashSet<IPAddress> mine = [.. own.Select(Plain), IPAddress.Any, IPAddress.IPv6Any];
        return target.Select(Plain).Any(a => IPAddress.IsLoopback(a) || mine.Contains(a));
    }

    /// <summary>Without a zone, and version 4 as itself: the same address whichever way it was written.</summary>
    private static IPAddress Plain(IPAddress address) =>
        address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address.AddressFamily == AddressFamily.InterNetworkV6 ? new IPAddress(address.GetAddressBytes()) : address;

    private static async Task<IPAddress[]> AddressesOf(string host, CancellationToken cancel)
    {
        if (IPAddress.TryParse(host, out IPAddress? address))
        {
            return [address];
        }

        try
        {
            return await Dns.GetHostAddressesAsync(host, cancel).ConfigureAwait(false);
        }
        catch (Exception e) when (e is SocketException or ArgumentException)
        {
            // A name that does not resolve is told about when it is called.
            return [];
        }
    }

    private static IEnumerable<IPAddress> Own()
    {
        try
        {
            return NetworkInterface.GetAllNetworkInterfaces().SelectMany(i => i.GetIPProperties().UnicastAddresses).Select(a => a.Address).ToList();
        }
        catch (NetworkInformationException)
        {
            // A system that does not tell its addresses: loopback is all that is known.
            return [];
        }
    }
}
