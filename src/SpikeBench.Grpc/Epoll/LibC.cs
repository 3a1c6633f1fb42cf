using System.Runtime.InteropServices;

namespace SpikeBench.Grpc.Epoll;

/// <summary>The system calls of the event loop. Linux only; errors are in <see cref="Marshal.GetLastPInvokeError"/>.</summary>
internal static unsafe partial class LibC
{
    public const int EIntr = 4;
    public const int EAgain = 11;
    public const int ENoMem = 12;
    public const int ENFile = 23;
    public const int EMFile = 24;
    public const int EAddrInUse = 98;
    public const int EAddrNotAvail = 99;
    public const int ENoBufs = 105;
    public const int EInProgress = 115;

    public const int MsgDontWait = 0x40;
    public const int MsgNoSignal = 0x4000;

    public const int EpollCloseOnExec = 0x80000;
    public const int EpollCtlAdd = 1;
    public const int EpollCtlDelete = 2;
    public const int EpollCtlModify = 3;

    public const uint EpollIn = 0x1;
    public const uint EpollOut = 0x4;
    public const uint EpollError = 0x8;
    public const uint EpollHangUp = 0x10;

    public const int SolSocket = 1;
    public const int SoError = 4;

    public const int SetTimerSlack = 29;

    /// <summary>epoll_pwait2 has the same number everywhere, and musl has no wrapper for it.</summary>
    public const long EpollPwait2 = 441;

    [LibraryImport("libc", EntryPoint = "epoll_create1", SetLastError = true)]
    public static partial int EpollCreate(int flags);

    [LibraryImport("libc", EntryPoint = "epoll_ctl", SetLastError = true)]
    public static partial int EpollControl(int epoll, int operation, int descriptor, byte* epollEvent);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    public static partial long EpollWait(
        long number, long epoll, byte* events, long maxEvents, TimeSpec* timeout, nint signalMask, long signalMaskSize);

    [LibraryImport("libc", EntryPoint = "recv", SetLastError = true)]
    public static partial nint Receive(int socket, byte* buffer, nuint length, int flags);

    [LibraryImport("libc", EntryPoint = "send", SetLastError = true)]
    public static partial nint Send(int socket, byte* buffer, nuint length, int flags);

    [LibraryImport("libc", EntryPoint = "connect", SetLastError = true)]
    public static partial int Connect(int socket, byte* address, uint length);

    [LibraryImport("libc", EntryPoint = "getsockopt", SetLastError = true)]
    public static partial int GetSocketOption(int socket, int level, int name, int* value, uint* length);

    [LibraryImport("libc", EntryPoint = "prctl", SetLastError = true)]
    public static partial int ProcessControl(int option, ulong value, ulong unused3, ulong unused4, ulong unused5);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    public static partial int Close(int descriptor);

    /// <summary>
    /// Did this machine refuse a connection, whatever the target would have said? No descriptor left in the process or the system, no
    /// memory for a socket, no local port (connect(2): EADDRNOTAVAIL, and EAGAIN or EADDRINUSE where ports are bound by themselves).
    /// </summary>
    public static bool IsLocalShortage(int errno) => errno is EMFile or ENFile or ENoBufs or ENoMem or EAddrNotAvail or EAddrInUse or EAgain;

    /// <summary>struct timespec of a 64-bit system.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct TimeSpec
    {
        public long Seconds;
        public long Nanoseconds;
    }
}
