using SpikeBench.Histograms;

namespace SpikeBench.Core.Engine;

/// <summary>
/// A thread that does nothing but wake each millisecond and write down how late it was. It stands for every thread of the generator: what
/// kept it waiting (the scheduler, the hypervisor, a collection) kept completions waiting as well, where no call's own stamp can see it.
/// A thousand wake-ups a second cost under 1 % of a core.
/// </summary>
public sealed class HiccupMeter : IDisposable
{
    private readonly IClock _clock;
    private readonly CpuList? _cpus;
    private readonly HiccupTicks _ticks;
    private readonly PreciseWait _wait;
    private readonly Thread _thread;
    private volatile bool _stop;

    /// <param name="clock">The run's clock.</param>
    /// <param name="t0Ns">Ticks are counted from here on.</param>
    /// <param name="lengthNs">How long the load and its drain may take at most.</param>
    /// <param name="cpus">The workers' processors, where they are pinned: what keeps them waiting is to be seen here too.</param>
    public HiccupMeter(IClock clock, long t0Ns, long lengthNs, CpuList? cpus = null)
    {
        _clock = clock;
        _cpus = cpus;
        _ticks = new HiccupTicks(clock.NowNs, t0Ns, lengthNs);
        _wait = new PreciseWait(clock);
        _thread = new Thread(Run) { IsBackground = true, Name = "spikebench-hiccups" };
        _thread.Start();
    }

    /// <summary>Ends the ticker and gives the lateness of every tick since T0, in nanoseconds.</summary>
    public Histogram Finish()
    {
        if (!_stop)
        {
            _stop = true;
            _wait.Wake();
            _thread.Join();
        }

        return _ticks.Lateness;
    }

    /// <summary>The latest tick due in [<paramref name="startNs"/>, <paramref name="endNs"/>) from T0, to the nearest 100 ms.</summary>
    public long WorstIn(long startNs, long endNs) => _ticks.WorstIn(startNs, endNs);

    public void Dispose()
    {
        Finish();
        _wait.Dispose();
    }

    private void Run()
    {
        PreciseWait.PrepareThread();
        if (_cpus is not null)
        {
            NativeThread.Confine(_cpus);
        }

        while (!_stop)
        {
            _wait.Until(_ticks.NextNs);
            _ticks.Woke(_clock.NowNs);
        }
    }
}
