namespace SpikeBench.Core.Engine;

/// <summary>
/// A wait until a time on the clock that another thread can end early; for lanes whose calls complete elsewhere.
/// </summary>
/// <remarks>
/// <para>Assumptions:</para>
/// <list type="number">
/// <item>One thread waits; any number wake it.</item>
/// <item>Whoever wakes has published its news before; the waiter looks for news after every return of <see cref="Until"/>.</item>
/// </list>
/// <para>Guarantees:</para>
/// <list type="number">
/// <item>A <see cref="Wake"/> after the waiter last returned ends the next wait at once: no news waits for a time-out.</item>
/// <item>Between two waits at most one wake costs a system call.</item>
/// <item>On Linux a wait ends some 6 µs after its time (median, quiet machine); elsewhere within about a millisecond.</item>
/// </list>
/// </remarks>
public sealed class PreciseWait : IDisposable
{
    private readonly IClock _clock;
    private readonly int _fd;
    private readonly ManualResetEventSlim? _portable;
    private int _signalled;

    public PreciseWait(IClock clock)
    {
        _clock = clock;
        _fd = NativeThread.IsSupported ? NativeThread.CreateEvent() : -1;
        _portable = _fd < 0 ? new ManualResetEventSlim() : null;
    }

    /// <summary>To be called once by a worker's thread: exact timers, and priority where the user may have it.</summary>
    public static void PrepareThread()
    {
        NativeThread.UseExactTimers();
        NativeThread.AskForPriority();
    }

    /// <summary>Waits until <paramref name="untilNs"/> on the clock, or until woken.</summary>
    public void Until(long untilNs)
    {
        long left = untilNs - _clock.NowNs;
        bool woken = false;
        if (left > 0)
        {
            woken = _portable is null
                ? NativeThread.WaitReadable(_fd, left)
                : _portable.Wait(TimeSpan.FromMilliseconds(Math.Min(left / 1e6, int.MaxValue)));
        }

        // A waker raises the flag first and signals second, so either may be seen without the other: clear both on either.
        if (woken || Volatile.Read(ref _signalled) != 0)
        {
            if (_portable is null)
            {
                NativeThread.Clear(_fd);
            }
            else
            {
                _portable.Reset();
            }

            // A full fence: the caller's look for news must not move before the flag is down, or a waker in between would stay silent.
            Interlocked.Exchange(ref _signalled, 0);
        }
    }

    /// <summary>Ends the wait, now or when it begins.</summary>
    public void Wake()
    {
        if (Interlocked.Exchange(ref _signalled, 1) == 0)
        {
            if (_portable is null)
            {
                NativeThread.Signal(_fd);
            }
            else
            {
                _portable.Set();
            }
        }
    }

    public void Dispose()
    {
        if (_portable is null)
        {
            NativeThread.CloseEvent(_fd);
        }
        else
        {
            _portable.Dispose();
        }
    }
}
