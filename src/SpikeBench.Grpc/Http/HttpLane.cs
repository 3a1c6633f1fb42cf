using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using SpikeBench.Core.Engine;

namespace SpikeBench.Grpc.Http;

/// <summary>
/// A lane whose calls complete on the thread pool and are handed over through a queue; the worker waits on the queue's bell.
/// </summary>
/// <remarks>
/// <para>Assumptions:</para>
/// <list type="number">
/// <item>Calls of one lane are started in the order of their deadlines (the worker takes them in the order of their due times).</item>
/// </list>
/// <para>Guarantees:</para>
/// <list type="number">
/// <item>A call is reported once: at its completion, or at its deadline, whichever the worker's thread sees first. A completion that comes
/// later only frees the stream.</item>
/// <item>A completion is stamped on the thread that saw it, before it is queued.</item>
/// </list>
/// </remarks>
internal sealed class HttpLane : ILane
{
    private const long NsPerUs = 1_000;
    private const int MostWords = 256;
    private const long MaxTimeoutUs = 99_999_999; // grpc-timeout has at most 8 digits

    private readonly LocalRefusals _refusals;
    private readonly HttpConnection[] _connections;
    private readonly GrpcContent[][] _contents;
    private readonly IReadOnlyList<PlannedMetadata>[] _metadata;
    private readonly string[] _paths;
    private readonly long _unixOffsetNs;
    private readonly IClock _clock;
    private readonly PreciseWait _wait;
    private readonly HttpCall?[] _bySlot;
    private readonly ConcurrentQueue<HttpCall> _completed = new();
    private readonly Queue<HttpCall> _byDeadline = new();
    private int _next;

    public HttpLane(CallPlan plan, ReadOnlySpan<HttpConnection> connections, IClock clock, LocalRefusals refusals)
    {
        _refusals = refusals;
        _connections = connections.ToArray();
        bool pack = plan.Compression == MessageCompression.Gzip;
        _contents = [.. plan.Operations.Select(o => o.Payloads.Select((p, i) => new GrpcContent(p, pack) { Patches = o.PatchesOf(i) }).ToArray())];
        _unixOffsetNs = (plan.Time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * TimeSpan.NanosecondsPerTick - clock.NowNs;
        _metadata = [.. plan.Operations.Select(o => o.Metadata)];
        _paths = [.. plan.Operations.Select(o => o.Path)];
        _clock = clock;
        _wait = new PreciseWait(clock);
        _bySlot = new HttpCall?[plan.SlotsPerLane];
    }

    public StartResult TryStart(in CallStart call)
    {
        HttpConnection? connection = FreeConnection();
        if (connection is null)
        {
            return StartResult.NoStream;
        }

        connection.InFlight++;
        var started = new HttpCall(call.Slot, call.DeadlineNs, connection);
        _bySlot[call.Slot] = started;
        _byDeadline.Enqueue(started);
        _ = RunAsync(started, call.Operation, call.Payload, call.ArrivalIndex);
        return StartResult.Started;
    }

    public void Cancel(int slot) => _bySlot[slot]?.Cancel.Cancel();

    public int Poll(long untilNs, Span<CallEvent> events)
    {
        DropReported();
        if (_completed.IsEmpty)
        {
            _wait.Until(_byDeadline.TryPeek(out HttpCall? first) ? Math.Min(untilNs, first.DeadlineNs) : untilNs);
        }

        int count = 0;
        while (count < events.Length && _completed.TryDequeue(out HttpCall? call))
        {
            call.Connection.InFlight--;
            call.Cancel.Dispose();
            if (!call.Reported)
            {
                call.Reported = true;
                events[count++] = call.Event;
            }
        }

        return Expire(events, count);
    }

    public ReadOnlySpan<byte> Reply(in CallEvent e) => _bySlot[e.Slot] is { } call ? call.Reply.Span : default;

    public ReadOnlySpan<byte> StatusMessage(in CallEvent e)
    {
        ReadOnlySpan<byte> words = Encoding.UTF8.GetBytes(e.Failure == Failure.Status ? _bySlot[e.Slot]?.Message ?? "" : "");
        return words[..Math.Min(words.Length, MostWords)];
    }

    public void Dispose()
    {
        // Calls that are still under way end on the thread pool; the bell must outlive them.
        foreach (HttpCall call in _byDeadline.Where(c => !c.Reported))
        {
            call.Cancel.Cancel();
        }

        SpinWait.SpinUntil(() => _completed.Count >= _connections.Sum(c => c.InFlight), TimeSpan.FromSeconds(2));
        _wait.Dispose();
    }

    /// <summary>The next connection in turn that has a free stream, or null.</summary>
    private HttpConnection? FreeConnection()
    {
        for (int i = 0; i < _connections.Length; i++)
        {
            HttpConnection connection = _connections[_next];
            _next = (_next + 1) % _connections.Length;
            if (connection.HasStream)
            {
                return connection;
            }
        }

        return null;
    }

#pragma warning disable CA1031 // Whatever a call throws is its outcome: the seam knows no exceptions.
    private async Task RunAsync(HttpCall call, int operation, int payload, long arrival)
    {
        HttpOutcome outcome;
        try
        {
            long leftUs = Math.Clamp((call.DeadlineNs - _clock.NowNs) / NsPerUs, 1, MaxTimeoutUs);
            int index = payload % _contents[operation].Length;
            long unixNs = _clock.NowNs + _unixOffsetNs;
            outcome = await call.Connection
                .CallAsync(_paths[operation], _contents[operation][index].ForCall(arrival, unixNs), leftUs.ToString(CultureInfo.InvariantCulture) + "u", _metadata[operation], new CallPlace(index, arrival, unixNs), call.Cancel.Token)
                .ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            outcome = new HttpOutcome(GrpcStatus.Cancelled, Failure.Cancelled, default);
        }
        catch (HttpProtocolException)
        {
            outcome = new HttpOutcome(GrpcStatus.Internal, Failure.Protocol, default);
        }
        catch (Exception e)
        {
            _refusals.Note(e);
            outcome = new HttpOutcome(GrpcStatus.Unavailable, Failure.Connection, default);
        }

        call.Reply = outcome.Reply;
        call.Message = outcome.Message;
        call.Event = new CallEvent(call.Slot, EventKind.Ended, outcome.Status, outcome.Failure, _clock.NowNs, -1, outcome.Reply.Length);
        _completed.Enqueue(call);
        _wait.Wake();
    }
#pragma warning restore CA1031

    /// <summary>Ends the calls whose deadline has passed: the stream is reset, the outcome is ours.</summary>
    private int Expire(Span<CallEvent> events, int count)
    {
        long nowNs = _clock.NowNs;
        while (count < events.Length && _byDeadline.TryPeek(out HttpCall? call) && (call.Reported || call.DeadlineNs <= nowNs))
        {
            _byDeadline.Dequeue();
            if (!call.Reported)
            {
                call.Reported = true;
                events[count++] = new CallEvent(call.Slot, EventKind.Ended, GrpcStatus.DeadlineExceeded, Failure.Timeout, call.DeadlineNs, -1, 0);
                call.Cancel.Cancel();
            }
        }

        return count;
    }

    private void DropReported()
    {
        while (_byDeadline.TryPeek(out HttpCall? call) && call.Reported)
        {
            _byDeadline.Dequeue();
        }
    }
}

/// <summary>One call under way.</summary>
internal sealed class HttpCall(int slot, long deadlineNs, HttpConnection connection)
{
    public int Slot { get; } = slot;

    public long DeadlineNs { get; } = deadlineNs;

    public HttpConnection Connection { get; } = connection;

    public CancellationTokenSource Cancel { get; } = new();

    /// <summary>Its end was reported; the worker's thread only.</summary>
    public bool Reported { get; set; }

    /// <summary>Set before the call is queued as completed.</summary>
    public CallEvent Event { get; set; }

    /// <summary>Set before the call is queued as completed.</summary>
    public ReadOnlyMemory<byte> Reply { get; set; }

    /// <summary>The target's words on a failure; set before the call is queued as completed.</summary>
    public string? Message { get; set; }
}
