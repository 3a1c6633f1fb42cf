namespace SpikeBench.Core.Recording;

/// <summary>
/// The generator's own condition in about one second of the load. What this system cannot tell is null, never 0.
/// </summary>
/// <param name="StartNs">When the second began, from T0; the rows of a run lie end to end.</param>
/// <param name="EndNs">When it ended: a second later unless the machine was too busy to look.</param>
/// <param name="HiccupMaxNs">
/// The latest of the ticks due in it: how long a thread that only wanted to wake each millisecond was kept from doing so. 0 where no
/// ticker ran.
/// </param>
/// <param name="WorkerRunDelayNs">
/// The most time that any one worker thread was ready to run and did not get a processor (Linux, <c>/proc/PID/task/TID/schedstat</c>).
/// </param>
/// <param name="StealShare">The share of the generator's processors that the hypervisor gave to others, 0 to 1 (Linux, <c>/proc/stat</c>).</param>
/// <param name="ProcessCpuShare">Processor time of the whole process over that of the cores it may use, 0 to 1.</param>
/// <param name="Collections">Garbage collections of any generation.</param>
/// <param name="GcPauseNs">Time that collections stopped all threads.</param>
/// <param name="AllocatedBytes">By all threads of the process; what workers alone allocate is in <see cref="GeneratorHealth.WorkerAllocatedBytes"/>.</param>
/// <param name="BusiestWorkerShare">The share of this second that the busiest worker thread spent on a processor, 0 to 1 (Linux).</param>
public sealed record HostSecond(
    long StartNs,
    long EndNs,
    long HiccupMaxNs,
    long? WorkerRunDelayNs,
    double? StealShare,
    double ProcessCpuShare,
    int Collections,
    long GcPauseNs,
    long AllocatedBytes,
    double? BusiestWorkerShare = null);
