using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using SpikeBench.Core.Engine;
using SpikeBench.Grpc.Calls;

namespace SpikeBench.Grpc.Http;

/// <summary>How a call over <see cref="HttpConnection"/> ended, with the reply message where there is one.</summary>
internal readonly record struct HttpOutcome(byte Status, Failure Failure, ReadOnlyMemory<byte> Reply)
{
    /// <summary>The target's <c>grpc-message</c>; null without one.</summary>
    public string? Message { get; init; }
}

/// <summary>Which call it is: its message's number in the pool, its place in the plan, and the wall time in nanoseconds since 1970.</summary>
internal readonly record struct CallPlace(int Payload, long Arrival, long UnixNs);

/// <summary>One HTTP/2 connection: a handler of its own, kept from opening a second one.</summary>
internal sealed class HttpConnection : IDisposable
{
    private static readonly MediaTypeHeaderValue ContentType = new("application/grpc");

    private readonly HandlerFactory _factory;
    private readonly string _runId;
    private readonly CallToken? _token;
    private readonly MessageCompression _compression;
    private readonly int _maxReplyLength;
    private HttpMessageInvoker _invoker;

    /// <param name="factory">Makes its handler.</param>
    /// <param name="plan">What all calls have in common.</param>
    /// <param name="to">One of the target's addresses; null leaves the choice to the name.</param>
    public HttpConnection(HandlerFactory factory, CallPlan plan, IPEndPoint? to = null)
    {
        _factory = factory;
        _runId = plan.RunId;
        _token = plan.Token;
        _compression = plan.Compression;
        _maxReplyLength = plan.MaxReplyLength;
        To = to;
        _invoker = new HttpMessageInvoker(factory.Create(to, Allowance));
    }

    /// <summary>The address that it keeps to; null where the name decides.</summary>
    public IPEndPoint? To { get; private set; }

    /// <summary>Calls in flight; the lane's thread counts.</summary>
    public int InFlight { get; set; }

    /// <summary>What its peer allows at once.</summary>
    public StreamAllowance Allowance { get; } = new();

    /// <summary>One more call would be sent and not kept waiting inside the client.</summary>
    public bool HasStream => InFlight < Math.Min(HttpDriver.MostStreams, Allowance.Streams);

    /// <summary>
    /// Makes one unary call. What the target answers is an outcome; what keeps it from answering is an exception.
    /// </summary>
    /// <param name="path">The HTTP/2 path.</param>
    /// <param name="content">The request message.</param>
    /// <param name="timeout">As <c>grpc-timeout</c> has it.</param>
    /// <param name="metadata">Custom metadata.</param>
    /// <param name="place">Which of its values go with the message.</param>
    /// <param name="cancel">Resets the stream.</param>
    public async Task<HttpOutcome> CallAsync(
        string path, GrpcContent content, string timeout, IReadOnlyList<PlannedMetadata> metadata, CallPlace place, CancellationToken cancel)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(_factory.Location.Base, path))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = content.NewContent(ContentType),
        };
        request.Headers.TryAddWithoutValidation("te", "trailers");
        request.Headers.TryAddWithoutValidation("grpc-timeout", timeout);
        request.Headers.TryAddWithoutValidation("x-spikebench-run", _runId);
        if (_compression != MessageCompression.None)
        {
            request.Headers.TryAddWithoutValidation("grpc-accept-encoding", "identity,gzip");
            if (content.IsPacked)
            {
                request.Headers.TryAddWithoutValidation("grpc-encoding", "gzip");
            }
        }

        if (_token is { } token)
        {
            request.Headers.TryAddWithoutValidation(token.Header, token.Value);
        }

        foreach (PlannedMetadata field in metadata)
        {
            request.Headers.TryAddWithoutValidation(field.Name, field.ValueFor(place.Payload, place.Arrival, place.UnixNs));
        }

        using HttpResponseMessage response = await Volatile.Read(ref _invoker).SendAsync(request, cancel).ConfigureAwait(false);
        ReadOnlyMemory<byte>? body = await LimitedBody.ReadAsync(response.Content, GrpcContent.PrefixLength + _maxReplyLength, cancel).ConfigureAwait(false);
        return body is { } whole ? Read(response, whole) : new HttpOutcome(GrpcStatus.ResourceExhausted, Failure.Protocol, default);
    }

    /// <summary>Keeps to another address from now on; calls under way end where they are.</summary>
    /// <param name="to">The address.</param>
    /// <param name="drain">How long they may take.</param>
    public async Task MoveAsync(IPEndPoint to, TimeSpan drain)
    {
        HttpMessageInvoker old = Interlocked.Exchange(ref _invoker, new HttpMessageInvoker(_factory.Create(to, Allowance)));
        To = to;
        await Task.Delay(drain).ConfigureAwait(false);
        old.Dispose();
    }

    public void Dispose() => _invoker.Dispose();

    private HttpOutcome Read(HttpResponseMessage response, ReadOnlyMemory<byte> body)
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
        HttpHeaders trailers = ValueOf(response.TrailingHeaders, "grpc-status") is null ? response.Headers : response.TrailingHeaders;
        if (!byte.TryParse(ValueOf(trailers, "grpc-status"), NumberStyles.None, CultureInfo.InvariantCulture, out byte status) || status >= GrpcStatus.Count)
        {
            return new HttpOutcome(GrpcStatus.Unknown, Failure.Protocol, default);
        }

        if (status != GrpcStatus.Ok)
        {
            return new HttpOutcome(status, StatusMapping.FailureOf(status), default) { Message = Uri.UnescapeDataString(ValueOf(trailers, "grpc-message") ?? "") };
        }

        // 1 byte compressed flag, 4 bytes length, message: a unary reply is exactly one.
        ReadOnlySpan<byte> bytes = body.Span;
        bool whole = bytes.Length >= GrpcContent.PrefixLength
            && System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(bytes[1..]) == bytes.Length - GrpcContent.PrefixLength;
        return !whole ? new HttpOutcome(GrpcStatus.Internal, Failure.Protocol, default)
            : bytes[0] == 0 ? new HttpOutcome(GrpcStatus.Ok, Failure.None, body[GrpcContent.PrefixLength..])
            : Unpack(ValueOf(response.Headers, "grpc-encoding"), bytes[GrpcContent.PrefixLength..]);
    }

    private HttpOutcome Unpack(string? encoding, ReadOnlySpan<byte> packed)
    {
        if (_compression == MessageCompression.None || encoding != "gzip")
        {
            return new HttpOutcome(GrpcStatus.Internal, Failure.Protocol, default);
        }

        return GzipMessages.Unpack(packed, _maxReplyLength, out byte[] message) switch
        {
            UnpackResult.Done => new HttpOutcome(GrpcStatus.Ok, Failure.None, message),
            UnpackResult.TooLarge => new HttpOutcome(GrpcStatus.ResourceExhausted, Failure.Protocol, default),
            _ => new HttpOutcome(GrpcStatus.Internal, Failure.Protocol, default),
        };
    }

    private static string? ValueOf(HttpHeaders headers, string name) =>
        headers.NonValidated.TryGetValues(name, out HeaderStringValues values) ? values.ToString() : null;
}

/// <summary>A request message with its gRPC prefix, encoded once and sent any number of times.</summary>
internal sealed class GrpcContent
{
    public const int PrefixLength = 5;

    // As it is before it is packed, where each call packs its own.
    private readonly byte[]? _unpacked;

    private readonly byte[] _framed;

    /// <param name="message">The encoded message.</param>
    /// <param name="pack">Compresses it by gzip.</param>
    public GrpcContent(ReadOnlySpan<byte> message, bool pack = false)
    {
        ReadOnlySpan<byte> sent = pack ? GzipMessages.Pack(message) : message;
        _unpacked = pack ? message.ToArray() : null;
        IsPacked = pack;
        _framed = new byte[PrefixLength + sent.Length];
        _framed[0] = pack ? (byte)1 : (byte)0;
        System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(_framed.AsSpan(1), (uint)sent.Length);
        sent.CopyTo(_framed.AsSpan(PrefixLength));
    }

    /// <summary>What each call writes over its copy. (default: nothing)</summary>
    public IReadOnlyList<MessagePatch> Patches { get; init; } = [];

    /// <summary>An empty message.</summary>
    public static GrpcContent Empty { get; } = new([]);

    public bool IsPacked { get; }

    /// <summary>The message of one call: this one, or a copy with the call's own values in their places.</summary>
    public GrpcContent ForCall(long arrival, long unixNs)
    {
        if (Patches.Count == 0)
        {
            return this;
        }

        byte[] own = _unpacked is { } unpacked ? [.. unpacked] : _framed[PrefixLength..];
        foreach (MessagePatch patch in Patches)
        {
            patch.Write(own, arrival, unixNs);
        }

        return new GrpcContent(own, IsPacked);
    }

    public HttpContent NewContent(MediaTypeHeaderValue contentType)
    {
        var content = new ByteArrayContent(_framed);
        content.Headers.ContentType = contentType;
        return content;
    }
}
