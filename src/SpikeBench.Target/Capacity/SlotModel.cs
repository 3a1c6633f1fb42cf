namespace SpikeBench.Target.Capacity;

/// <summary>What became of a job offered to a <see cref="SlotModel"/>.</summary>
public enum SlotOutcome
{
    /// <summary>Waiting or in service.</summary>
    Pending,

    /// <summary>Served; <see cref="SlotJob.DepartureNs"/> says when.</summary>
    Served,

    /// <summary>Refused on arrival: the queue was full.</summary>
    Refused,

    /// <summary>Dropped when its turn came: nobody waited for it any more.</summary>
    Expired,
}

/// <summary>In which order waiting jobs take a slot that falls free.</summary>
public enum QueueOrder
{
    Fifo,
    Lifo,
}

/// <summary>One call as the capacity model sees it. All times on one monotonic clock.</summary>
public class SlotJob
{
    private volatile bool _abandoned;

    public long ArrivalNs { get; set; }

    /// <summary>How long it will hold a slot.</summary>
    public long ServiceNs { get; init; }

    /// <summary>When its caller gives up; <see cref="long.MaxValue"/> for never.</summary>
    public long DeadlineNs { get; init; } = long.MaxValue;

    /// <summary>0 goes first.</summary>
    public int Priority { get; init; }

    public long StartNs { get; internal set; }

    public long DepartureNs { get; internal set; }

    public SlotOutcome Outcome { get; internal set; }

    /// <summary>Set by any thread once the caller has gone; read when the job's turn comes.</summary>
    public bool Abandoned
    {
        get => _abandoned;
        set => _abandoned = value;
    }
}

/// <summary>The shape of one pool of worker slots.</summary>
public sealed record SlotModelOptions
{
    /// <summary>Worker slots, at least 1 (default: 1).</summary>
    public int Slots { get; init; } = 1;

    /// <summary>Jobs that may wait; one more is refused (default: no bound).</summary>
    public int QueueLimit { get; init; } = int.MaxValue;

    /// <summary>Who goes first within a priority (default: FIFO).</summary>
    public QueueOrder Order { get; init; } = QueueOrder.Fifo;

    /// <summary>Whether a job whose caller has gone is dropped when its turn comes instead of served (default: no).</summary>
    public bool DropExpired { get; init; }

    /// <summary>Number of priorities; 0 is served first (default: 1).</summary>
    public int Priorities { get; init; } = 1;
}

/// <summary>
/// A pool of worker slots in virtual time: an event simulation whose arrivals come from outside.
/// </summary>
/// <remarks>
/// <para>Why virtual: a timer is late by 0.1–4 ms, and a slot that is freed late takes the next job late, so lateness would add
/// up and capacity would fall below slots / service time. Here a job's departure is start + service to the nanosecond, and the
/// next job starts at that instant however late anybody looked.</para>
/// <para>Rule: departures up to an arrival's time are worked off before that arrival is placed. Then every decision is the one
/// that a perfectly punctual server would have taken, whatever the moment it was computed.</para>
/// <para>Assumptions: one caller at a time (the owner locks); times passed in never go backwards.
/// Guarantees: every accepted job appears exactly once in a list of finished jobs; departures come in time order, ties in order
/// of start; at most <see cref="SlotModelOptions.Slots"/> jobs are in service at any instant of virtual time.</para>
/// </remarks>
public sealed class SlotModel
{
    private readonly SlotModelOptions _options;
    private readonly PriorityQueue<SlotJob, (long DepartureNs, long Sequence)> _inService = new();
    private readonly LinkedList<SlotJob>[] _waiting;
    private long _sequence;

    public SlotModel(SlotModelOptions options)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Slots, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Priorities, 1);
        _options = options;
        _waiting = [.. Enumerable.Range(0, options.Priorities).Select(_ => new LinkedList<SlotJob>())];
    }

    /// <summary>Jobs that hold a slot.</summary>
    public int Busy => _inService.Count;

    /// <summary>Jobs that wait for one.</summary>
    public int Queued { get; private set; }

    /// <summary>When the next slot falls free; <see cref="long.MaxValue"/> when none is held.</summary>
    public long NextDepartureNs => _inService.TryPeek(out _, out (long DepartureNs, long) next) ? next.DepartureNs : long.MaxValue;

    /// <summary>Offers a job at <paramref name="nowNs"/>; false when it is refused. Jobs that ended before join the list.</summary>
    public bool Offer(SlotJob job, long nowNs, List<SlotJob> finished)
    {
        Advance(nowNs, finished);
        job.ArrivalNs = nowNs;
        if (_inService.Count < _options.Slots)
        {
            Start(job, nowNs);
            return true;
        }

        if (Queued >= _options.QueueLimit)
        {
            job.Outcome = SlotOutcome.Refused;
            return false;
        }

        _waiting[Math.Min(job.Priority, _waiting.Length - 1)].AddLast(job);
        Queued++;
        return true;
    }

    /// <summary>Works off every departure up to <paramref name="nowNs"/>, in time order.</summary>
    public void Advance(long nowNs, List<SlotJob> finished)
    {
        while (_inService.TryPeek(out SlotJob? done, out (long DepartureNs, long) key) && key.DepartureNs <= nowNs)
        {
            _inService.Dequeue();
            done.Outcome = SlotOutcome.Served;
            finished.Add(done);
            StartNext(key.DepartureNs, finished);
        }
    }

    private void StartNext(long freeNs, List<SlotJob> finished)
    {
        while (TryTake(out SlotJob? next))
        {
            if (_options.DropExpired && (next.Abandoned || next.DeadlineNs <= freeNs))
            {
                next.StartNs = next.DepartureNs = freeNs;
                next.Outcome = SlotOutcome.Expired;
                finished.Add(next);
                continue;
            }

            Start(next, freeNs);
            return;
        }
    }

    private bool TryTake([System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out SlotJob? job)
    {
        foreach (LinkedList<SlotJob> line in _waiting)
        {
            LinkedListNode<SlotJob>? node = _options.Order == QueueOrder.Fifo ? line.First : line.Last;
            if (node is not null)
            {
                line.Remove(node);
                Queued--;
                job = node.Value;
                return true;
            }
        }

        job = null;
        return false;
    }

    private void Start(SlotJob job, long startNs)
    {
        job.StartNs = startNs;
        job.DepartureNs = startNs + job.ServiceNs;
        _inService.Enqueue(job, (job.DepartureNs, _sequence++));
    }
}
