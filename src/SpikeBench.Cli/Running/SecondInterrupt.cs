using System.Runtime.InteropServices;

namespace SpikeBench.Cli.Running;

/// <summary>
/// The first Ctrl-C ends the load and drains it. A second one means now: the process leaves, and what was kept until then stays behind as
/// a run that did not finish.
/// </summary>
internal sealed class SecondInterrupt : IDisposable
{
    private readonly PosixSignalRegistration[] _registrations;
    private int _signals;

    /// <param name="say">Where the second one is answered.</param>
    /// <param name="leave">Ends the process with an exit code.</param>
    public SecondInterrupt(TextWriter say, Action<int> leave)
    {
        _registrations = [.. new[] { PosixSignal.SIGINT, PosixSignal.SIGTERM }.Select(signal => PosixSignalRegistration.Create(signal, context =>
        {
            context.Cancel = true;
            Signalled(say, leave);
        }))];
    }

    public void Dispose() => Array.ForEach(_registrations, r => r.Dispose());

    /// <summary>Counts a signal.</summary>
    internal void Signalled(TextWriter say, Action<int> leave)
    {
        switch (Interlocked.Increment(ref _signals))
        {
            case 1:
                say.WriteLine("spikebench: interrupted: calls in flight are drained, then the result is written (again: leave at once)");
                break;
            case 2:
                say.WriteLine("spikebench: interrupted twice: left without draining; the run's folder holds the part that was kept");
                say.Flush();
                leave(ExitCodes.Interrupted);
                break;
        }
    }
}
