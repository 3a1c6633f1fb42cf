using System.ComponentModel;
using System.Net.Sockets;
using SpikeBench.Core;
using SpikeBench.Grpc.Epoll;

namespace SpikeBench.Grpc.Http;

/// <summary>
/// Tells what this machine lacked from what the target did: no descriptor, no port or no memory for a socket is never the target's doing,
/// before T0 as little as after it.
/// </summary>
public static class OwnShortage
{
    internal const string NoDescriptor = "no descriptor is left for a socket (ulimit -n)";
    internal const string NoMemory = "no memory is left for a socket";
    internal const string NoPort = "no local port is left, or no address to reach it from";

    // A socket, and what a handshake or a resolver opens beside it: its configuration, the certificates that the machine trusts.
    private const int Spare = 4;

    /// <summary>What was lacking, somewhere in the chain of causes; null: nothing of ours.</summary>
    /// <param name="failure">Why a connection or a process did not come about.</param>
    /// <param name="overPort">
    /// The target is a port. At a socket's path "no such address" says that the socket is gone, and "again" that the target's queue is full.
    /// </param>
    public static string? Of(Exception? failure, bool overPort = true)
    {
        for (; failure is not null; failure = failure.InnerException)
        {
            if (failure is Win32Exception e && Describe(e, overPort) is { } lacking)
            {
                return lacking;
            }
        }

        return null;
    }

    /// <summary>
    /// What is lacking now; null where sockets can be opened. For failures that do not say why: a name that is not found and a certificate
    /// that is not trusted may be files that could not be opened.
    /// </summary>
    public static string? Now()
    {
        var sockets = new List<Socket>();
        try
        {
            for (int i = 0; i < Spare; i++)
            {
                sockets.Add(new Socket(SocketType.Dgram, ProtocolType.Udp));
            }

            return null;
        }
        catch (SocketException e)
        {
            return Of(e);
        }
        finally
        {
            sockets.ForEach(s => s.Dispose());
        }
    }

    /// <summary>The end of a run that never began.</summary>
    /// <param name="target">As it is shown.</param>
    /// <param name="lacking">What this class said.</param>
    public static GeneratorException Refused(string target, string lacking) =>
        new($"this machine refused a connection to {target}: {lacking}. Use fewer (client.connections) or free some; see 'spikebench doctor'");

    private static string? Describe(Win32Exception e, bool overPort) => e is SocketException socket
        ? socket.SocketErrorCode switch
        {
            SocketError.TooManyOpenSockets => NoDescriptor,
            SocketError.NoBufferSpaceAvailable => NoMemory,
            SocketError.AddressNotAvailable or SocketError.AddressAlreadyInUse or SocketError.WouldBlock => overPort ? NoPort : null,
            _ => OfErrno(socket.NativeErrorCode),
        }
        : OfErrno(e.NativeErrorCode);

    /// <summary>What .NET has no name for, and what kept a process from being started. Elsewhere than on Linux the numbers mean other things.</summary>
    private static string? OfErrno(int errno) => !OperatingSystem.IsLinux() ? null : errno switch
    {
        LibC.EMFile or LibC.ENFile => NoDescriptor,
        LibC.ENoMem or LibC.ENoBufs => NoMemory,
        _ => null,
    };
}
