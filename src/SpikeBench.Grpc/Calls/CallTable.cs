using System.Diagnostics;
using System.Numerics;
using SpikeBench.Core.Engine;

namespace SpikeBench.Grpc.Calls;

/// <summary>
/// The calls of one lane, wherever they stand: in flight on a connection, waiting for one, or ended and not yet reported.
/// </summary>
/// <remarks>
/// A connection decides how a call ends; this table sees to it that the end is said exactly once.
/// </remarks>
internal sealed class CallTable
{
    /// <summary>A deadline at or beyond this is none: no timer, no <c>grpc-timeout</c>. (146 years of nanoseconds.)</summary>
    public const long NoDeadlineNs = 1L << 62;

    private readonly CallEvent[] _events;
    private readonly int _eventMask;
    private uint _eventHead;
    private uint _eventTail;
    private CallQueue _homeless = new();

    public CallTable(int slots)
    {
        Slots = new CallSlot[slots];
        Wheel = new DeadlineWheel(slots);
        Replies = new ReplyStore(slots);

        // One end per started slot, and no start before the end was reported: the ring can never be too small.
        _events = new CallEvent[BitOperations.RoundUpToPowerOf2((uint)slots)];
        _eventMask = _events.Length - 1;
    }

    public CallSlot[] Slots { get; }

    public DeadlineWheel Wheel { get; }

    public ReplyStore Replies { get; }

    public LaneCounters Counters { get; } = new();

    /// <summary>The time of what is being handled: set once per batch, as a reading costs as much as a quarter of a call.</summary>
    public long NowNs { get; set; }

    /// <summary>What turns <see cref="NowNs"/> into nanoseconds since 1970; read once, as a run's clock does not step.</summary>
    public long UnixOffsetNs { get; set; }

    public int EventCount => (int)(_eventTail - _eventHead);

    /// <summary>The first call that waits for a connection, or −1.</summary>
    public int FirstHomeless => _homeless.First;

    /// <summary>Takes a slot into use; it is on no connection yet.</summary>
    public void Begin(int slot, int template, long deadlineNs, long arrival = 0)
    {
        ref CallSlot call = ref Slots[slot];
        Debug.Assert(call.State == CallState.Free, $"Slot {slot} was started before its end was reported.");
        Replies.Release(slot);
        call.Connection = -1;
        call.StreamId = 0;
        call.Template = template;
        call.Arrival = arrival;
        call.State = CallState.Active;
        call.Moves = 0;
        call.DeadlineNs = deadlineNs;
        call.OnWireNs = -1;
        call.ReplyReceived = 0;
        call.TextLength = 0;
        if (deadlineNs < NoDeadlineNs)
        {
            Wheel.Add(slot, deadlineNs);
        }
    }

    /// <summary>Ends a call that its connection, if it had one, has let go of.</summary>
    public void End(int slot, byte status, Failure failure)
    {
        ref CallSlot call = ref Slots[slot];
        Debug.Assert((call.State & CallState.Active) != 0, $"Slot {slot} ended twice.");
        Debug.Assert((call.State & CallState.Queued) == 0, $"Slot {slot} ended while in a queue.");
        Wheel.Remove(slot);
        call.State = CallState.Free;
        call.Connection = -1;
        _events[_eventTail++ & _eventMask] =
            new CallEvent(slot, EventKind.Ended, status, failure, NowNs, call.OnWireNs, failure == Failure.None ? call.ReplyReceived : 0);
    }

    /// <summary>Keeps a call whose connection never handled it until another connection takes it.</summary>
    public void Rehome(int slot)
    {
        ref CallSlot call = ref Slots[slot];
        Debug.Assert((call.State & CallState.Queued) == 0, $"Slot {slot} is still in its connection's queue.");
        call.Connection = -1;
        call.StreamId = 0;
        call.State = CallState.Active;
        call.OnWireNs = -1;
        call.Moves++;
        Counters.CallsMoved++;
        _homeless.Enqueue(Slots, slot);
    }

    /// <summary>Takes a call out of the waiting ones.</summary>
    public void TakeHome(int slot) => _homeless.Remove(Slots, slot);

    /// <summary>Moves ended calls out, oldest first.</summary>
    public int Drain(Span<CallEvent> events)
    {
        int count = Math.Min(events.Length, EventCount);
        int first = (int)(_eventHead & _eventMask);
        int untilEnd = Math.Min(count, _events.Length - first);
        _events.AsSpan(first, untilEnd).CopyTo(events);
        _events.AsSpan(0, count - untilEnd).CopyTo(events[untilEnd..]);
        _eventHead += (uint)count;
        return count;
    }
}
