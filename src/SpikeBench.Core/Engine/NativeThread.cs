using System.Runtime.InteropServices;

namespace SpikeBench.Core.Engine;

/// <summary>
/// What the runtime does not offer of a thread's timing, on Linux: nanosecond waits that another thread can end, timer slack,
/// and the processors it runs on.
/// </summary>
internal static partial class NativeThread
{
    private const int SetTimerSlack = 29; // PR_SET_TIMERSLACK
    private const int NonBlocking = 0x800; // EFD_NONBLOCK
    private const int CloseOnExec = 0x80000; // EFD_CLOEXEC
    private const short Readable = 1; // POLLIN
    private const int MaskWords = CpuList.MaxCpus / 64;

    /// <summary>True where the calls of this class exist.</summary>
    public static bool IsSupported { get; } = OperatingSystem.IsLinux();

    /// <summary>
    /// Makes the calling thread's timed waits end within a nanosecond of their time instead of up to 50 µs late: the kernel otherwise
    /// gathers wake-ups. Measured lateness of a wait at 10,000/s: 56 µs before, 6 µs after (medians).
    /// </summary>
    public static void UseExactTimers()
    {
        if (IsSupported)
        {
            _ = Prctl(SetTimerSlack, 1, 0, 0, 0);
        }
    }

    /// <summary>
    /// Asks that the calling thread be scheduled before others (nice −10), so that a busy machine delays a call by microseconds rather
    /// than by the slices of its competitors. Needs a privilege; without it nothing changes. A target on the same host gets less of the
    /// processor for it, which can only make it look worse.
    /// </summary>
    public static void AskForPriority()
    {
        const int process = 0; // PRIO_PROCESS; on Linux the calling thread alone
        const int urgent = -10;
        if (IsSupported)
        {
            _ = SetPriority(process, 0, urgent);
        }
    }

    /// <summary>The processors that the calling thread may run on; null where the system does not tell.</summary>
    public static CpuList? Affinity()
    {
        var mask = new ulong[MaskWords];
        if (!IsSupported || SchedGetAffinity(0, (nuint)(mask.Length * sizeof(ulong)), ref mask[0]) < 0)
        {
            return null;
        }

        return CpuList.Of(Enumerable.Range(0, CpuList.MaxCpus).Where(cpu => (mask[cpu / 64] >> (cpu % 64) & 1) != 0));
    }

    /// <summary>
    /// Confines the calling thread to some processors; threads and processes that it starts inherit that. False where it cannot be.
    /// </summary>
    public static bool Confine(CpuList cpus)
    {
        var mask = new ulong[MaskWords];
        foreach (int cpu in cpus.Cpus)
        {
            mask[cpu / 64] |= 1ul << (cpu % 64);
        }

        return IsSupported && SchedSetAffinity(0, (nuint)(mask.Length * sizeof(ulong)), ref mask[0]) == 0;
    }

    /// <summary>The calling thread's number in the kernel, as <c>/proc/self/task</c> lists it; 0 where there is none.</summary>
    public static int CurrentId() => IsSupported ? GetTid() : 0;

    /// <summary>A counter that <see cref="Signal"/> makes readable and <see cref="WaitReadable"/> waits for; −1 when there are no descriptors left.</summary>
    public static int CreateEvent() => EventFd(0, NonBlocking | CloseOnExec);

    public static void Signal(int fd)
    {
        ulong one = 1;
        _ = Write(fd, ref one, sizeof(ulong));
    }

    public static void Clear(int fd)
    {
        ulong count = 0;
        _ = Read(fd, ref count, sizeof(ulong));
    }

    /// <summary>Waits until <paramref name="fd"/> is readable or the time is over; true when it is readable.</summary>
    public static bool WaitReadable(int fd, long timeoutNs)
    {
        var poll = new PollFd { Fd = fd, Events = Readable };
        var timeout = new TimeSpec { Seconds = timeoutNs / 1_000_000_000, Nanoseconds = timeoutNs % 1_000_000_000 };
        return PPoll(ref poll, 1, ref timeout, 0) > 0;
    }

    public static void CloseEvent(int fd) => _ = Close(fd);

    [StructLayout(LayoutKind.Sequential)]
    private struct PollFd
    {
        public int Fd;
        public short Events;
        public short Returned;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct TimeSpec
    {
        public long Seconds;
        public long Nanoseconds;
    }

    [LibraryImport("libc", EntryPoint = "sched_getaffinity")]
    private static partial int SchedGetAffinity(int thread, nuint bytes, ref ulong mask);

    [LibraryImport("libc", EntryPoint = "sched_setaffinity")]
    private static partial int SchedSetAffinity(int thread, nuint bytes, ref ulong mask);

    [LibraryImport("libc", EntryPoint = "gettid")]
    private static partial int GetTid();

    [LibraryImport("libc", EntryPoint = "prctl")]
    private static partial int Prctl(int option, nuint arg2, nuint arg3, nuint arg4, nuint arg5);

    [LibraryImport("libc", EntryPoint = "setpriority")]
    private static partial int SetPriority(int which, uint who, int priority);

    [LibraryImport("libc", EntryPoint = "eventfd")]
    private static partial int EventFd(uint initial, int flags);

    [LibraryImport("libc", EntryPoint = "write")]
    private static partial nint Write(int fd, ref ulong value, nint bytes);

    [LibraryImport("libc", EntryPoint = "read")]
    private static partial nint Read(int fd, ref ulong value, nint bytes);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int fd);

    [LibraryImport("libc", EntryPoint = "ppoll")]
    private static partial int PPoll(ref PollFd poll, nuint count, ref TimeSpec timeout, nint signals);
}
