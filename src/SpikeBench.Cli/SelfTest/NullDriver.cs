using SpikeBench.Core.Engine;

namespace SpikeBench.Cli.SelfTest;

/// <summary>A driver that ends each call at once: what is left is the generator's own timing.</summary>
internal sealed class NullDriver : IDriver
{
    public string Name => "null";

    public ValueTask PrepareAsync(CallPlan plan, CancellationToken cancel) => ValueTask.CompletedTask;

    public ILane OpenLane(int worker, IClock clock) => new Lane(clock);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private sealed class Lane(IClock clock) : ILane
    {
        private readonly PreciseWait _wait = new(clock);
        private readonly Queue<CallEvent> _ended = new(1024);

        public StartResult TryStart(in CallStart call)
        {
            long nowNs = clock.NowNs;
            _ended.Enqueue(new CallEvent(call.Slot, EventKind.Ended, GrpcStatus.Ok, Failure.None, nowNs, nowNs, 0));
            return StartResult.Started;
        }

        public int Poll(long untilNs, Span<CallEvent> events)
        {
            if (_ended.Count == 0)
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

        public void Cancel(int slot)
        {
        }

        public ReadOnlySpan<byte> Reply(in CallEvent e) => default;

        public void Dispose() => _wait.Dispose();
    }
}
