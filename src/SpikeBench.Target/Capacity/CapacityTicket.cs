using System.Threading.Tasks.Sources;

namespace SpikeBench.Target.Capacity;

/// <summary>
/// A call's place in the capacity model, awaited by its handler.
/// </summary>
/// <remarks>
/// Two parties may end the wait: the release thread (the job is done) and the caller (gone, or past its deadline). The first one
/// wins by compare-and-swap. A ticket whose caller has gone stays in the model and holds its slot as real work would, unless the
/// model drops expired jobs.
/// </remarks>
public sealed class CapacityTicket : SlotJob, IValueTaskSource<SlotOutcome>
{
    private ManualResetValueTaskSourceCore<SlotOutcome> _core = new() { RunContinuationsAsynchronously = true };
    private int _settled;
    private CancellationTokenRegistration _registration;

    /// <summary>Waits for the model's word; <see cref="SlotOutcome.Pending"/> means that the token ended the wait first.</summary>
    public ValueTask<SlotOutcome> WaitAsync(CancellationToken cancel)
    {
        if (cancel.CanBeCanceled)
        {
            _registration = cancel.UnsafeRegister(static state => ((CapacityTicket)state!).Abandon(), this);
        }

        return new ValueTask<SlotOutcome>(this, _core.Version);
    }

    /// <summary>Hands the outcome to the waiting handler, unless that has gone.</summary>
    internal void Settle()
    {
        if (Interlocked.Exchange(ref _settled, 1) == 0)
        {
            _core.SetResult(Outcome);
        }
    }

    private void Abandon()
    {
        Abandoned = true;
        if (Interlocked.Exchange(ref _settled, 1) == 0)
        {
            _core.SetResult(SlotOutcome.Pending);
        }
    }

    SlotOutcome IValueTaskSource<SlotOutcome>.GetResult(short token)
    {
        _registration.Dispose();
        return _core.GetResult(token);
    }

    ValueTaskSourceStatus IValueTaskSource<SlotOutcome>.GetStatus(short token) => _core.GetStatus(token);

    void IValueTaskSource<SlotOutcome>.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);
}
