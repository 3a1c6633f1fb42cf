using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using SpikeBench.Core.Engine;
using SpikeBench.Grpc.Calls;

namespace SpikeBench.Grpc.Http;

/// <summary>How a call over <see cref="HttpConnection"/> ended, with the reply message where there is one.</summary>
internal readonly record struct HttpOutcome(byte Status, Failure Failure, ReadOnlyMemory<byte> Reply);

/// <summary>One HTTP/2 connection: a handler of its own, kept from opening a second one.</summary>
internal sealed class HttpConnection : IDisposable
{
    private const int PrefixLength = 5;

    private static readonly MediaTypeHeaderValue ContentType = new("application/grpc");

    private readonly HttpMessageInvoker _invoker;
    private readonly Uri _target;
    private readonly string _runId;

    public HttpConnection(CallPlan plan)
    {
        _target = plan.Target;
        _runId = plan.RunId;
        _invoker = new HttpMessageInvoker(new SocketsHttpHandler
        {
            EnableMultipleHttp2Connections = false,
            ConnectTimeout = plan.ConnectTimeout,
            PooledConnectionIdleTimeout = Timeout.InfiniteTimeSpan,
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,
            ActivityHeadersPropagator = null,
        });
    }

    /// <summary>Calls in flight; the lane's thread counts.</summary>
    public int InFlight { get; set; }

    /// <summary>Makes one unary call. What the target answers is an outcome; what keeps it from answering is an exception.</summary>
    public async Task<HttpOutcome> CallAsync(string path, GrpcContent content, string timeout, CancellationToken cancel)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(_target, path))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = content.NewContent(ContentType),
        };
        request.Headers.TryAddWithoutValidation("te", "trailers");
        request.Headers.TryAddWithoutValidation("grpc-timeout", timeout);
        request.Headers.TryAddWithoutValidation("x-spikebench-run", _runId);
        using HttpResponseMessage response = await _invoker.SendAsync(request, cancel).ConfigureAwait(false);
        byte[] body = await response.Content.ReadAsByteArrayAsync(cancel).ConfigureAwait(false);
        return Read(response, body);
    }

    public void Dispose() => _invoker.Dispose();

    private static HttpOutcome Read(HttpResponseMessage response, byte[] body)
    {
        if (response.StatusCode != HttpStatusCode.OK)
        {
            return new HttpOutcome(StatusMapping.FromHttp((int)response.StatusCode), Failure.Protocol, default);
        }

        if (response.Content.Headers.ContentType?.MediaType?.StartsWith("application/grpc", StringComparison.Ordinal) != true)
        {
            return new HttpOutcome(GrpcStatus.Unknown, Failure.Protocol, default);
        }

        // Trailers-only replies carry the status as a header (grpc/grpc, doc/PROTOCOL-HTTP2.md, "Responses").
        string? text = StatusOf(response.TrailingHeaders) ?? StatusOf(response.Headers);
        if (!byte.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out byte status) || status >= GrpcStatus.Count)
        {
            return new HttpOutcome(GrpcStatus.Unknown, Failure.Protocol, default);
        }

        if (status != GrpcStatus.Ok)
        {
            return new HttpOutcome(status, StatusMapping.FailureOf(status), default);
        }

        // 1 byte compressed flag, 4 bytes length, message: a unary reply is exactly one, and we offered no compression.
        bool whole = body.Length >= PrefixLength && body[0] == 0
            && System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(body.AsSpan(1)) == body.Length - PrefixLength;
        return whole
            ? new HttpOutcome(GrpcStatus.Ok, Failure.None, body.AsMemory(PrefixLength))
            : new HttpOutcome(GrpcStatus.Internal, Failure.Protocol, default);
    }

    private static string? StatusOf(HttpHeaders headers) =>
        headers.NonValidated.TryGetValues("grpc-status", out HeaderStringValues values) ? values.ToString() : null;
}

/// <summary>A request message with its gRPC prefix, encoded once and sent any number of times.</summary>
internal sealed class GrpcContent
{
    private const int PrefixLength = 5;

    private readonly byte[] _framed;

    public GrpcContent(ReadOnlySpan<byte> message)
    {
        _framed = new byte[PrefixLength + message.Length];
        System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(_framed.AsSpan(1), (uint)message.Length);
        message.CopyTo(_framed.AsSpan(PrefixLength));
    }

    /// <summary>What each call writes over its copy. (default: nothing)</summary>
    public IReadOnlyList<MessagePatch> Patches { get; init; } = [];

    /// <summary>An empty message.</summary>
    public static GrpcContent Empty { get; } = new([]);

    /// <summary>The message of one call: this one, or a copy with the call's own values in their places.</summary>
    public GrpcContent ForCall(long arrival, long unixNs)
    {
        if (Patches.Count == 0)
        {
            return this;
        }

        var own = new GrpcContent(_framed.AsSpan(PrefixLength));
        foreach (MessagePatch patch in Patches)
        {
            patch.Write(own._framed.AsSpan(PrefixLength), arrival, unixNs);
        }

        return own;
    }

    public HttpContent NewContent(MediaTypeHeaderValue contentType)
    {
        var content = new ByteArrayContent(_framed);
        content.Headers.ContentType = contentType;
        return content;
    }
}
