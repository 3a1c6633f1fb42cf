namespace SpikeBench.Core.Schedule;

/// <summary>A named stretch of the plan, [<see cref="StartNs"/>, <see cref="EndNs"/>) from T0. SLOs are judged per phase.</summary>
public sealed record Phase(string Name, long StartNs, long EndNs)
{
    public long DurationNs => EndNs - StartNs;
}

/// <summary>One call of the plan.</summary>
/// <param name="Index">Its place in the plan, from 0.</param>
/// <param name="IntendedNs">When it is due, from T0.</param>
/// <param name="Operation">Which operation of the mix.</param>
/// <param name="Payload">Which message of that operation's pool.</param>
/// <param name="Phase">The phase that its due time falls into.</param>
public readonly record struct Arrival(long Index, long IntendedNs, int Operation, int Payload, int Phase);

/// <summary>How many messages an operation's pool has, and which of them a call takes.</summary>
/// <param name="Size">At least 1.</param>
/// <param name="InOrder">The call at place i takes message i, round and round; else each call draws its own.</param>
public readonly record struct PoolChoice(int Size, bool InOrder);

/// <summary>
/// The whole plan of a run: when, what and in which phase. A pure function of its parts; workers take their shares of it by
/// computing, never by asking.
/// </summary>
public sealed class LoadPlan
{
    /// <summary>How many messages an operation's pool has where nothing asks for more; a plan's hash depends on it.</summary>
    public const int PoolSize = 1024;

    private readonly double[] _cumulativeWeights;
    private readonly PoolChoice[] _pools;

    /// <param name="schedule">When calls are due.</param>
    /// <param name="phases">Adjacent, from 0 to the curve's end.</param>
    /// <param name="weights">The mix: each operation's share, above 0, in any unit.</param>
    public LoadPlan(ArrivalSchedule schedule, IReadOnlyList<Phase> phases, IReadOnlyList<double> weights)
    {
        Schedule = schedule;
        Phases = phases;
        Operations = weights.Count;
        double total = weights.Sum();
        double sum = 0;
        _cumulativeWeights = [.. weights.Select(w => (sum += w) / total)];
        _cumulativeWeights[^1] = 1;
        _pools = [.. weights.Select(_ => new PoolChoice(PoolSize, false))];
    }

    private LoadPlan(LoadPlan plan, IEnumerable<PoolChoice> pools)
    {
        Schedule = plan.Schedule;
        Phases = plan.Phases;
        Operations = plan.Operations;
        Closed = plan.Closed;
        FirstIndex = plan.FirstIndex;
        _cumulativeWeights = plan._cumulativeWeights;
        _pools = [.. pools];
    }

    public ArrivalSchedule Schedule { get; }

    public IReadOnlyList<Phase> Phases { get; }

    /// <summary>How many operations the mix has.</summary>
    public int Operations { get; }

    /// <summary>The plan's end, in nanoseconds from T0.</summary>
    public long DurationNs => Schedule.Curve.DurationNs;

    /// <summary>The copies of a closed load, which has no calls to plan; null for a plan.</summary>
    public ClosedPlan? Closed { get; init; }

    /// <summary>
    /// The place of the first call: what is numbered or drawn by place is then no other plan's. For the calls of a warm-up. (default: 0)
    /// </summary>
    public long FirstIndex { get; init; }

    /// <summary>The same plan with pools of other sizes, one per operation.</summary>
    public LoadPlan WithPools(IEnumerable<PoolChoice> pools) => new(this, pools);

    /// <summary>The operations, payloads and phases of calls, for one reader that goes forward in time.</summary>
    public CallMix OpenMix() => new(this);

    /// <summary>A fresh pass over the share of worker <paramref name="worker"/> of <paramref name="workers"/>: every <paramref name="workers"/>-th call.</summary>
    public PlanCursor Open(int worker = 0, int workers = 1) => new(this, worker, workers);

    /// <summary>Counts the whole plan in one pass and fingerprints it.</summary>
    public PlanCounts Count()
    {
        var perPhase = new long[Phases.Count, Operations];
        var fingerprint = default(PlanFingerprint);
        long busiestCell = 0, cell = -1, inCell = 0;
        PlanCursor cursor = Open();
        while (cursor.MoveNext())
        {
            Arrival arrival = cursor.Current;
            perPhase[arrival.Phase, arrival.Operation]++;
            fingerprint.Add(arrival);
            long at = arrival.IntendedNs / Recording.CellGrid.CellNs;
            inCell = at == cell ? inCell + 1 : 1;
            cell = at;
            busiestCell = Math.Max(busiestCell, inCell);
        }

        return new PlanCounts(perPhase, fingerprint, busiestCell);
    }

    internal int PayloadOf(CounterRandom random, int operation, long index)
    {
        PoolChoice pool = _pools[operation];
        return pool.InOrder ? (int)(index % pool.Size) : random.Below(index, pool.Size);
    }

    internal int OperationOf(CounterRandom random, long index)
    {
        if (Operations == 1)
        {
            return 0;
        }

        double draw = random.Unit(index);
        int operation = 0;
        while (draw >= _cumulativeWeights[operation])
        {
            operation++;
        }

        return operation;
    }
}

/// <summary>What each call is: a pure function of the seed, the call's place and its due time. One reader, times never going back.</summary>
public sealed class CallMix
{
    private readonly LoadPlan _plan;
    private readonly CounterRandom _operations;
    private readonly CounterRandom _payloads;
    private int _phase;

    internal CallMix(LoadPlan plan)
    {
        _plan = plan;
        _operations = new CounterRandom(plan.Schedule.Seed, CounterRandom.Stream.Operation);
        _payloads = new CounterRandom(plan.Schedule.Seed, CounterRandom.Stream.Payload);
    }

    /// <summary>The call of a place, counted from the plan's first, and a due time.</summary>
    public Arrival At(long index, long intendedNs)
    {
        while (_phase < _plan.Phases.Count - 1 && intendedNs >= _plan.Phases[_phase].EndNs)
        {
            _phase++;
        }

        index += _plan.FirstIndex;
        int operation = _plan.OperationOf(_operations, index);
        return new Arrival(index, intendedNs, operation, _plan.PayloadOf(_payloads, operation, index), _phase);
    }
}

/// <summary>One worker's pass over its share of the plan; nothing allocated per call.</summary>
public sealed class PlanCursor
{
    private readonly ArrivalCursor _arrivals;
    private readonly CallMix _mix;

    internal PlanCursor(LoadPlan plan, int worker, int workers)
    {
        _arrivals = plan.Schedule.Open(worker, workers);
        _mix = plan.OpenMix();
    }

    /// <summary>The call that the last <see cref="MoveNext"/> stepped to.</summary>
    public Arrival Current { get; private set; }

    /// <summary>Steps to this worker's next call; false when the plan is over.</summary>
    public bool MoveNext()
    {
        if (!_arrivals.MoveNext())
        {
            return false;
        }

        Current = _mix.At(_arrivals.Index, _arrivals.IntendedNs);
        return true;
    }
}

/// <summary>What the plan adds up to.</summary>
/// <param name="PerPhase">Calls by [phase, operation].</param>
/// <param name="Fingerprint">Of every call's place, time, operation and payload.</param>
/// <param name="BusiestCell">The most calls in one 100 ms cell.</param>
public sealed record PlanCounts(long[,] PerPhase, PlanFingerprint Fingerprint, long BusiestCell)
{
    public long Total => PerPhase.Cast<long>().Sum();

    /// <summary>Calls of one phase, all operations together.</summary>
    public long InPhase(int phase) => Enumerable.Range(0, PerPhase.GetLength(1)).Sum(o => PerPhase[phase, o]);
}

/// <summary>
/// A fingerprint of a set of planned calls: 128 bits that do not depend on the order in which calls are added, so that workers can add
/// up what they offered and the sum be held against the plan's.
/// </summary>
public struct PlanFingerprint : IEquatable<PlanFingerprint>
{
    private ulong _sum;
    private ulong _second;
    private long _count;

    /// <summary>Adds one call.</summary>
    public void Add(in Arrival arrival)
    {
        ulong mixed = CounterRandom.Mix((ulong)arrival.Index + 1);
        mixed = CounterRandom.Mix(mixed ^ (ulong)arrival.IntendedNs);
        mixed = CounterRandom.Mix(mixed ^ ((ulong)(uint)arrival.Operation << 32 | (uint)arrival.Payload));
        _sum += mixed;
        _second += CounterRandom.Mix(mixed + 1);
        _count++;
    }

    /// <summary>Adds all calls of another set.</summary>
    public void Add(PlanFingerprint other)
    {
        _sum += other._sum;
        _second += other._second;
        _count += other._count;
    }

    public readonly bool Equals(PlanFingerprint other) => _sum == other._sum && _second == other._second && _count == other._count;

    public override readonly bool Equals(object? obj) => obj is PlanFingerprint other && Equals(other);

    public override readonly int GetHashCode() => HashCode.Combine(_sum, _second, _count);

    /// <summary>32 hexadecimal digits and the count, e.g. <c>9f…c1-142857</c>.</summary>
    public override readonly string ToString() => $"{_sum:x16}{_second:x16}-{_count}";

    public static bool operator ==(PlanFingerprint left, PlanFingerprint right) => left.Equals(right);

    public static bool operator !=(PlanFingerprint left, PlanFingerprint right) => !left.Equals(right);
}
