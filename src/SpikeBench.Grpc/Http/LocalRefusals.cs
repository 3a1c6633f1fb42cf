using System.Net.Sockets;
using SpikeBench.Core.Engine;

namespace SpikeBench.Grpc.Http;

/// <summary>
/// Counts the calls that failed because this machine refused the client a connection. The client opens a lost connection again for the
/// call that needs it, so each such call is one refused attempt.
/// </summary>
internal sealed class LocalRefusals
{
    private long _calls;

    /// <summary>
    /// The target is a port. At the path of a socket "no such address" says that the socket is gone: the target's doing. (default: true)
    /// </summary>
    public bool OverPorts { get; set; } = true;

    /// <summary>What was counted so far.</summary>
    public LocalShortage Shortage => new(Interlocked.Read(ref _calls), Interlocked.Read(ref _calls));

    /// <summary>Takes note of why a call failed; called on any thread.</summary>
    public void Note(Exception failure)
    {
        if (IsLocal(failure) && (OverPorts || !IsAboutAddress(failure)))
        {
            Interlocked.Increment(ref _calls);
        }
    }

    /// <summary>No descriptor, no port or no memory for a socket, somewhere in the chain of causes.</summary>
    public static bool IsLocal(Exception? failure)
    {
        for (; failure is not null; failure = failure.InnerException)
        {
            if (failure is SocketException { SocketErrorCode: SocketError.TooManyOpenSockets or SocketError.NoBufferSpaceAvailable or SocketError.AddressNotAvailable or SocketError.AddressAlreadyInUse })
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsAboutAddress(Exception? failure)
    {
        for (; failure is not null; failure = failure.InnerException)
        {
            if (failure is SocketException { SocketErrorCode: SocketError.AddressNotAvailable })
            {
                return true;
            }
        }

        return false;
    }
}
