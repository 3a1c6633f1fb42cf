using System.Diagnostics;
using SpikeBench.Messenger.V1;
using SpikeBench.Target.Capacity;
using SpikeBench.Target.Rpc;
using SpikeBench.Target.Services;
using SpikeBench.Target.Store;

namespace SpikeBench.Target.Truth;

/// <summary>What the target holds at this moment: calls, connections, slots, memory. A leak is what does not come back.</summary>
internal sealed class GaugeBook(CallBook calls, CapacityPools pools, LiveFeeds feeds, ConnectionCount connections)
{
    /// <summary>Reads all gauges; with <paramref name="collect"/> after a full collection, finalizers included.</summary>
    public GaugesReply Read(bool collect)
    {
        if (collect)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            GC.Collect();
        }

        using Process self = Process.GetCurrentProcess();
        var reply = new GaugesReply
        {
            OpenCalls = (ulong)calls.Methods.Where(m => m.Service != AdminService.Service).Sum(Open),
            Connections = (ulong)connections.Now,
            FollowedFeeds = (ulong)feeds.Followed,
            ManagedBytes = (ulong)GC.GetTotalMemory(forceFullCollection: false),
            Handles = (ulong)self.HandleCount,
            Threads = (ulong)self.Threads.Count,
        };
        foreach (CapacityPool pool in pools.All)
        {
            (int busy, int queued) = pool.Gate.Snapshot((busy, queued) => (busy, queued));
            reply.Pools.Add(new PoolGauge { Name = pool.Name, Slots = (ulong)pool.Slots, Busy = (ulong)busy, Queued = (ulong)queued });
        }

        return reply;
    }

    /// <summary>Ends are read first: a call that ends meanwhile then counts as open rather than as less than none.</summary>
    private long Open(GrpcMethod method)
    {
        long ended = Enumerable.Range(0, GrpcStatus.CodeCount).Sum(code => calls.Ended(method, code));
        return calls.Received(method) - ended;
    }
}
