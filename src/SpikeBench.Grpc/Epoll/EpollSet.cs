using System.Buffers.Binary;
using System.Runtime.InteropServices;
using SpikeBench.Core;

namespace SpikeBench.Grpc.Epoll;

/// <summary>
/// A set of sockets to wait for, level-triggered: what is not handled in one turn is reported again in the next.
/// </summary>
/// <remarks>
/// <c>struct epoll_event</c> is a 32-bit mask and 64 bits of ours. The kernel packs it on x64 (12 bytes, data at 4) and aligns it
/// elsewhere (16 bytes, data at 8), so it is read and written by offsets instead of as a struct.
/// </remarks>
internal sealed unsafe class EpollSet : IDisposable
{
    private const int MaxEvents = 256;
    private const int SignalMaskSize = 8;
    private const long NsPerSecond = 1_000_000_000;

    private static readonly bool IsPacked = RuntimeInformation.ProcessArchitecture is Architecture.X64 or Architecture.X86;
    private static readonly int EventSize = IsPacked ? 12 : 16;
    private static readonly int DataOffset = IsPacked ? 4 : 8;

    private readonly byte[] _events = GC.AllocateArray<byte>(MaxEvents * EventSize, pinned: true);
    private readonly int _epoll;

    /// <exception cref="GeneratorException">No descriptor or memory is left for it.</exception>
    public EpollSet()
    {
        _epoll = LibC.EpollCreate(LibC.EpollCloseOnExec);
        if (_epoll < 0)
        {
            int errno = Marshal.GetLastPInvokeError();
            throw LibC.IsLocalShortage(errno)
                ? new GeneratorException($"this machine has no room for another event loop (epoll_create1 failed with errno {errno}): free descriptors, or raise their limit (ulimit -n)")
                : new InvariantException($"epoll_create1 failed with errno {errno}.");
        }
    }

    /// <summary>Has this system an epoll that waits in nanoseconds (Linux 5.11)?</summary>
    public static bool IsSupported { get; } = Probe();

    public void Add(int descriptor, uint interest, long data) => Control(LibC.EpollCtlAdd, descriptor, interest, data);

    public void Modify(int descriptor, uint interest, long data) => Control(LibC.EpollCtlModify, descriptor, interest, data);

    public void Remove(int descriptor) => Control(LibC.EpollCtlDelete, descriptor, 0, 0);

    /// <summary>Waits until a socket is ready or the time has passed; 0 or less does not wait.</summary>
    /// <returns>How many events can be read by <see cref="DataAt"/> and <see cref="MaskAt"/>.</returns>
    public int Wait(long timeoutNs)
    {
        timeoutNs = Math.Max(0, timeoutNs);
        var timeout = new LibC.TimeSpec { Seconds = timeoutNs / NsPerSecond, Nanoseconds = timeoutNs % NsPerSecond };
        long count;
        fixed (byte* events = _events)
        {
            count = LibC.EpollWait(LibC.EpollPwait2, _epoll, events, MaxEvents, &timeout, 0, SignalMaskSize);
        }

        if (count >= 0)
        {
            return (int)count;
        }

        // A signal ended the wait early: the caller looks at its clock and waits again.
        int error = Marshal.GetLastPInvokeError();
        return error == LibC.EIntr ? 0 : throw new InvariantException($"epoll_pwait2 failed with errno {error}.");
    }

    public uint MaskAt(int index) => BinaryPrimitives.ReadUInt32LittleEndian(_events.AsSpan(index * EventSize));

    public long DataAt(int index) => BinaryPrimitives.ReadInt64LittleEndian(_events.AsSpan(index * EventSize + DataOffset));

    public void Dispose() => LibC.Close(_epoll);

    private void Control(int operation, int descriptor, uint interest, long data)
    {
        Span<byte> bytes = stackalloc byte[EventSize];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, interest);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[DataOffset..], data);
        fixed (byte* epollEvent = bytes)
        {
            if (LibC.EpollControl(_epoll, operation, descriptor, epollEvent) != 0)
            {
                throw new InvariantException($"epoll_ctl({operation}) failed with errno {Marshal.GetLastPInvokeError()}.");
            }
        }
    }

    private static bool Probe()
    {
        if (!OperatingSystem.IsLinux() || !BitConverter.IsLittleEndian)
        {
            return false;
        }

        try
        {
            using var set = new EpollSet();
            set.Wait(0);
            return true;
        }
        catch (InvariantException)
        {
            return false;
        }
        catch (GeneratorException)
        {
            // Short of descriptors just now, which says nothing about the system: whoever opens the next set is told.
            return true;
        }
    }
}
