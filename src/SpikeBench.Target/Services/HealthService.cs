using SpikeBench.Target.Rpc;
using SpikeBench.Target.Wire.Health;

namespace SpikeBench.Target.Services;

/// <summary>gRPC health checking (grpc/grpc doc/health-checking.md): everything serves until the shutdown begins.</summary>
internal sealed class HealthService(IReadOnlySet<string> services, CancellationToken stopping)
{
    private const string Service = "grpc.health.v1.Health";

    public IReadOnlyList<GrpcMethod> Methods =>
    [
        new UnaryMethod<HealthCheckRequest, HealthCheckResponse>(Service, "Check", HealthCheckRequest.Parser, Check),
        new ServerStreamingMethod<HealthCheckRequest, HealthCheckResponse>(Service, "Watch", HealthCheckRequest.Parser, WatchAsync),
    ];

    private bool Knows(string service) => service.Length == 0 || services.Contains(service);

    private ValueTask<GrpcReply<HealthCheckResponse>> Check(GrpcCall call, HealthCheckRequest request) =>
        Knows(request.Service)
            ? new(new HealthCheckResponse { Status = Now() })
            : new(new GrpcStatus(GrpcCode.NotFound, "no such service: " + request.Service));

    private async ValueTask<GrpcStatus> WatchAsync(
        GrpcCall call, HealthCheckRequest request, ReplyStream<HealthCheckResponse> replies)
    {
        // An unknown service is answered, not refused: it may appear later (health-checking.md, "Watch").
        HealthCheckResponse.Types.ServingStatus now =
            Knows(request.Service) ? Now() : HealthCheckResponse.Types.ServingStatus.ServiceUnknown;
        await replies.WriteAsync(new HealthCheckResponse { Status = now }).ConfigureAwait(false);

        // Nothing changes until the shutdown, which ends this stream with UNAVAILABLE as it ends the connection.
        await Task.Delay(Timeout.Infinite, call.Cancelled).ConfigureAwait(false);
        return GrpcStatus.Ok;
    }

    private HealthCheckResponse.Types.ServingStatus Now() => stopping.IsCancellationRequested
        ? HealthCheckResponse.Types.ServingStatus.NotServing
        : HealthCheckResponse.Types.ServingStatus.Serving;
}
