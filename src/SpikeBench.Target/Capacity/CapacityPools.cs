using SpikeBench.Target.Hosting;

namespace SpikeBench.Target.Capacity;

/// <summary>One pool with its name and what is known of it.</summary>
public sealed record CapacityPool(string Name, int Slots, CapacityGate Gate, PoolLedger Ledger);

/// <summary>The pools of a <see cref="SlotPlan"/>, and which class goes through which.</summary>
public sealed class CapacityPools : IDisposable
{
    private readonly CapacityGate?[] _gateOf = new CapacityGate?[Enum.GetValues<OperationClass>().Length];
    private readonly int[] _priorityOf;

    public CapacityPools(TargetOptions options, IClock clock)
    {
        // Classes not named share the priority after the last one named.
        _priorityOf = [.. Enum.GetValues<OperationClass>().Select(c => Place(options.Priority, c))];
        var pools = new List<CapacityPool>();
        if (options.Slots.Shared > 0)
        {
            pools.Add(Open("shared", options.Slots.Shared, options, clock, pools.Count));
            Array.Fill(_gateOf, pools[0].Gate);
        }

        foreach ((OperationClass operation, int slots) in options.Slots.Own.OrderBy(own => own.Key))
        {
            pools.Add(Open(operation == OperationClass.Send ? "send" : operation == OperationClass.Login ? "login" : "read",
                slots, options, clock, pools.Count));
            _gateOf[(int)operation] = pools[^1].Gate;
        }

        All = pools;
    }

    public IReadOnlyList<CapacityPool> All { get; }

    /// <summary>The gate before a class of operations; null when it is not modelled.</summary>
    public CapacityGate? GateOf(OperationClass operation) => _gateOf[(int)operation];

    public int PriorityOf(OperationClass operation) => _priorityOf[(int)operation];

    public void Dispose()
    {
        foreach (CapacityPool pool in All)
        {
            pool.Gate.Dispose();
        }
    }

    private static int Place(IReadOnlyList<OperationClass> order, OperationClass operation)
    {
        int place = 0;
        while (place < order.Count && order[place] != operation)
        {
            place++;
        }

        return place;
    }

    private static CapacityPool Open(string name, int slots, TargetOptions options, IClock clock, int index)
    {
        var ledger = new PoolLedger();
        var shape = new SlotModelOptions
        {
            Slots = slots,
            QueueLimit = options.QueueLimit,
            Order = options.Order,
            DropExpired = options.DropExpired,
            Priorities = options.Priority.Count + 1,
        };

        // A stream of draws of its own for each pool: one pool's traffic does not change what another draws.
        ulong seed = new SeededRandom(options.Seed + (ulong)index).NextUInt64();
        return new CapacityPool(
            name, slots, new CapacityGate(shape, options.Law, options.EffectiveServiceNs, seed, clock, ledger), ledger);
    }
}
