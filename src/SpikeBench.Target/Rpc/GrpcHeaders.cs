using System.Globalization;
using Microsoft.Extensions.Primitives;

namespace SpikeBench.Target.Rpc;

/// <summary>Header names and values of gRPC over HTTP/2, made once.</summary>
internal static class GrpcHeaders
{
    public const string Timeout = "grpc-timeout";
    public const string ContentTypePrefix = "application/grpc";

    public static readonly StringValues ContentType = ContentTypePrefix;

    public static readonly StringValues[] Codes =
        [.. Enumerable.Range(0, GrpcStatus.CodeCount).Select(code => new StringValues(code.ToString(CultureInfo.InvariantCulture)))];

    /// <summary>Whether a content type is gRPC's: the bare one, or one with a subtype or parameters, but not e.g. grpc-web.</summary>
    public static bool IsGrpc(string? contentType) =>
        contentType is not null
        && contentType.StartsWith(ContentTypePrefix, StringComparison.OrdinalIgnoreCase)
        && (contentType.Length == ContentTypePrefix.Length || contentType[ContentTypePrefix.Length] is '+' or ';');
}
