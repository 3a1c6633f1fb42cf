using SpikeBench.Target.Capacity;
using SpikeBench.Target.Hosting;
using SpikeBench.Target.Rpc;

namespace SpikeBench.Target.Services;

/// <summary>What each operation pays before it is done: its turn at a worker slot, and real processor time if asked for.</summary>
internal sealed class Turnstile(CapacityPools pools, IClock clock, long burnNs)
{
    private static readonly GrpcStatus Overloaded = new(GrpcCode.ResourceExhausted, "the queue is full");
    private static readonly GrpcStatus TooLate = new(GrpcCode.DeadlineExceeded, "the deadline passed");

    /// <summary>Completes with OK when it is the call's turn; any other status is the call's answer.</summary>
    public ValueTask<GrpcStatus> PassAsync(GrpcCall call, OperationClass operation, double cost)
    {
        CapacityGate? gate = pools.GateOf(operation);
        if (gate is null)
        {
            Burn(cost);
            return new(GrpcStatus.Ok);
        }

        CapacityTicket? ticket = gate.Enter(cost, pools.PriorityOf(operation), call.DeadlineNs);
        return ticket is null ? new(Overloaded) : WaitAsync(ticket, call, cost);
    }

    private async ValueTask<GrpcStatus> WaitAsync(CapacityTicket ticket, GrpcCall call, double cost)
    {
        switch (await ticket.WaitAsync(call.Cancelled).ConfigureAwait(false))
        {
            case SlotOutcome.Served:
                Burn(cost);
                return GrpcStatus.Ok;
            case SlotOutcome.Expired:
                return TooLate;
            default:
                return call.CancelledStatus;
        }
    }

    private void Burn(double cost)
    {
        if (burnNs > 0)
        {
            long endNs = clock.NowNs + (long)(burnNs * cost);
            while (clock.NowNs < endNs)
            {
            }
        }
    }
}
