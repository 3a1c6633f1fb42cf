using SpikeBench.Core.Engine;

namespace SpikeBench.Grpc.Http;

/// <summary>
/// Counts the calls that failed because this machine refused the client a connection. The client opens a lost connection again for the
/// call that needs it, so each such call is one refused attempt.
/// </summary>
internal sealed class LocalRefusals
{
    private long _calls;

    /// <summary>The target is a port and not a socket's path. (default: true)</summary>
    public bool OverPorts { get; set; } = true;

    /// <summary>What was counted so far.</summary>
    public LocalShortage Shortage => new(Interlocked.Read(ref _calls), Interlocked.Read(ref _calls));

    /// <summary>Takes note of why a call failed; called on any thread.</summary>
    public void Note(Exception failure)
    {
        if (OwnShortage.Of(failure, OverPorts) is not null)
        {
            Interlocked.Increment(ref _calls);
        }
    }
}
