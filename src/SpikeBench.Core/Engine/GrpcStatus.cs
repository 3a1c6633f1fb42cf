namespace SpikeBench.Core.Engine;

/// <summary>The gRPC status codes (grpc/grpc, doc/statuscodes.md) and their names, and one of our own.</summary>
public static class GrpcStatus
{
    public const byte Ok = 0;
    public const byte Cancelled = 1;
    public const byte Unknown = 2;
    public const byte DeadlineExceeded = 4;
    public const byte PermissionDenied = 7;
    public const byte ResourceExhausted = 8;
    public const byte Unimplemented = 12;
    public const byte Internal = 13;
    public const byte Unavailable = 14;
    public const byte Unauthenticated = 16;

    /// <summary>How many codes there are: 0 to 16.</summary>
    public const int Count = 17;

    /// <summary>Not gRPC's: the target answered OK, and its reply failed the operation's check. No target can send it.</summary>
    public const byte CheckFailed = 17;

    /// <summary>How many codes books have room for: gRPC's and ours.</summary>
    public const int BookedCount = 18;

    private static readonly string[] Names =
    [
        "OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND", "ALREADY_EXISTS", "PERMISSION_DENIED",
        "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION", "ABORTED", "OUT_OF_RANGE", "UNIMPLEMENTED", "INTERNAL", "UNAVAILABLE", "DATA_LOSS",
        "UNAUTHENTICATED", "CHECK_FAILED",
    ];

    /// <summary>The code's name as the gRPC documents write it; codes outside 0..17 are named UNKNOWN, as clients must treat them.</summary>
    public static string Name(int code) => (uint)code < BookedCount ? Names[code] : Names[Unknown];
}
