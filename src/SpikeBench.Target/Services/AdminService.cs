using SpikeBench.Messenger.V1;
using SpikeBench.Target.Rpc;

namespace SpikeBench.Target.Services;

/// <summary>The target's own side of a run, on request.</summary>
internal sealed class AdminService(Func<string> truth, Func<bool, GaugesReply> gauges)
{
    public const string Service = "spikebench.messenger.v1.Admin";

    public IReadOnlyList<GrpcMethod> Methods =>
    [
        new UnaryMethod<TruthRequest, TruthReply>(
            Service, "Truth", TruthRequest.Parser, (call, request) => new(new TruthReply { Json = truth() })),
        new UnaryMethod<GaugesRequest, GaugesReply>(
            Service, "Gauges", GaugesRequest.Parser, (call, request) => new(gauges(request.Collect))),
    ];
}
