namespace SpikeBench.Core.Engine;

/// <summary>Runs something on a thread that is confined to some processors.</summary>
public static class PlacedThread
{
    /// <summary>
    /// Runs <paramref name="start"/> on a thread of its own, confined to <paramref name="cpus"/>; null confines nothing. A process that it
    /// starts inherits the confinement, and sees only those processors.
    /// </summary>
    public static T Run<T>(CpuList? cpus, Func<T> start)
    {
        if (cpus is null)
        {
            return start();
        }

        var result = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
#pragma warning disable CA1031 // Whatever happens there is thrown here.
        var thread = new Thread(() =>
        {
            try
            {
                NativeThread.Confine(cpus);
                result.SetResult(start());
            }
            catch (Exception e)
            {
                result.SetException(e);
            }
        });
#pragma warning restore CA1031
        thread.Start();
        thread.Join();
        return result.Task.GetAwaiter().GetResult();
    }
}
