using System.Runtime.InteropServices;

namespace SpikeBench.Cli.Running;

/// <summary>How a command takes SIGINT and SIGTERM.</summary>
internal enum Patience
{
    /// <summary>The process leaves at once.</summary>
    None,

    /// <summary>The command winds up by itself; a second signal leaves at once.</summary>
    Silent,

    /// <summary>The load ends, is drained and stored, and the user is told; a second signal leaves at once.</summary>
    Drains,
}

/// <summary>
/// Turns signals into a cancellation the first time and into the process's end the second: what was kept of a run until then stays behind
/// as a run that did not finish.
/// </summary>
/// <remarks>
/// The parser's own handling is switched off: it holds every later handler back until the drain is over, and with it the second signal.
/// </remarks>
internal sealed class Interrupts : IDisposable
{
    private readonly CancellationTokenSource _first = new();
    private readonly TextWriter _say;
    private readonly Action<int> _leave;
    private readonly Patience _patience;
    private readonly PosixSignalRegistration[] _registrations;
    private int _signals;

    /// <param name="patience">What the command needs.</param>
    /// <param name="say">Where signals are answered.</param>
    /// <param name="leave">Ends the process with an exit code.</param>
    public Interrupts(Patience patience, TextWriter say, Action<int> leave)
    {
        _patience = patience;
        _say = say;
        _leave = leave;
        _registrations = [.. new[] { PosixSignal.SIGINT, PosixSignal.SIGTERM }.Select(signal => PosixSignalRegistration.Create(signal, context =>
        {
            context.Cancel = true;
            Signalled();
        }))];
    }

    /// <summary>Cancelled by the first signal.</summary>
    public CancellationToken First => _first.Token;

    public void Dispose()
    {
        Array.ForEach(_registrations, r => r.Dispose());
        _first.Dispose();
    }

    /// <summary>Takes a signal.</summary>
    internal void Signalled()
    {
        int count = Interlocked.Increment(ref _signals);
        if (count == 1 && _patience != Patience.None)
        {
            Say("interrupted: calls in flight are drained, then the result is written (again: leave at once)");
            _first.Cancel();
        }
        else if (count == 2 || (count == 1 && _patience == Patience.None))
        {
            if (count == 2)
            {
                Say("interrupted twice: left without draining; the run's folder holds the part that was kept");
            }

            _leave(ExitCodes.Interrupted);
        }
    }

    private void Say(string text)
    {
        if (_patience == Patience.Drains)
        {
            _say.WriteLine($"spikebench: {text}");
            _say.Flush();
        }
    }
}
