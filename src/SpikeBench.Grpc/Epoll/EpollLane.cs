using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Text;
using SpikeBench.Core.Engine;
using SpikeBench.Grpc.Calls;
using SpikeBench.Grpc.Hpack;
using SpikeBench.Grpc.Http2;

namespace SpikeBench.Grpc.Epoll;

/// <summary>
/// A lane that polls its own sockets: one epoll set, one thread, no lock, and no allocation per call.
/// </summary>
/// <remarks>
/// <para>A turn of <see cref="Poll"/>: send what was started, one write per connection; wait; read each ready socket once; end what
/// is due. <c>.Io</c> moves bytes, <c>.Connections</c> opens and replaces connections.</para>
/// <para>Stamps: one reading of the clock per read and per write, shared by all calls in it. A reply's stamp is taken after the read
/// (never before it arrived), a request's before the write (never after it left), so a service time is never too short; it is too
/// long by the length of those two system calls at most.</para>
/// <para>A reply that is read after its call's deadline is a time-out, whenever it may have arrived.</para>
/// </remarks>
internal sealed partial class EpollLane : ILane
{
    /// <summary>Waits shorter than this are polled through: going to sleep and coming back takes about as long.</summary>
    private const long ShortestSleepNs = 5_000;

    /// <summary>
    /// Calls that go to one connection in a row when they are started between two polls. A write and a read cost about as much as ten
    /// calls, so a turn's few calls must not be spread over all connections; a burst must not go to one of them alone either.
    /// </summary>
    private const int StartsInARow = 8;

    private readonly CallPlan _plan;
    private readonly RawDriverOptions _options;
    private readonly RequestTemplates _templates;
    private readonly CallTable _calls;
    private readonly EpollSet _epoll = new();
    private readonly HpackScratch _scratch;
    private readonly Http2Options _http2;
    private IClock _clock;
    private string? _token;
    private RawConnection? _row;
    private int _rowLeft;
    private bool _noStreamSaid;
    private bool _disposed;

    /// <param name="lane">Its number.</param>
    /// <param name="plan">The run's.</param>
    /// <param name="templates">Encoded requests.</param>
    /// <param name="places">Where each of its connections goes.</param>
    /// <param name="options">What the plan does not say.</param>
    /// <param name="clock">Until the lane is attached.</param>
    public EpollLane(int lane, CallPlan plan, RequestTemplates templates, EndPoint[] places, RawDriverOptions options, IClock clock)
    {
        _plan = plan;
        _options = options;
        _templates = templates;
        _places = places;
        _token = plan.Token?.Value;
        _clock = clock;
        _calls = new CallTable(plan.SlotsPerLane);
        int connections = plan.ConnectionsOfLane(lane);
        _http2 = new Http2Options
        {
            // Twice an even share, so that an uneven one does not wait; and never more than there can be calls.
            MaxStreams = Math.Min(plan.SlotsPerLane, Math.Max(128, 2 * ((plan.SlotsPerLane + connections - 1) / connections))),
            MaxReplyLength = plan.MaxReplyLength,
            AcceptGzip = plan.Compression != MessageCompression.None,
        };
        _scratch = new HpackScratch(_http2.MaxHeaderBlockLength);
        _dirty = new IndexRing(2 * connections);
        _offered = new IndexRing(2 * connections);
        _positions = new Position[connections];
        Array.Fill(_positions, new Position());
        _backoff = new Backoff(ToNs(options.ReconnectBase), ToNs(options.ReconnectMax), plan.Seed + (ulong)lane);
        _connectTimeoutNs = ToNs(plan.ConnectTimeout);
        _openIntervalNs = plan.Connect.RatePerSecond is { } rate ? (long)(1e9 / rate) : 0;
    }

    public LaneCounters Counters => _calls.Counters;

    /// <summary>Hands the lane to its worker: from now on this thread and this clock.</summary>
    public void Attach(IClock clock)
    {
        _clock = clock;
        long now = clock.NowNs;
        _calls.NowNs = now;
        _calls.UnixOffsetNs = (_plan.Time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * TimeSpan.NanosecondsPerTick - now;
        _calls.Wheel.Restart(now);
        RestartTimers(now);

        // The kernel may otherwise let a wait run 50 µs over to save wake-ups.
        LibC.ProcessControl(LibC.SetTimerSlack, 1, 0, 0, 0);
    }

    /// <inheritdoc/>
    public StartResult TryStart(in CallStart call)
    {
        if (TryTakeOffered(out RawConnection? connection))
        {
            _calls.Begin(call.Slot, _templates.IndexOf(call.Operation, call.Payload), call.DeadlineNs, call.ArrivalIndex);
            StartOn(connection, call.Slot);
            return StartResult.Started;
        }

        if (_standing == 0)
        {
            _calls.Counters.CallsLostToLocalFailures += _isShortOfSockets ? 1 : 0;
            return StartResult.NoConnection;
        }

        _noStreamSaid = true;
        OpenAnother(_calls.NowNs);
        _calls.Counters.WaitedForStream++;
        return StartResult.NoStream;
    }

    /// <inheritdoc/>
    public void Cancel(int slot)
    {
        if ((_calls.Slots[slot].State & CallState.Active) != 0)
        {
            EndHere(slot, GrpcStatus.Cancelled, Failure.Cancelled);
        }
    }

    /// <inheritdoc/>
    public int Poll(long untilNs, Span<CallEvent> events)
    {
        _rowLeft = 0;
        if (!ReferenceEquals(_token, _plan.Token?.Value))
        {
            TakeToken(_plan.Token!.Value);
        }

        FlushAll();
        if (_calls.EventCount == 0)
        {
            Turn(untilNs);
        }

        _calls.NowNs = _clock.NowNs;
        return _calls.Drain(events);
    }

    /// <inheritdoc/>
    public ReadOnlySpan<byte> Reply(in CallEvent e)
        => e.Failure == Failure.None ? _calls.Replies.Read(e.Slot, e.Bytes) : default;

    /// <inheritdoc/>
    public ReadOnlySpan<byte> StatusMessage(in CallEvent e)
        => e.Failure == Failure.None ? default : _calls.Replies.Read(e.Slot, _calls.Slots[e.Slot].TextLength);

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        foreach (RawConnection connection in _connections)
        {
            if (connection.Link == LinkState.Connected)
            {
                connection.Http.SayGoodbye();
                connection.Send(connection.Http.Output);
            }

            connection.Dispose();
        }

        _epoll.Dispose();
    }

    private void TakeToken(string token)
    {
        _token = token;
        byte[] bytes = Encoding.ASCII.GetBytes(token);
        foreach (RawConnection connection in _connections)
        {
            connection.Http.ReplaceToken(bytes);
        }
    }

    private void Turn(long untilNs)
    {
        bool waited = false;
        while (true)
        {
            long now = _clock.NowNs;
            _calls.NowNs = now;
            EndExpired(now);
            Maintain(now);

            // Sockets are looked at once in every turn, or time-outs without end would keep their replies from ever being read.
            if (waited && (_calls.EventCount > 0 || now >= untilNs || IsNewsForWaiting()))
            {
                return;
            }

            FlushAll();
            long wakeAtNs = Math.Min(untilNs, Math.Min(_calls.Wheel.NextDueNs, _maintainAtNs));
            long wait = _calls.EventCount > 0 ? 0 : wakeAtNs - now;
            int ready = _epoll.Wait(wait < ShortestSleepNs ? 0 : wait);
            waited = true;
            for (int i = 0; i < ready; i++)
            {
                OnReady(_epoll.DataAt(i), _epoll.MaskAt(i));
            }

            PlaceHomeless();
            if (_calls.EventCount > 0)
            {
                return;
            }
        }
    }

    // A call that was told NoStream can be started now, or has no connection to hope for any more: the worker should ask again.
    private bool IsNewsForWaiting()
    {
        if (!_noStreamSaid || (_offered.IsEmpty && _standing > 0))
        {
            return false;
        }

        _noStreamSaid = false;
        return true;
    }

    private bool TryTakeOffered([NotNullWhen(true)] out RawConnection? connection)
    {
        if (_rowLeft > 0 && _row!.Http.CanStart)
        {
            _rowLeft--;
            connection = _row;
            return true;
        }

        while (_offered.TryDequeue(out int index))
        {
            connection = _connections[index];
            if (connection.Http.CanStart)
            {
                // Round robin: to the back of the queue; should it be full when its turn comes, it is dropped then.
                _offered.Enqueue(index);
                _row = connection;
                _rowLeft = StartsInARow - 1;
                return true;
            }

            connection.IsOffered = false;
        }

        connection = null;
        return false;
    }

    private void StartOn(RawConnection connection, int slot)
    {
        connection.Http.Start(slot);
        MarkDirty(connection);
        if (connection.Http.IsBatchFull && !connection.IsFull)
        {
            Flush(connection);
        }
    }

    private void EndExpired(long nowNs)
    {
        while (_calls.Wheel.TryTakeExpired(nowNs, out int slot))
        {
            EndHere(slot, GrpcStatus.DeadlineExceeded, Failure.Timeout);
        }
    }

    // Ends a call from our side, wherever it stands.
    private void EndHere(int slot, byte status, Failure failure)
    {
        int index = _calls.Slots[slot].Connection;
        if (index < 0)
        {
            _calls.TakeHome(slot);
            _calls.End(slot, status, failure);
            return;
        }

        RawConnection connection = _connections[index];
        connection.Http.Abandon(slot, status, failure);
        MarkDirty(connection);
        Offer(connection);
    }

    private static long ToNs(TimeSpan time) => time.Ticks * TimeSpan.NanosecondsPerTick;
}
