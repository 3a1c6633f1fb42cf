using SpikeBench.Core.Recording;

namespace SpikeBench.Core.Engine;

/// <summary>
/// Reads the generator's own condition once a second: processor use, time that workers stood in line for a processor, time stolen by the
/// hypervisor, collections, and whether the wall clock kept pace. One thread uses it; it opens its files before T0 and reads some ten of
/// them per second.
/// </summary>
/// <param name="clock">The run's clock.</param>
/// <param name="time">The wall clock to hold against it.</param>
/// <param name="t0Ns">Rows count from here.</param>
/// <param name="workers">Whose threads are looked at.</param>
/// <param name="cores">Processors that the process may use; null: all.</param>
/// <param name="coreShare">How many cores' worth of time the process may use, e.g. 1.5 under a quota; the denominator of its share.</param>
public sealed class HostMeter(IClock clock, TimeProvider time, long t0Ns, WorkerThreads workers, CpuList? cores, double coreShare) : IDisposable
{
    private const long ShortestRowNs = 500_000_000;

    private readonly ProcFile _stat = new("/proc/stat", 1 << 16);
    private readonly ProcFile?[] _schedStats = new ProcFile?[workers.Count];
    private readonly List<HostSecond> _seconds = [];
    private readonly long[] _onCpuNs = new long[workers.Count];
    private readonly long[] _waitedNs = new long[workers.Count];

    private Reading _first;
    private Reading _last;
    private bool _began;
    private long _worstStepNs;

    /// <summary>The rows so far; hiccups are not in them yet.</summary>
    public IReadOnlyList<HostSecond> Seconds => _seconds;

    /// <summary>To be called before T0: opens what there is to read and runs the code once.</summary>
    public void Prepare()
    {
        _last = Read();
        Workers(0, out _, out _);
    }

    /// <summary>To be called at T0.</summary>
    public void Begin()
    {
        _first = _last = Read();
        Workers(0, out _, out _);
        _began = true;
    }

    /// <summary>Ends a row and begins the next, unless the row is shorter than half a second: too short for shares of time.</summary>
    public void Take()
    {
        if (_began && clock.NowNs - _last.AtNs >= ShortestRowNs)
        {
            _seconds.Add(NewRow());
        }
    }

    /// <summary>Ends the last row; a short one becomes part of the row before.</summary>
    public void TakeLast()
    {
        if (!_began)
        {
            return;
        }

        HostSecond row = NewRow();
        if (row.EndNs - row.StartNs < ShortestRowNs && _seconds.Count > 0)
        {
            row = Joined(_seconds[^1], row);
            _seconds.RemoveAt(_seconds.Count - 1);
        }

        _seconds.Add(row);
    }

    /// <summary>The rows with their hiccups, and their sums.</summary>
    public (IReadOnlyList<HostSecond> Seconds, GeneratorHealth Health) Finish(HiccupMeter hiccups)
    {
        IReadOnlyList<HostSecond> seconds = [.. _seconds.Select(s => s with { HiccupMaxNs = hiccups.WorstIn(s.StartNs, s.EndNs) })];
        var health = new GeneratorHealth(
            (_last.CpuTime - _first.CpuTime).TotalSeconds,
            _began ? (_last.AtNs - t0Ns) / 1e9 : 0,
            _last.Collections - _first.Collections,
            (_last.Paused - _first.Paused).TotalSeconds,
            _last.Allocated - _first.Allocated)
        {
            WorkerAllocatedBytes = workers.AllocatedBytes,
            ClockDriftNs = _last.WallAheadNs - _first.WallAheadNs,
            ClockStepNs = _worstStepNs,
            CoreShare = coreShare,
        };
        return (seconds, health);
    }

    public void Dispose()
    {
        _stat.Dispose();
        foreach (ProcFile? file in _schedStats)
        {
            file?.Dispose();
        }
    }

    private static HostSecond Joined(HostSecond a, HostSecond b)
    {
        double shareOfB = (b.EndNs - b.StartNs) / (double)Math.Max(1, b.EndNs - a.StartNs);
        return new HostSecond(
            a.StartNs,
            b.EndNs,
            0,
            a.WorkerRunDelayNs + (b.WorkerRunDelayNs ?? 0), // a worker that has ended tells nothing more
            Mean(a.StealShare, b.StealShare ?? a.StealShare),
            Mean(a.ProcessCpuShare, b.ProcessCpuShare)!.Value,
            a.Collections + b.Collections,
            a.GcPauseNs + b.GcPauseNs,
            a.AllocatedBytes + b.AllocatedBytes,
            Mean(a.BusiestWorkerShare, b.BusiestWorkerShare ?? a.BusiestWorkerShare));

        double? Mean(double? ofA, double? ofB) => ofA + (ofB - ofA) * shareOfB;
    }

    private HostSecond NewRow()
    {
        Reading before = _last;
        _last = Read();
        double elapsedNs = Math.Max(1, _last.AtNs - before.AtNs);
        Workers(elapsedNs, out long? delayNs, out double? busiest);
        _worstStepNs = Math.Max(_worstStepNs, Math.Abs(_last.WallAheadNs - before.WallAheadNs));
        return new HostSecond(
            before.AtNs - t0Ns,
            _last.AtNs - t0Ns,
            0,
            delayNs,
            _last.Steal is { } now && before.Steal is { } then ? now.Since(then) : null,
            (_last.CpuTime - before.CpuTime).TotalNanoseconds / (elapsedNs * coreShare),
            _last.Collections - before.Collections,
            (long)(_last.Paused - before.Paused).TotalNanoseconds,
            _last.Allocated - before.Allocated,
            busiest);
    }

    /// <summary>What the workers' threads did since the last call: the longest time in line, and the busiest one's share.</summary>
    private void Workers(double elapsedNs, out long? delayNs, out double? busiest)
    {
        delayNs = null;
        busiest = null;
        for (int worker = 0; worker < workers.Count; worker++)
        {
            int id = workers.IdOf(worker);
            if (id == 0)
            {
                continue;
            }

            // schedstat: time on a processor, time ready and in line, both in nanoseconds; then how often it was put on one.
            _schedStats[worker] ??= new ProcFile($"/proc/self/task/{id}/schedstat", 128);
            ReadOnlySpan<byte> text = _schedStats[worker]!.Read();
            if (!ProcFile.TryTake(ref text, out long onCpuNs) || !ProcFile.TryTake(ref text, out long waitedNs))
            {
                continue;
            }

            delayNs = Math.Max(delayNs ?? 0, waitedNs - _waitedNs[worker]);
            busiest = Math.Max(busiest ?? 0, (onCpuNs - _onCpuNs[worker]) / Math.Max(1, elapsedNs));
            _onCpuNs[worker] = onCpuNs;
            _waitedNs[worker] = waitedNs;
        }
    }

    private Reading Read()
    {
        (long atNs, long wallAheadNs) = Clocks();
        return new Reading(
            atNs,
            wallAheadNs,
            Environment.CpuUsage.TotalTime,
            StealReading.TryParse(_stat.Read(), cores, out StealReading steal) ? steal : null,
            GC.CollectionCount(0),
            GC.GetTotalPauseDuration(),
            GC.GetTotalAllocatedBytes());
    }

    /// <summary>Both clocks at one moment: the wall is read between two readings of the other, again where they lie too far apart.</summary>
    private (long AtNs, long WallAheadNs) Clocks()
    {
        const long nearNs = 20_000;
        const int tries = 8;
        (long Width, long At, long Ahead) best = (long.MaxValue, 0, 0);
        for (int i = 0; i < tries && best.Width > nearNs; i++)
        {
            long before = clock.NowNs;
            long wallNs = (time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * TimeSpan.NanosecondsPerTick;
            long after = clock.NowNs;
            if (after - before < best.Width)
            {
                long at = before + (after - before) / 2;
                best = (after - before, at, wallNs - at);
            }
        }

        return (best.At, best.Ahead);
    }

    private readonly record struct Reading(
        long AtNs, long WallAheadNs, TimeSpan CpuTime, StealReading? Steal, int Collections, TimeSpan Paused, long Allocated);
}
