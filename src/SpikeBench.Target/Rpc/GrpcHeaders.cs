using System.Globalization;
using Microsoft.Extensions.Primitives;

namespace SpikeBench.Target.Rpc;

/// <summary>Header names and values of gRPC over HTTP/2, made once.</summary>
internal static class GrpcHeaders
{
    public const string Timeout = "grpc-timeout";
    public const string Encoding = "grpc-encoding";
    public const string AcceptEncoding = "grpc-accept-encoding";
    public const string GzipName = "gzip";
    public const string ContentTypePrefix = "application/grpc";

    public static readonly StringValues ContentType = ContentTypePrefix;
    public static readonly StringValues GzipEncoding = GzipName;
    public static readonly StringValues Accepted = "identity,gzip";

    public static readonly StringValues[] Codes =
        [.. Enumerable.Range(0, GrpcStatus.CodeCount).Select(code => new StringValues(code.ToString(CultureInfo.InvariantCulture)))];

    /// <summary>Whether a content type is gRPC's: the bare one, or one with a subtype or parameters, but not e.g. grpc-web.</summary>
    public static bool IsGrpc(string? contentType) =>
        contentType is not null
        && contentType.StartsWith(ContentTypePrefix, StringComparison.OrdinalIgnoreCase)
        && (contentType.Length == ContentTypePrefix.Length || contentType[ContentTypePrefix.Length] is '+' or ';');

    /// <summary>Whether a list such as <c>identity, gzip</c> names gzip.</summary>
    public static bool NamesGzip(StringValues list)
    {
        foreach (string? line in list)
        {
            foreach (Range part in line.AsSpan().Split(','))
            {
                if (line.AsSpan()[part].Trim().SequenceEqual(GzipName))
                {
                    return true;
                }
            }
        }

        return false;
    }
}
