namespace SpikeBench.Core.Engine;

/// <summary>
/// A driver whose calls end OK as soon as they start and cost nothing: what is left is the generator itself. For calibration.
/// </summary>
public sealed class NullDriver : IDriver
{
    /// <inheritdoc/>
    public string Name => "null";

    /// <inheritdoc/>
    public ValueTask PrepareAsync(CallPlan plan, CancellationToken cancel) => ValueTask.CompletedTask;

    /// <inheritdoc/>
    public ILane OpenLane(int worker, IClock clock) => new NullLane(clock);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private sealed class NullLane(IClock clock) : ILane
    {
        // The worker starts at most some hundred calls between two polls; the ring grows where that ever changes.
        private readonly Queue<CallEvent> _ended = new(1024);
        private readonly PreciseWait _wait = new(clock);

        public StartResult TryStart(in CallStart call)
        {
            long nowNs = clock.NowNs;
            _ended.Enqueue(new CallEvent(call.Slot, EventKind.Ended, GrpcStatus.Ok, Failure.None, nowNs, nowNs, 0));
            return StartResult.Started;
        }

        public void Cancel(int slot)
        {
        }

        public int Poll(long untilNs, Span<CallEvent> events)
        {
            if (_ended.Count == 0 && untilNs > clock.NowNs)
            {
                _wait.Until(untilNs);
            }

            int count = 0;
            while (count < events.Length && _ended.TryDequeue(out CallEvent e))
            {
                events[count++] = e;
            }

            return count;
        }

        public ReadOnlySpan<byte> Reply(in CallEvent e) => default;

        public void Dispose() => _wait.Dispose();
    }
}
