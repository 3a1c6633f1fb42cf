using SpikeBench.Target.Store;

namespace SpikeBench.Target.Capacity;

/// <summary>Percentiles of a set of values, exact: the value of rank ⌈p·n⌉.</summary>
public sealed record ExactPercentiles(long Count, long P50, long P90, long P99, long P999, long Max)
{
    public static ExactPercentiles Of(long[] values)
    {
        if (values.Length == 0)
        {
            return new ExactPercentiles(0, 0, 0, 0, 0, 0);
        }

        Array.Sort(values);
        return new ExactPercentiles(values.Length, At(500), At(900), At(990), At(999), values[^1]);

        // In per mille and whole numbers: 0.9 · 10 is not 9 in binary fractions.
        long At(long perMille) => values[(int)(((perMille * values.Length) + 999) / 1000) - 1];
    }
}

/// <summary>Every job of a pool: counts, and each wait and service time (16 bytes per job served). The gate's lock guards it.</summary>
public sealed class PoolLedger : ISlotObserver
{
    private readonly StructLog<long> _waitNs = new();
    private readonly StructLog<long> _serviceNs = new();

    public long ExpiredCount { get; private set; }

    public long RefusedCount { get; private set; }

    public void Left(SlotJob job)
    {
        if (job.Outcome == SlotOutcome.Served)
        {
            _waitNs.Add(job.StartNs - job.ArrivalNs);
            _serviceNs.Add(job.DepartureNs - job.StartNs);
        }
        else
        {
            ExpiredCount++;
        }
    }

    public void Refused(SlotJob job) => RefusedCount++;

    /// <summary>Copies of all waits and service times so far.</summary>
    public (long[] WaitNs, long[] ServiceNs) Copy() => (_waitNs.ToArray(), _serviceNs.ToArray());
}
