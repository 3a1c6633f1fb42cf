using System.Diagnostics;
using System.Numerics;

namespace SpikeBench.Grpc.Calls;

/// <summary>
/// The deadlines of the calls in flight: a hashed timer wheel of 4096 buckets, 262 µs each.
/// </summary>
/// <remarks>
/// Adding and removing are O(1) and allocate nothing; calls usually end long before their bucket comes up. A bucket holds deadlines of
/// several rounds (one round is 1.07 s), so each entry is compared with the time itself: no deadline fires early, and none later
/// than the first look after it.
/// </remarks>
internal sealed class DeadlineWheel
{
    private const int TickShift = 18;
    private const int BucketCount = 4096;
    private const int BucketMask = BucketCount - 1;
    private const int None = -1;

    private readonly int[] _heads = new int[BucketCount];
    private readonly int[] _tails = new int[BucketCount];
    private readonly ulong[] _occupied = new ulong[BucketCount / 64];
    private readonly Entry[] _entries;
    private long _tick;

    public DeadlineWheel(int slots)
    {
        Array.Fill(_heads, None);
        Array.Fill(_tails, None);
        _entries = new Entry[slots];
        Array.Fill(_entries, new Entry { Bucket = None });
    }

    /// <summary>No deadline is earlier than this; the earliest one may be later. <see cref="long.MaxValue"/> when there is none.</summary>
    public long NextDueNs { get; private set; } = long.MaxValue;

    /// <summary>Sets the wheel to a clock's present; it must be empty.</summary>
    public void Restart(long nowNs)
    {
        _tick = nowNs >> TickShift;
        NextDueNs = long.MaxValue;
    }

    public void Add(int slot, long deadlineNs)
    {
        // A deadline that is already behind the wheel goes to the bucket that is looked at next, not a whole round ahead.
        int bucket = (int)(Math.Max(deadlineNs >> TickShift, _tick) & BucketMask);
        ref Entry entry = ref _entries[slot];
        Debug.Assert(entry.Bucket == None, $"Slot {slot} has a deadline already.");
        entry = new Entry { DeadlineNs = deadlineNs, Bucket = bucket, Previous = _tails[bucket], Next = None };
        if (entry.Previous == None)
        {
            _heads[bucket] = slot;
            _occupied[bucket >> 6] |= 1UL << bucket;
        }
        else
        {
            _entries[entry.Previous].Next = slot;
        }

        _tails[bucket] = slot;
        NextDueNs = Math.Min(NextDueNs, deadlineNs);
    }

    /// <summary>Takes a slot's deadline out; nothing happens when it has none.</summary>
    public void Remove(int slot)
    {
        ref Entry entry = ref _entries[slot];
        int bucket = entry.Bucket;
        if (bucket == None)
        {
            return;
        }

        if (entry.Previous == None)
        {
            _heads[bucket] = entry.Next;
        }
        else
        {
            _entries[entry.Previous].Next = entry.Next;
        }

        if (entry.Next == None)
        {
            _tails[bucket] = entry.Previous;
        }
        else
        {
            _entries[entry.Next].Previous = entry.Previous;
        }

        if (_heads[bucket] == None)
        {
            _occupied[bucket >> 6] &= ~(1UL << bucket);
        }

        entry.Bucket = None;
    }

    /// <summary>Takes out one slot whose deadline is at or before <paramref name="nowNs"/>; to be called until it says false.</summary>
    public bool TryTakeExpired(long nowNs, out int slot)
    {
        slot = None;
        if (nowNs < NextDueNs)
        {
            return false;
        }

        long last = nowNs >> TickShift;
        _tick = Math.Max(_tick, last - BucketMask);
        while (true)
        {
            for (int at = _heads[_tick & BucketMask]; at != None; at = _entries[at].Next)
            {
                if (_entries[at].DeadlineNs <= nowNs)
                {
                    Remove(at);
                    slot = at;
                    return true;
                }
            }

            if (_tick >= last)
            {
                break;
            }

            _tick = Math.Min(last, NextOccupiedTick(_tick + 1));
        }

        NextDueNs = EarliestPossible();
        return false;
    }

    // The current bucket's own minimum, else the beginning of the next occupied bucket: a lower bound that is cheap to find.
    private long EarliestPossible()
    {
        long due = long.MaxValue;
        for (int at = _heads[_tick & BucketMask]; at != None; at = _entries[at].Next)
        {
            due = Math.Min(due, _entries[at].DeadlineNs);
        }

        long next = NextOccupiedTick(_tick + 1);
        return next == long.MaxValue ? due : Math.Min(due, next << TickShift);
    }

    private long NextOccupiedTick(long from)
    {
        // One word more than the wheel has, to come back to the low bits of the first.
        for (int word = 0; word <= _occupied.Length; word++)
        {
            int bucket = (int)(from & BucketMask);
            ulong bits = _occupied[bucket >> 6] >> bucket;
            if (bits != 0)
            {
                return from + BitOperations.TrailingZeroCount(bits);
            }

            from += 64 - (bucket & 63);
        }

        return long.MaxValue;
    }

    private struct Entry
    {
        public long DeadlineNs;
        public int Bucket;
        public int Previous;
        public int Next;
    }
}
