using System.Net;
using System.Net.Sockets;
using System.Text;
using SpikeBench.Core;
using SpikeBench.Core.Engine;
using SpikeBench.Grpc.Http;
using SpikeBench.Grpc.Http2;

namespace SpikeBench.Grpc.Epoll;

/// <content>
/// Opening, replacing and closing connections. The lane has a fixed number of positions; each is served by one connection, which may
/// be followed by another: after a loss with backoff, after GOAWAY or towards the end of the stream ids at once. A connection that
/// was followed drains by itself and is then closed.
/// </content>
internal sealed partial class EpollLane
{
    private readonly Position[] _positions;
    private readonly List<RawConnection> _connections = [];
    private readonly Stack<RawConnection> _spare = new();
    private readonly Backoff _backoff;
    private readonly long _connectTimeoutNs;

    // Connections that can take a call, in the order in which they shall.
    private readonly IndexRing _offered;

    // Positions with a connection, or with one on its way that replaces another in peace.
    private int _standing;
    private long _maintainAtNs = long.MaxValue;
    private string _lastLoss = "";

    // What this machine lacked when it last refused a connection; another that stood meanwhile takes nothing back of it.
    private string _lastShortage = "";

    // The latest attempt to connect was refused by this machine and not by the target.
    private bool _isShortOfSockets;

    // Positions from this one on were never opened. The rate at which they are is kept as the time between two.
    private int _openPositions;
    private long _nextOpenAtNs;
    private bool _wantsAnother;
    private readonly long _openIntervalNs;

    // Where each position's next connection goes; another thread may leave new places, of which the lane takes the last.
    private EndPoint[] _places;
    private EndPoint[]? _newPlaces;

    /// <summary>Where the lane's connections are to go from now on. From any thread; the lane follows at its next turn.</summary>
    public void Move(EndPoint[] places) => Volatile.Write(ref _newPlaces, places);

    /// <summary>Opens all connections and waits until each has exchanged SETTINGS.</summary>
    /// <exception cref="TargetException">One of them failed, or took longer than the plan allows.</exception>
    /// <exception cref="GeneratorException">This machine refused one.</exception>
    public void ConnectAll(CancellationToken cancel)
    {
        const long SliceNs = 20_000_000;
        for (int i = 0; i < _positions.Length; i++)
        {
            // Also those that are opened later: what a connection needs beside its socket is allocated before T0.
            _spare.Push(NewConnection());
        }

        int wanted = _plan.Connect.Lazy ? 1 : _positions.Length;
        Span<CallEvent> none = [];
        _nextOpenAtNs = _clock.NowNs;
        while (_openPositions < wanted || Array.Exists(_positions[..wanted], p => p.Current is null))
        {
            cancel.ThrowIfCancellationRequested();
            if (_lastShortage.Length > 0)
            {
                throw OwnShortage.Refused(_plan.Target.ToString(), _lastShortage);
            }

            if (_lastLoss.Length > 0)
            {
                throw new TargetException($"{_plan.Target}: {_lastLoss}");
            }

            long now = _clock.NowNs;
            while (_openPositions < wanted && now >= _nextOpenAtNs)
            {
                OpenNext(now, _openIntervalNs, _options.FirstStreamId);
            }

            Poll(_openPositions < wanted ? Math.Min(_nextOpenAtNs, now + SliceNs) : now + SliceNs, none);
        }
    }

    private void OpenNext(long nowNs, long intervalNs, uint firstStreamId = 1)
    {
        // Opened late, the next is due an interval after this one was: the rate holds on average, but a pause is not caught up.
        _nextOpenAtNs = Math.Max(_nextOpenAtNs, nowNs - intervalNs) + intervalNs;
        Open(_openPositions++, nowNs, firstStreamId);
    }

    // A call found no stream: one more connection is opened, if the plan keeps some for later, as soon as its rate allows. The lanes
    // share that rate.
    private void OpenAnother(long nowNs)
    {
        if (_openPositions == _positions.Length)
        {
            return;
        }

        if (nowNs >= _nextOpenAtNs)
        {
            OpenNext(nowNs, _openIntervalNs * _plan.Lanes);
        }
        else
        {
            _wantsAnother = true;
            ScheduleMaintenance(_nextOpenAtNs);
        }
    }

    private RawConnection NewConnection()
    {
        int index = _connections.Count;
        var connection = new RawConnection(index, new Http2Connection(index, _calls, _templates, _http2, _scratch), _epoll);
        _connections.Add(connection);
        if (_token is { } token)
        {
            connection.Http.ReplaceToken(Encoding.ASCII.GetBytes(token));
        }

        return connection;
    }

    private void Open(int position, long nowNs, uint firstStreamId = 1)
    {
        RawConnection connection = _spare.TryPop(out RawConnection? spare) ? spare : NewConnection();
        connection.Position = position;
        connection.ConnectByNs = nowNs + _connectTimeoutNs;
        _positions[position].Successor = connection;
        ScheduleMaintenance(connection.ConnectByNs);
        int error = connection.BeginConnect(_places[position], firstStreamId);
        if (error != 0)
        {
            OnConnectError(connection, error);
        }
    }

    private void OnConnectError(RawConnection connection, int errno)
    {
        // A Unix socket that cannot be connected to at once has a full queue at the target.
        _isShortOfSockets = LibC.IsLocalShortage(errno) && !(errno == LibC.EAgain && _places[0] is UnixDomainSocketEndPoint);
        _calls.Counters.LocalFailures += _isShortOfSockets ? 1 : 0;
        string why = DescribeConnectError(errno);
        _lastShortage = _isShortOfSockets ? why : _lastShortage;
        Drop(connection, why);
    }

    private void FinishConnecting(RawConnection connection)
    {
        int error = connection.EndConnect();
        if (error != 0)
        {
            OnConnectError(connection, error);
            return;
        }

        _isShortOfSockets = false;

        // Connected sockets are watched for reading only, until one is full.
        connection.WatchWritable(false);
        MarkDirty(connection);
    }

    private void OnStateChanged(RawConnection connection, Http2State before)
    {
        // One read may carry both SETTINGS and GOAWAY: the connection did stand, if only for a moment.
        if (before == Http2State.Handshaking && connection.Http.State != Http2State.Failed)
        {
            OnHandshake(connection);
        }

        if (connection.Http.State == Http2State.Draining)
        {
            OnDraining(connection);
        }
        else if (connection.Http.State == Http2State.Failed)
        {
            _lastLoss = DescribeProtocolError(connection.Http.Error);
        }
    }

    private void OnHandshake(RawConnection connection)
    {
        _calls.Counters.ConnectionsOpened++;
        ref Position position = ref _positions[connection.Position];
        RawConnection? replaced = position.Current;
        _calls.Counters.ConnectionsReplaced += replaced is not null || position.InPeace ? 1 : 0;
        position.Current = connection;
        position.Successor = null;
        position.InPeace = false;
        if (connection.Http.State == Http2State.Ready)
        {
            position.Failures = 0;
            Offer(connection);
        }

        if (replaced is not null)
        {
            replaced.Position = -1;
            replaced.Http.Retire();
            MarkDirty(replaced);
        }

        CountStanding();
    }

    // GOAWAY: the successor is opened at once, unless the target sends every connection away without serving a call, or asks for calm.
    private void OnDraining(RawConnection connection)
    {
        if (connection.Position < 0)
        {
            return;
        }

        ref Position position = ref _positions[connection.Position];
        int index = connection.Position;
        connection.Position = -1;
        position.Current = null;
        bool served = connection.Http.CallsEnded + connection.Http.CallCount > 0;
        bool calm = connection.Http.GoAwayCode == Http2ErrorCode.EnhanceYourCalm;
        if (served)
        {
            position.Failures = 0;
        }

        position.InPeace = true;
        if (position.Successor is null)
        {
            Retry(index, atOnce: !calm && (served || position.Failures == 0));
        }

        CountStanding();
    }

    /// <summary>The socket is dead, or must be: its calls end, and its position is to be served again.</summary>
    private void Drop(RawConnection connection, string why)
    {
        _lastLoss = why;
        if (connection.Http.State is Http2State.Closed or Http2State.Handshaking)
        {
            _calls.Counters.ConnectionsFailed++;
        }
        else if (!connection.Http.IsDrained)
        {
            _calls.Counters.ConnectionsLost++;
        }

        Release(connection);
    }

    // Closes a connection for whatever reason, its last words having been written as far as the socket took them.
    private void Release(RawConnection connection)
    {
        if (connection.Http.IsDrained && connection.Link == LinkState.Connected)
        {
            connection.Http.SayGoodbye();
            connection.Send(connection.Http.Output);
        }

        connection.Http.Lose();
        connection.Close();
        _spare.Push(connection);
        if (connection.Position < 0)
        {
            return;
        }

        int index = connection.Position;
        connection.Position = -1;
        ref Position position = ref _positions[index];
        bool wasCurrent = position.Current == connection;
        if (wasCurrent)
        {
            position.Current = null;
        }
        else
        {
            position.Successor = null;
        }

        position.InPeace = false;
        if (position.Successor is null)
        {
            Retry(index, atOnce: false);
        }

        CountStanding();
    }

    private void Retry(int index, bool atOnce)
    {
        ref Position position = ref _positions[index];
        position.RetryAtNs = atOnce ? _calls.NowNs : _calls.NowNs + _backoff.NextNs(position.Failures);
        position.Failures++;
        ScheduleMaintenance(position.RetryAtNs);
    }

    // What happens by time: attempts that are due, attempts that took too long, ids that run out, calls that wait for a connection.
    private void Maintain(long nowNs)
    {
        if (nowNs >= _maintainAtNs)
        {
            _maintainAtNs = long.MaxValue;
            for (int i = 0; i < _positions.Length; i++)
            {
                MaintainPosition(i, nowNs);
            }

            if (_wantsAnother)
            {
                _wantsAnother = false;
                OpenAnother(nowNs);
            }
        }

        if (Volatile.Read(ref _newPlaces) is not null)
        {
            TakePlaces(Interlocked.Exchange(ref _newPlaces, null)!, nowNs);
        }

        PlaceHomeless();
    }

    // A connection whose place has changed is replaced in peace: its successor takes over when it stands.
    private void TakePlaces(EndPoint[] places, long nowNs)
    {
        EndPoint[] before = _places;
        _places = places;
        for (int i = 0; i < _openPositions; i++)
        {
            ref Position position = ref _positions[i];
            if (!places[i].Equals(before[i]) && position is { Current: not null, Successor: null } && position.RetryAtNs == long.MaxValue)
            {
                Open(i, nowNs);
            }
        }
    }

    private void MaintainPosition(int index, long nowNs)
    {
        ref Position position = ref _positions[index];
        if (position.Successor is { } successor && nowNs >= successor.ConnectByNs)
        {
            Drop(successor, successor.Link == LinkState.Connecting
                ? $"no connection within {_plan.ConnectTimeout.TotalSeconds:0.###} s"
                : $"no HTTP/2 SETTINGS within {_plan.ConnectTimeout.TotalSeconds:0.###} s of connecting: is this a gRPC server?");
        }

        if (position.Successor is null && position.RetryAtNs <= nowNs)
        {
            position.RetryAtNs = long.MaxValue;
            Open(index, nowNs);
        }

        if (position.Current is { } current && current.Http.NextResetAtNs <= nowNs)
        {
            // Its next flush sends the resets that were put off, and frees their streams.
            MarkDirty(current);
        }
        else if (position.Current is { } standing)
        {
            ScheduleMaintenance(standing.Http.NextResetAtNs);
        }

        long next = position.Successor is { } waiting ? waiting.ConnectByNs : position.RetryAtNs;
        ScheduleMaintenance(next);
    }

    private void ScheduleMaintenance(long atNs) => _maintainAtNs = Math.Min(_maintainAtNs, atNs);

    // Another clock begins: waits that were counted on the old one begin anew.
    private void RestartTimers(long nowNs)
    {
        _maintainAtNs = long.MaxValue;
        _nextOpenAtNs = nowNs;
        for (int i = 0; i < _positions.Length; i++)
        {
            ref Position position = ref _positions[i];
            if (position.Successor is { } successor)
            {
                successor.ConnectByNs = nowNs + _connectTimeoutNs;
                ScheduleMaintenance(successor.ConnectByNs);
            }
            else if (position.RetryAtNs != long.MaxValue)
            {
                position.RetryAtNs = nowNs;
                ScheduleMaintenance(nowNs);
            }
        }
    }

    // Lets a connection take calls again.
    private void Offer(RawConnection connection)
    {
        if (connection.IsOffered || !connection.Http.CanStart)
        {
            return;
        }

        connection.IsOffered = true;
        _offered.Enqueue(connection.Index);
    }

    // The successor is opened while ids are left to serve the meantime; once it stands, it retires this one (RFC 9113, 5.1.1).
    private void OpenAheadOfLastStream(RawConnection connection)
    {
        if (!connection.Http.IsNearLastStream || connection.Position < 0)
        {
            return;
        }

        ref Position position = ref _positions[connection.Position];
        if (position.Current == connection && position.Successor is null && position.RetryAtNs == long.MaxValue)
        {
            Open(connection.Position, _calls.NowNs);
        }
    }

    // Calls that a GOAWAY left without a connection; they go before new ones, being older.
    private void PlaceHomeless()
    {
        while (_calls.FirstHomeless is >= 0 and int slot)
        {
            if (TryTakeOffered(out RawConnection? connection))
            {
                _calls.TakeHome(slot);
                StartOn(connection, slot);
            }
            else if (_standing == 0)
            {
                _calls.TakeHome(slot);
                _calls.Counters.CallsLostToLocalFailures += _isShortOfSockets ? 1 : 0;
                _calls.End(slot, GrpcStatus.Unavailable, Failure.Connection);
            }
            else
            {
                return;
            }
        }
    }

    private void CountStanding()
    {
        _standing = 0;
        foreach (ref readonly Position position in _positions.AsSpan())
        {
            _standing += position.Current is not null || position.InPeace ? 1 : 0;
        }
    }

    private static string DescribeConnectError(int errno) => errno switch
    {
        2 => "there is no such socket: is the target up, and the path right?",
        13 => "the socket is not ours to connect to",
        111 => "connection refused: nothing listens there",
        110 => "connecting timed out",
        113 => "no route to the host",
        101 => "the network is unreachable",
        LibC.EMFile or LibC.ENFile => OwnShortage.NoDescriptor,
        LibC.ENoMem or LibC.ENoBufs => OwnShortage.NoMemory,
        LibC.EAddrNotAvail or LibC.EAddrInUse or LibC.EAgain => OwnShortage.NoPort,
        _ => $"connecting failed with errno {errno}",
    };

    private static string DescribeProtocolError(ConnectionError error) => error.Reason switch
    {
        ConnectionErrorReason.PeerSpeaksHttp1
            => "answered HTTP/1.1: the target does not speak cleartext HTTP/2 (h2c) here",
        ConnectionErrorReason.GoAwayBeforeSettings
            => "answered GOAWAY instead of SETTINGS: the target does not speak cleartext HTTP/2 (h2c) here",
        ConnectionErrorReason.PeerSpeaksTls
            => "answered with a TLS alert: the target expects TLS: write https:// (for unix: and dns: give --tls)",
        _ => $"is not speaking HTTP/2 properly: {error.Describe()}",
    };

    private struct Position()
    {
        /// <summary>Serves the position.</summary>
        public RawConnection? Current;

        /// <summary>Is being connected, to serve it next.</summary>
        public RawConnection? Successor;

        /// <summary>When to open a successor, if there is none.</summary>
        public long RetryAtNs = long.MaxValue;

        /// <summary>Attempts since a connection last stood.</summary>
        public int Failures;

        /// <summary>There is no current connection only because the target asked for another one: calls wait instead of failing.</summary>
        public bool InPeace;
    }
}
