using SpikeBench.Core.Engine;

namespace SpikeBench.Core.Recording;

/// <summary>
/// The thread that takes an interval of the histograms each second and shows it, and looks at the machine. It reads what workers wrote and
/// never makes them wait.
/// </summary>
public sealed class Collector : IDisposable
{
    private const long SecondNs = 1_000_000_000;

    private readonly IntervalTaker _taker;
    private readonly HostMeter _host;
    private readonly IClock _clock;
    private readonly long _t0Ns;
    private readonly long _intervalNs;
    private readonly Func<long, bool> _everySecond;
    private readonly Action<SecondSummary> _show;
    private readonly PreciseWait _wait;
    private readonly Thread _thread;
    private readonly ElapsedIntervals _elapsed;
    private volatile bool _stop;
    private Exception? _failure;

    /// <param name="taker">Takes intervals.</param>
    /// <param name="host">Looks at the machine, each second.</param>
    /// <param name="clock">The run's clock.</param>
    /// <param name="t0Ns">T0 on it.</param>
    /// <param name="intervalNs">How long an interval is; whole seconds.</param>
    /// <param name="everySecond">Is told the time from T0 each second; false ends nothing but these calls.</param>
    /// <param name="show">Is told each interval, with the time that really went by.</param>
    public Collector(IntervalTaker taker, HostMeter host, IClock clock, long t0Ns, long intervalNs, Func<long, bool> everySecond, Action<SecondSummary> show)
    {
        _intervalNs = intervalNs;
        _everySecond = everySecond;
        _taker = taker;
        _host = host;
        _clock = clock;
        _t0Ns = t0Ns;
        _show = show;
        _elapsed = new ElapsedIntervals(intervalNs);
        _wait = new PreciseWait(clock);
        _thread = new Thread(Run) { IsBackground = true, Name = "spikebench-collector", Priority = ThreadPriority.BelowNormal };
        _thread.Start();
    }

    /// <summary>Takes the last interval and ends the thread. To be called when the workers have ended.</summary>
    public void Finish()
    {
        _stop = true;
        _wait.Wake();
        _thread.Join();
        if (_failure is not null)
        {
            throw new IOException($"the interval log could not be written: {_failure.Message}", _failure);
        }
    }

    /// <summary>Ends the thread, if <see cref="Finish"/> did not: it uses what is disposed next.</summary>
    public void Dispose()
    {
        _stop = true;
        _wait.Wake();
        _thread.Join();
        _wait.Dispose();
    }

#pragma warning disable CA1031 // A failure here must not end the run; Finish reports it.
    private void Run()
    {
        try
        {
            _host.Prepare();
            while (!_stop && _clock.NowNs < _t0Ns)
            {
                _wait.Until(_t0Ns);
            }

            if (!_stop)
            {
                _host.Begin();
            }

            long next = SecondNs, taken = 0;
            bool watching = true;
            while (!_stop)
            {
                _wait.Until(_t0Ns + next);
                if (!_stop && _clock.NowNs - _t0Ns >= next)
                {
                    _host.Take();
                    watching = watching && _everySecond(next);
                    if (next - taken >= _intervalNs)
                    {
                        long nowNs = _clock.NowNs - _t0Ns;
                        if (_elapsed.Of(_taker.Take(next), nowNs) is { } interval)
                        {
                            _show(interval);
                        }

                        taken = next;
                    }

                    next += SecondNs;
                }
            }

            _host.TakeLast();

            // Whole milliseconds, as the log keeps them.
            const long nsPerMs = 1_000_000;
            _taker.Take(Math.Max(taken, (_clock.NowNs - _t0Ns) / nsPerMs * nsPerMs));
        }
        catch (Exception e)
        {
            _failure = e;
        }
    }
#pragma warning restore CA1031
}
