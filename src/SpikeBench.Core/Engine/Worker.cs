using SpikeBench.Core.Recording;
using SpikeBench.Core.Schedule;

namespace SpikeBench.Core.Engine;

/// <summary>
/// One thread's loop: take what is due, start it, wait in the lane for events or the next due time, book what ended.
/// </summary>
/// <remarks>
/// <code>
/// arrivals ──due──▶ free slot? ──▶ behaviour ──▶ lane.TryStart ──▶ in flight ──event──▶ behaviour ──▶ books
///                       │ none                        │ no stream ▶ waits in line, asks again after each poll
///                       └─▶ not sent (guard)          │ no connection ▶ error(UNAVAILABLE)
/// </code>
/// Nothing here allocates after construction, takes a lock or writes what another thread reads, histogram shards apart.
/// </remarks>
public sealed class Worker
{
    private const int EventsPerPoll = 256;

    // How many calls may be started between two polls: completions must not wait for a long catch-up.
    private const int StartsPerTurn = 256;

    // A stamp costs about 40 ns and starting a call at least 70: one stamp serves four calls, so "dispatched" is at most three starts early.
    private const int StartsPerStamp = 4;

    private readonly IArrivalSource _arrivals;
    private readonly ILane _lane;
    private readonly IClock _clock;
    private readonly IClientBehaviour _behaviour;
    private readonly OutcomeRecorder _recorder;
    private readonly long _t0Ns;
    private readonly long _deadlineNs;
    private readonly long _drainNs;

    // By operation; empty where no reply is looked at.
    private readonly IReplyCheck?[] _checks;
    private readonly UserOp[] _ops;
    private readonly int[] _freeSlots;
    private int _free;

    // Slots that wait for a stream, oldest first; all deadlines are equally far from their intended times, so the first is the next to expire.
    private readonly int[] _waiting;
    private int _firstWaiting;
    private int _waitingCount;

    private readonly CallEvent[] _events = new CallEvent[EventsPerPoll];
    private int _inFlight;
    private long _lastIntendedNs;

    public Worker(EngineOptions options, IArrivalSource arrivals, ILane lane, IClock clock, IClientBehaviour behaviour, OutcomeRecorder recorder)
    {
        _arrivals = arrivals;
        _lane = lane;
        _clock = clock;
        _behaviour = behaviour;
        _recorder = recorder;
        _t0Ns = options.T0Ns;
        _deadlineNs = options.DeadlineNs;
        _drainNs = options.DrainNs;
        _checks = [.. options.ReplyChecks];
        _ops = new UserOp[options.SlotsPerWorker];
        _freeSlots = [.. Enumerable.Range(0, options.SlotsPerWorker)];
        _free = options.SlotsPerWorker;
        _waiting = new int[options.SlotsPerWorker];
    }

    /// <summary>The most operations under way at once.</summary>
    public int PeakInFlight { get; private set; }

    /// <summary>Runs the worker's share to its end: all calls ended, or the drain over.</summary>
    /// <param name="planEndNs">The plan's end from T0; the drain counts from it, or from the last call taken before a stop.</param>
    /// <param name="stop">Stops taking calls: the rest is booked as not sent, and the drain begins.</param>
    public void Run(long planEndNs, CancellationToken stop)
    {
        bool stopped = false;
        while (true)
        {
            if (!stopped && stop.IsCancellationRequested)
            {
                stopped = true;
                planEndNs = Math.Min(planEndNs, Math.Max(_lastIntendedNs, Now()));
                SkipRest();
            }

            bool more = StartDue(out long nextDueNs);
            StartWaiting();
            if (!more && _inFlight + _waitingCount == 0)
            {
                return;
            }

            long drainEndNs = planEndNs + _drainNs;
            if (!more && Now() >= drainEndNs)
            {
                GiveUpRest();
                return;
            }

            long untilNs = more ? nextDueNs : drainEndNs;
            if (_waitingCount > 0)
            {
                untilNs = Math.Min(untilNs, DeadlineOf(_waiting[_firstWaiting]));
            }

            int count = _lane.Poll(_t0Ns + untilNs, _events);
            for (int i = 0; i < count; i++)
            {
                AttemptEnded(_events[i]);
            }
        }
    }

    private long Now() => _clock.NowNs - _t0Ns;

    private long DeadlineOf(int slot) => _ops[slot].Arrival.IntendedNs + _deadlineNs;

    /// <summary>Starts what is due, at most a turn's worth; false when the source is empty.</summary>
    private bool StartDue(out long nextDueNs)
    {
        long nowNs = Now();
        for (int started = 0; ; started++)
        {
            // The stamp first: a source with a clock of its own must not be asked before the time that it is held against.
            if (started > 0 && started % StartsPerStamp == 0)
            {
                nowNs = Now();
            }

            if (!_arrivals.TryPeek(out nextDueNs))
            {
                return false;
            }

            if (nextDueNs > nowNs || started == StartsPerTurn)
            {
                return true;
            }

            Arrival arrival = _arrivals.Take();
            _lastIntendedNs = arrival.IntendedNs;
            _recorder.Took(arrival);
            if (_free == 0)
            {
                _recorder.NotSent(arrival, CellField.NotSentGuard);
                _arrivals.Finished(arrival, nowNs);
                continue;
            }

            int slot = _freeSlots[--_free];
            ref UserOp op = ref _ops[slot];
            op = new UserOp { Arrival = arrival, DispatchedNs = nowNs };
            _recorder.Dispatched(arrival, nowNs);
            PeakInFlight = Math.Max(PeakInFlight, _ops.Length - _free);
            if (_behaviour.Begin(ref op) == Next.Attempt)
            {
                Attempt(slot, nowNs);
            }
        }
    }

    private void Attempt(int slot, long nowNs)
    {
        ref UserOp op = ref _ops[slot];
        op.Attempts++;
        op.DispatchedNs = nowNs;

        // Whoever came first goes first: while others wait for a stream, a new call joins the line.
        if (_waitingCount > 0 || !TryStart(slot, nowNs))
        {
            op.WaitedForStream = true;
            _waiting[(_firstWaiting + _waitingCount++) % _waiting.Length] = slot;
        }
    }

    /// <summary>Asks the lane; false when there is no stream.</summary>
    private bool TryStart(int slot, long nowNs)
    {
        Arrival arrival = _ops[slot].Arrival;
        switch (_lane.TryStart(new CallStart(slot, arrival.Operation, arrival.Index, arrival.Payload, _t0Ns + DeadlineOf(slot))))
        {
            case StartResult.Started:
                _inFlight++;
                return true;
            case StartResult.NoConnection:
                Ended(slot, new CallEvent(slot, EventKind.Ended, GrpcStatus.Unavailable, Failure.Connection, nowNs, -1, 0), default);
                return true;
            default:
                return false;
        }
    }

    private void StartWaiting()
    {
        if (_waitingCount == 0)
        {
            return;
        }

        long nowNs = Now();
        while (_waitingCount > 0)
        {
            int slot = _waiting[_firstWaiting];
            bool expired = DeadlineOf(slot) <= nowNs;
            if (!expired && !TryStart(slot, nowNs))
            {
                return;
            }

            _firstWaiting = (_firstWaiting + 1) % _waiting.Length;
            _waitingCount--;
            if (expired)
            {
                Ended(slot, new CallEvent(slot, EventKind.Ended, GrpcStatus.DeadlineExceeded, Failure.Timeout, DeadlineOf(slot), -1, 0), default);
            }
        }
    }

    private void AttemptEnded(in CallEvent e)
    {
        _inFlight--;
        ReadOnlySpan<byte> reply = _lane.Reply(e);
        bool wrong = _checks.Length > 0 && e.Failure == Failure.None && _checks[_ops[e.Slot].Arrival.Operation] is { } check && !check.Holds(reply);
        Ended(
            e.Slot,
            e with
            {
                AtNs = e.AtNs - _t0Ns,
                OnWireNs = e.OnWireNs < 0 ? -1 : e.OnWireNs - _t0Ns,
                Status = wrong ? GrpcStatus.CheckFailed : e.Status,
                Failure = wrong ? Failure.Check : e.Failure,
            },
            reply);
    }

    /// <summary>Asks the behaviour and books the operation when it is over. Times in <paramref name="e"/> count from T0.</summary>
    private void Ended(int slot, in CallEvent e, ReadOnlySpan<byte> reply)
    {
        ref UserOp op = ref _ops[slot];
        if (_behaviour.Ended(ref op, e, reply) == Next.Attempt)
        {
            Attempt(slot, Now());
            return;
        }

        _recorder.Ended(op, e);
        _arrivals.Finished(op.Arrival, e.AtNs);
        _freeSlots[_free++] = slot;
    }

    private void SkipRest()
    {
        while (_arrivals.TrySkip(out Arrival arrival))
        {
            _recorder.Took(arrival);
            _recorder.NotSent(arrival, CellField.NotSentStopped);
        }
    }

    /// <summary>The drain is over: whatever has a slot is outstanding.</summary>
    private void GiveUpRest()
    {
        var free = new bool[_ops.Length];
        foreach (int slot in _freeSlots.AsSpan(0, _free))
        {
            free[slot] = true;
        }

        for (int slot = 0; slot < _ops.Length; slot++)
        {
            if (!free[slot])
            {
                _recorder.Outstanding(_ops[slot]);
                _lane.Cancel(slot);
            }
        }
    }
}
