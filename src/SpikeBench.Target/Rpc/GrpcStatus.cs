namespace SpikeBench.Target.Rpc;

/// <summary>The status codes of gRPC (grpc/grpc doc/statuscodes.md); the numbers are the wire's.</summary>
public enum GrpcCode
{
    Ok = 0,
    Cancelled = 1,
    Unknown = 2,
    InvalidArgument = 3,
    DeadlineExceeded = 4,
    NotFound = 5,
    AlreadyExists = 6,
    PermissionDenied = 7,
    ResourceExhausted = 8,
    FailedPrecondition = 9,
    Aborted = 10,
    OutOfRange = 11,
    Unimplemented = 12,
    Internal = 13,
    Unavailable = 14,
    DataLoss = 15,
    Unauthenticated = 16,
}

/// <summary>How a call ended, as the caller is told.</summary>
public readonly record struct GrpcStatus(GrpcCode Code, string? Message = null)
{
    public const int CodeCount = (int)GrpcCode.Unauthenticated + 1;

    public static GrpcStatus Ok => default;

    public bool IsOk => Code == GrpcCode.Ok;
}

/// <summary>What a unary or client-streaming handler answers: a message, or the status that says why there is none.</summary>
public readonly record struct GrpcReply<TReply>(TReply? Message, GrpcStatus Status)
    where TReply : class
{
    public static implicit operator GrpcReply<TReply>(TReply message) => new(message, GrpcStatus.Ok);

    public static implicit operator GrpcReply<TReply>(GrpcStatus status) => new(null, status);
}

/// <summary>Ends a call with a status from any depth. For protocol errors; overload answers by value, which costs no stack walk.</summary>
public sealed class GrpcException(GrpcCode code, string message) : Exception(message)
{
    public GrpcStatus Status => new(code, Message);
}
