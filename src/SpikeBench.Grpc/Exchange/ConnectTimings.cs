using System.Diagnostics;

namespace SpikeBench.Grpc.Exchange;

/// <summary>
/// How long the steps of connecting took, as the runtime's own spans tell: one listener, whoever opens the sockets. Listens until it is
/// disposed, to the whole process; nothing else should connect meanwhile.
/// </summary>
public sealed class ConnectTimings : IDisposable
{
    // learn.microsoft.com, "Distributed tracing in System.Net libraries": the experimental connection tracing of .NET 9 and later.
    private const string Dns = "Experimental.System.Net.NameResolution";
    private const string Sockets = "Experimental.System.Net.Sockets";
    private const string Security = "Experimental.System.Net.Security";

    private readonly ActivityListener _listener;
    private long _resolveTicks;
    private long _connectTicks;
    private long _tlsTicks;

    public ConnectTimings()
    {
        _listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name is Dns or Sockets or Security,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = Stopped,
        };
        ActivitySource.AddActivityListener(_listener);
    }

    /// <summary>Asking for the name's addresses; null: no name was asked for.</summary>
    public long? ResolveNs => NsOf(ref _resolveTicks);

    /// <summary>Opening the socket, all attempts together; null: none was opened.</summary>
    public long? ConnectNs => NsOf(ref _connectTicks);

    /// <summary>The TLS handshake; null: there was none.</summary>
    public long? TlsNs => NsOf(ref _tlsTicks);

    public void Dispose() => _listener.Dispose();

    private void Stopped(Activity activity)
    {
        switch (activity.Source.Name)
        {
            case Dns:
                Interlocked.Add(ref _resolveTicks, activity.Duration.Ticks);
                break;
            case Sockets:
                Interlocked.Add(ref _connectTicks, activity.Duration.Ticks);
                break;
            default:
                Interlocked.Add(ref _tlsTicks, activity.Duration.Ticks);
                break;
        }
    }

    private static long? NsOf(ref long ticks) => Interlocked.Read(ref ticks) is > 0 and var some ? some * TimeSpan.NanosecondsPerTick : null;
}
