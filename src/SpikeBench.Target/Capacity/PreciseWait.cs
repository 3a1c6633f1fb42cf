using System.Runtime.InteropServices;

namespace SpikeBench.Target.Capacity;

/// <summary>
/// A wait that ends at a nanosecond deadline or when another thread calls <see cref="Wake"/>.
/// </summary>
/// <remarks>
/// On Linux: ppoll on an eventfd with the thread's timer slack at 1 ns, late by 5–20 µs where .NET's timers are late by 0.5–4 ms.
/// Elsewhere: a semaphore for the whole milliseconds, then yields for the rest.
/// Assumptions: one thread waits (always the same: slack belongs to the thread); any thread wakes.
/// Guarantee: a wake that comes before the wait is not lost; it ends the next wait at once.
/// </remarks>
public abstract class PreciseWait : IDisposable
{
    public static PreciseWait Create() => OperatingSystem.IsLinux() ? new EventFdWait() : new PortableWait();

    /// <summary>Waits at most <paramref name="ns"/>; <see cref="long.MaxValue"/> is until woken.</summary>
    public abstract void Wait(long ns);

    public abstract void Wake();

    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    protected abstract void Dispose(bool disposing);

    private sealed class PortableWait : PreciseWait
    {
        private readonly SemaphoreSlim _signal = new(0);

        public override void Wait(long ns)
        {
            if (ns >= 1_000_000)
            {
                _signal.Wait(ns == long.MaxValue ? Timeout.Infinite : (int)Math.Min(ns / 1_000_000, int.MaxValue));
            }
            else if (!_signal.Wait(0))
            {
                Thread.Yield();
            }
        }

        public override void Wake() => _signal.Release();

        protected override void Dispose(bool disposing) => _signal.Dispose();
    }

    private sealed class EventFdWait : PreciseWait
    {
        private const int PrSetTimerSlack = 29;
        private const short PollIn = 1;
        private const int EfdCloexecNonblock = 0x80000 | 0x800;

        private readonly int _fd;
        private bool _slackSet;

        public EventFdWait()
        {
            _fd = EventFd(0, EfdCloexecNonblock);
            if (_fd < 0)
            {
                throw new InvalidOperationException("no eventfd: " + Marshal.GetLastPInvokeErrorMessage());
            }
        }

        public override void Wait(long ns)
        {
            if (!_slackSet)
            {
                _slackSet = true;
                _ = PrCtl(PrSetTimerSlack, 1, 0, 0, 0);
            }

            // Capped at an hour: a tv_sec of any size is legal, a wait without end is not needed.
            ns = Math.Clamp(ns, 0, 3_600_000_000_000);
            var poll = new PollFd { Fd = _fd, Events = PollIn };
            var timeout = new TimeSpec { Seconds = (nint)(ns / 1_000_000_000), Nanoseconds = (nint)(ns % 1_000_000_000) };
            if (PPoll(ref poll, 1, ref timeout, 0) > 0)
            {
                _ = EventFdRead(_fd, out _);
            }
        }

        public override void Wake() => _ = EventFdWrite(_fd, 1);

        protected override void Dispose(bool disposing) => _ = Close(_fd);

        [DllImport("libc", EntryPoint = "eventfd", SetLastError = true)]
        private static extern int EventFd(uint initial, int flags);

        [DllImport("libc", EntryPoint = "eventfd_read")]
        private static extern int EventFdRead(int fd, out ulong value);

        [DllImport("libc", EntryPoint = "eventfd_write")]
        private static extern int EventFdWrite(int fd, ulong value);

        [DllImport("libc", EntryPoint = "ppoll")]
        private static extern int PPoll(ref PollFd fds, nuint count, ref TimeSpec timeout, nint signalMask);

        [DllImport("libc", EntryPoint = "prctl")]
        private static extern int PrCtl(int option, nuint a, nuint b, nuint c, nuint d);

        [DllImport("libc", EntryPoint = "close")]
        private static extern int Close(int fd);

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
            public nint Seconds;
            public nint Nanoseconds;
        }
    }
}
