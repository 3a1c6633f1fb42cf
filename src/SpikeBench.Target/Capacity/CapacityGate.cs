using SpikeBench.Target.Hosting;

namespace SpikeBench.Target.Capacity;

/// <summary>Is told of every job's end, under the gate's lock.</summary>
public interface ISlotObserver
{
    /// <summary>Served or expired; in order of departure.</summary>
    void Left(SlotJob job);

    void Refused(SlotJob job);
}

/// <summary>
/// The door to a <see cref="SlotModel"/> in real time: draws service times, admits calls and lets each go at its departure.
/// </summary>
/// <remarks>
/// <para>Guarantees: a reply is never released before its departure time; how late it is released has no influence on any other
/// departure. Draws are taken in order of arrival from one seeded source.</para>
/// <para>Design: arrivals run on Kestrel's threads under one short lock. One thread sleeps until the next departure and hands the
/// finished tickets to the thread pool; an arrival wakes it only when it departs earlier than what the thread sleeps for.</para>
/// </remarks>
public sealed class CapacityGate : IDisposable
{
    // 36 years: added to any time of the clock it is still a time.
    private const long MostServiceNs = 1L << 60;

    private readonly Lock _lock = new();
    private readonly SlotModel _model;
    private readonly ServiceLaw _law;
    private readonly double _meanServiceNs;
    private readonly SeededRandom _random;
    private readonly IClock _clock;
    private readonly ISlotObserver _observer;
    private readonly PreciseWait _wait = PreciseWait.Create();
    private readonly Thread _releaser;
    private List<SlotJob> _finished = [];
    private long _sleepingUntilNs;
    private bool _stopping;

    public CapacityGate(SlotModelOptions shape, ServiceLaw law, double meanServiceNs, ulong seed, IClock clock, ISlotObserver observer)
    {
        _model = new SlotModel(shape);
        _law = law;
        _meanServiceNs = meanServiceNs;
        _random = new SeededRandom(seed);
        _clock = clock;
        _observer = observer;
        _releaser = new Thread(Release) { IsBackground = true, Name = "capacity release" };
        _releaser.Start();
    }

    /// <summary>Runs <paramref name="read"/> with the jobs in service and waiting now, while no job moves.</summary>
    public T Snapshot<T>(Func<int, int, T> read)
    {
        lock (_lock)
        {
            return read(_model.Busy, _model.Queued);
        }
    }

    /// <summary>Admits a call whose service costs <paramref name="cost"/> times the mean; null when it is refused.</summary>
    public CapacityTicket? Enter(double cost, int priority, long deadlineNs)
    {
        CapacityTicket ticket;
        bool admitted;
        bool wake;
        lock (_lock)
        {
            // The clock is read under the lock: arrivals must not go backwards.
            ticket = new CapacityTicket
            {
                ServiceNs = Math.Min(_law.Draw(_meanServiceNs * cost, _random), MostServiceNs),
                Priority = priority,
                DeadlineNs = deadlineNs,
            };
            int before = _finished.Count;
            admitted = _model.Offer(ticket, _clock.NowNs, _finished);
            Observe_NeedsLock(before);
            if (!admitted)
            {
                _observer.Refused(ticket);
            }

            wake = _finished.Count > before || _model.NextDepartureNs < _sleepingUntilNs;
            if (wake)
            {
                // Nobody else need wake it before it has looked.
                _sleepingUntilNs = 0;
            }
        }

        if (wake)
        {
            _wait.Wake();
        }

        return admitted ? ticket : null;
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _stopping = true;
        }

        _wait.Wake();
        _releaser.Join();
        _wait.Dispose();
    }

    private void Release()
    {
        List<SlotJob> batch = [];
        while (true)
        {
            long sleepNs;
            lock (_lock)
            {
                if (_stopping)
                {
                    return;
                }

                long nowNs = _clock.NowNs;
                int before = _finished.Count;
                _model.Advance(nowNs, _finished);
                Observe_NeedsLock(before);
                (batch, _finished) = (_finished, batch);
                long nextNs = _model.NextDepartureNs;
                _sleepingUntilNs = batch.Count == 0 ? nextNs : 0;
                sleepNs = nextNs == long.MaxValue ? long.MaxValue : nextNs - nowNs;
            }

            if (batch.Count > 0)
            {
                foreach (SlotJob job in batch)
                {
                    ((CapacityTicket)job).Settle();
                }

                batch.Clear();
                continue;
            }

            _wait.Wait(sleepNs);
        }
    }

    private void Observe_NeedsLock(int from)
    {
        for (int i = from; i < _finished.Count; i++)
        {
            _observer.Left(_finished[i]);
        }
    }
}
