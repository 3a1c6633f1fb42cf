namespace SpikeBench.Histograms;

/// <summary>
/// A small number for each living thread, to index tables with. It is the one thread-static of its class and no reference, which the JIT
/// reads with one address computation and one load.
/// </summary>
internal static class ThreadNumber
{
    [ThreadStatic]
    private static int _current;

    /// <summary>This thread's number, 1 or more; 0 while it has none.</summary>
    public static int Current => _current;

    /// <summary>Gives this thread its number.</summary>
    public static int Assign() => _current = ThreadNumberLease.Acquire();
}

/// <summary>
/// Gives a number back after its thread has ended: only the thread's own static refers to the lease, so it is finalised when the
/// thread is gone. The next thread takes over the number, and with it whatever tables hold there; between the two lies a garbage
/// collection.
/// </summary>
internal sealed class ThreadNumberLease
{
    private static readonly Lock Gate = new();
    private static readonly Stack<int> Free = new();
    private static int _last;

    [ThreadStatic]
    private static ThreadNumberLease? _lease;

    private readonly int _number;

    private ThreadNumberLease(int number) => _number = number;

    ~ThreadNumberLease()
    {
        lock (Gate)
        {
            Free.Push(_number);
        }
    }

    public static int Acquire()
    {
        lock (Gate)
        {
            _lease = new ThreadNumberLease(Free.TryPop(out int freed) ? freed : ++_last);
            return _lease._number;
        }
    }
}
