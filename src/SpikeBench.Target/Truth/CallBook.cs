using SpikeBench.Target.Rpc;

namespace SpikeBench.Target.Truth;

/// <summary>Counts of calls by method and outcome, and when they came. Any thread may write.</summary>
internal sealed class CallBook(IReadOnlyList<GrpcMethod> methods) : ICallObserver
{
    private readonly Page[] _pages = [.. methods.Select(_ => new Page())];

    public IReadOnlyList<GrpcMethod> Methods => methods;

    public ArrivalCells Arrivals { get; } = new();

    public void Began(GrpcMethod method, long nowNs)
    {
        Interlocked.Increment(ref _pages[method.Index].Received);
        Arrivals.Add(nowNs);
    }

    public void Ended(GrpcMethod method, GrpcCode code) => Interlocked.Increment(ref _pages[method.Index].ByCode[(int)code]);

    public long Received(GrpcMethod method) => Interlocked.Read(ref _pages[method.Index].Received);

    public long Ended(GrpcMethod method, int code) => Interlocked.Read(ref _pages[method.Index].ByCode[code]);

    private sealed class Page
    {
        public long Received;

        public long[] ByCode { get; } = new long[GrpcStatus.CodeCount];
    }
}
