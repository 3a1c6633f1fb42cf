using SpikeBench.Core.Engine;
using SpikeBench.Grpc.Http2;

namespace SpikeBench.Grpc.Calls;

/// <summary>How answers that are no gRPC status become one, as gRPC's documents lay down.</summary>
internal static class StatusMapping
{
    /// <summary>The status for a reply without <c>grpc-status</c> (grpc/grpc, doc/http-grpc-status-mapping.md).</summary>
    public static byte FromHttp(int httpStatus) => httpStatus switch
    {
        400 => GrpcStatus.Internal,
        401 => GrpcStatus.Unauthenticated,
        403 => GrpcStatus.PermissionDenied,
        404 => GrpcStatus.Unimplemented,
        429 or 502 or 503 or 504 => GrpcStatus.Unavailable,
        _ => GrpcStatus.Unknown,
    };

    /// <summary>The status for RST_STREAM (grpc/grpc, doc/PROTOCOL-HTTP2.md, "Errors").</summary>
    public static byte FromReset(Http2ErrorCode code) => code switch
    {
        Http2ErrorCode.RefusedStream => GrpcStatus.Unavailable,
        Http2ErrorCode.Cancel => GrpcStatus.Cancelled,
        Http2ErrorCode.EnhanceYourCalm => GrpcStatus.ResourceExhausted,
        Http2ErrorCode.InadequateSecurity => GrpcStatus.PermissionDenied,
        _ => GrpcStatus.Internal,
    };

    /// <summary>Who is to blame for a status that the target sent itself.</summary>
    public static Failure FailureOf(byte status) => status switch
    {
        GrpcStatus.Ok => Failure.None,
        GrpcStatus.DeadlineExceeded => Failure.Timeout,
        _ => Failure.Status,
    };
}
