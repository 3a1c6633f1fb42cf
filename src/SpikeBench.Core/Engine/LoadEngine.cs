using SpikeBench.Core.Recording;
using SpikeBench.Core.Schedule;

namespace SpikeBench.Core.Engine;

/// <summary>
/// Offers a plan to a target: one thread per worker, each with its own lane, its own share of the calls and its own books.
/// </summary>
public sealed class LoadEngine(EngineOptions options, LoadPlan plan, IDriver driver, IClock clock, RunRecorder recorder, Rehearsal? rehearsal = null)
{
    /// <summary>The most operations that any worker had under way at once.</summary>
    public int PeakInFlight { get; private set; }

    /// <summary>The workers' threads, for whoever watches them.</summary>
    public WorkerThreads Threads { get; } = new(options.Workers);

    /// <summary>
    /// Runs all workers to their end. The driver must have been prepared. Lanes are opened at once, calls start at T0.
    /// </summary>
    /// <param name="stop">Ends the load early: what is in flight is drained, the rest is booked as not sent.</param>
    public async Task RunAsync(CancellationToken stop)
    {
        var done = new Task<int>[options.Workers];
        for (int worker = 0; worker < options.Workers; worker++)
        {
            done[worker] = StartThread(worker, stop);
        }

        PeakInFlight = (await Task.WhenAll(done).ConfigureAwait(false)).Max();
    }

    private Task<int> StartThread(int worker, CancellationToken stop)
    {
        var finished = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        var thread = new Thread(() => Run(worker, finished, stop)) { IsBackground = true, Name = $"spikebench-worker-{worker}" };
        thread.Start();
        return finished.Task;
    }

    private void Rehearse(int worker, ILane lane, CancellationToken stop)
    {
        if (rehearsal is null)
        {
            return;
        }

        EngineOptions early = options with { T0Ns = rehearsal.T0Ns };
        OutcomeRecorder scratch = rehearsal.Recorder.ForWorker(worker);
        using var heard = new ListeningLane(lane, rehearsal.Words);
        new Worker(early, new PlanArrivals(rehearsal.Plan, worker, options.Workers), heard, clock, new SingleAttempt(), scratch).Run(rehearsal.Plan.DurationNs, stop);
        if (scratch.Cells.Sum(0, scratch.Cells.Grid.Count, -1, CellField.Outstanding) > 0)
        {
            throw new GeneratorException(
                "this machine stood still during the warm-up: a call was still open a whole drain after its deadline. Nothing of the load was offered; see 'spikebench doctor'.");
        }
    }

#pragma warning disable CA1031 // A worker's failure must reach whoever waits for the run, whatever it is.
    private void Run(int worker, TaskCompletionSource<int> finished, CancellationToken stop)
    {
        try
        {
            PreciseWait.PrepareThread();
            if (options.WorkerCpus is { Count: > 0 } cpus)
            {
                NativeThread.Confine(CpuList.Of([cpus.Cpus[worker % cpus.Count]]));
            }

            Threads.Started(worker);
            using ILane lane = driver.OpenLane(worker, clock);
            Rehearse(worker, lane, stop);
            var loop = new Worker(options, PlanArrivals.For(plan, worker, options.Workers, clock, options.T0Ns), lane, clock, new SingleAttempt(), recorder.ForWorker(worker));
            long allocated = GC.GetAllocatedBytesForCurrentThread();
            loop.Run(plan.DurationNs, stop);
            Threads.Ended(worker, GC.GetAllocatedBytesForCurrentThread() - allocated);
            finished.SetResult(loop.PeakInFlight);
        }
        catch (Exception e)
        {
            finished.SetException(e);
        }
    }
#pragma warning restore CA1031
}
