using System.Runtime.CompilerServices;
using SpikeBench.Histograms;

namespace SpikeBench.Benchmarks.Histograms;

/// <summary>The inner loops, one method each so that each gets its own optimised code.</summary>
internal static class Loops
{
    private static double _kept;

    public static void Record(Histogram histogram, long[] values)
    {
        foreach (long value in values)
        {
            histogram.TryRecord(value);
        }
    }

    public static void Record(Recorder recorder, long[] values)
    {
        foreach (long value in values)
        {
            recorder.Record(value);
        }
    }

    public static void Record(RecorderHandle handle, long[] values)
    {
        foreach (long value in values)
        {
            handle.Record(value);
        }
    }

    public static void Record(TextbookHistogram histogram, long[] values)
    {
        foreach (long value in values)
        {
            histogram.RecordValue(value);
        }
    }

    public static void Record(TextbookRecorder recorder, long[] values)
    {
        foreach (long value in values)
        {
            recorder.RecordValue(value);
        }
    }

    /// <summary>Keeps a result from being optimised away.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void Keep(double value) => _kept = value;
}

/// <summary>Runs the same work on the calling thread and on a second one, from a common start to the later end.</summary>
internal sealed class TwoThreads
{
    private readonly Thread _second;
    private Action<int>? _work;
    private int _round;
    private int _done;
    private volatile bool _stop;

    public TwoThreads()
    {
        _second = new Thread(RunSecond) { IsBackground = true };
        _second.Start();
    }

    public void Run(Action<int> work)
    {
        _work = work;
        int round = Volatile.Read(ref _round) + 1;
        Volatile.Write(ref _round, round);
        work(0);
        SpinUntil(ref _done, round);
    }

    public void Stop()
    {
        _stop = true;
        _second.Join();
    }

    private void RunSecond()
    {
        for (int round = 1; SpinUntil(ref _round, round); round++)
        {
            _work!(1);
            Volatile.Write(ref _done, round);
        }
    }

    private bool SpinUntil(ref int counter, int value)
    {
        var spin = new SpinWait();
        while (Volatile.Read(ref counter) != value)
        {
            if (_stop)
            {
                return false;
            }

            spin.SpinOnce(sleep1Threshold: -1);
        }

        return true;
    }
}
