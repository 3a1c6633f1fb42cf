namespace SpikeBench.Core.Engine;

/// <summary>
/// What the workers' threads tell of themselves: their numbers in the kernel, so that another thread can read how they fared, and at the
/// end what they allocated.
/// </summary>
public sealed class WorkerThreads(int workers)
{
    private readonly int[] _ids = new int[workers];
    private readonly long[] _allocated = new long[workers];

    public int Count => _ids.Length;

    /// <summary>Bytes that all workers allocated between the end of their warm-up and the end of their share.</summary>
    public long AllocatedBytes => _allocated.Sum();

    /// <summary>The kernel's number of a worker's thread; 0 while it has not started, or where there is none.</summary>
    public int IdOf(int worker) => Volatile.Read(ref _ids[worker]);

    /// <summary>To be called once by the worker's own thread.</summary>
    public void Started(int worker) => Volatile.Write(ref _ids[worker], NativeThread.CurrentId());

    /// <summary>To be called by the worker's own thread at its end.</summary>
    public void Ended(int worker, long allocatedBytes) => _allocated[worker] = allocatedBytes;
}
