using System.Buffers.Binary;
using System.Globalization;
using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using SpikeBench.Core;
using SpikeBench.Core.Engine;
using SpikeBench.Grpc.Calls;

namespace SpikeBench.Grpc.Exchange;

/// <summary>
/// Single calls of any kind over one HTTP/2 connection, with everything that came back: for looking at a target, not for load. All
/// requests are sent, then the replies are read to the end.
/// </summary>
/// <param name="http">The connection.</param>
/// <param name="address">Scheme and authority of the calls.</param>
/// <param name="clock">Times what happens.</param>
public sealed class GrpcExchange(HttpMessageInvoker http, Uri address, IClock clock)
{
    private const int PrefixLength = 5;

    /// <summary>Metadata of every call: names and values as they go over the wire. (default: none)</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Metadata { get; init; } = [];

    /// <summary>How long one call may take, connecting included. (default: 10 s)</summary>
    public TimeSpan Deadline { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The largest reply message that is taken, in bytes. (default: 4 MiB)</summary>
    public int MaxReplyBytes { get; init; } = 4 * 1024 * 1024;

    /// <summary>Offers to read replies that are compressed by gzip. (default: false)</summary>
    public bool AcceptsGzip { get; init; }

    /// <summary>Compresses requests by gzip. (default: false)</summary>
    public bool PacksRequests { get; init; }

    /// <summary>Makes one call.</summary>
    /// <param name="path">The HTTP/2 path, <c>/package.Service/Method</c>.</param>
    /// <param name="messages">The encoded requests; one for a unary call.</param>
    /// <param name="cancel">Gives up.</param>
    /// <returns>What came back. A deadline that passed after the connection was made is a status like any other.</returns>
    /// <exception cref="HttpRequestException">There is no connection, or it broke before the headers came.</exception>
    /// <exception cref="TimeoutException">The deadline passed before the headers came.</exception>
    /// <exception cref="TargetException">What answered is HTTP/2 and not gRPC.</exception>
    public async Task<GrpcReply> CallAsync(string path, IReadOnlyList<byte[]> messages, CancellationToken cancel)
    {
        long startNs = clock.NowNs;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(Deadline);
        using HttpRequestMessage request = Request(path, messages);
        using HttpResponseMessage response = await HeadersAsync(request, limit.Token, cancel).ConfigureAwait(false);
        var reply = new GrpcReply { Headers = Fields(response.Headers, response.Content.Headers), FirstByteNs = clock.NowNs - startNs };
        if (response.StatusCode != HttpStatusCode.OK)
        {
            return reply with { Status = StatusMapping.FromHttp((int)response.StatusCode), StatusMessage = $"the target answered HTTP {(int)response.StatusCode}, not gRPC", TotalNs = reply.FirstByteNs };
        }

        if (response.Content.Headers.ContentType?.MediaType?.StartsWith("application/grpc", StringComparison.Ordinal) != true)
        {
            throw new TargetException($"{address} answers HTTP/2 but not gRPC: its content type is {response.Content.Headers.ContentType?.MediaType ?? "none"}; check the address and the port");
        }

        var replies = new List<byte[]>();
        string? broken = await ReadAsync(response, replies, limit.Token, cancel).ConfigureAwait(false);
        return Finish(reply with { Messages = replies, TotalNs = clock.NowNs - startNs }, response, broken);
    }

    private HttpRequestMessage Request(string path, IReadOnlyList<byte[]> messages)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, new Uri(address, path))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent(Framed(messages)) { Headers = { ContentType = new MediaTypeHeaderValue("application/grpc") } },
        };
        request.Headers.TryAddWithoutValidation("te", "trailers");
        request.Headers.TryAddWithoutValidation("grpc-timeout", string.Create(CultureInfo.InvariantCulture, $"{Math.Clamp(Deadline.TotalMilliseconds, 1, 99_999_999):0}m"));
        if (PacksRequests)
        {
            request.Headers.TryAddWithoutValidation("grpc-encoding", "gzip");
        }

        if (AcceptsGzip)
        {
            request.Headers.TryAddWithoutValidation("grpc-accept-encoding", "identity,gzip");
        }

        foreach ((string name, string value) in Metadata)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return request;
    }

    private async Task<HttpResponseMessage> HeadersAsync(HttpRequestMessage request, CancellationToken limit, CancellationToken cancel)
    {
        try
        {
            return await http.SendAsync(request, limit).ConfigureAwait(false);
        }
        catch (OperationCanceledException e) when (!cancel.IsCancellationRequested)
        {
            throw new TimeoutException($"no answer within {Deadline.TotalSeconds:0.#} s", e);
        }
    }

    /// <summary>Reads messages to the end of the reply.</summary>
    /// <returns>Why it did not come to a good end; null when it did.</returns>
    private async Task<string?> ReadAsync(HttpResponseMessage response, List<byte[]> replies, CancellationToken limit, CancellationToken cancel)
    {
        string? encoding = Value(response.Headers, "grpc-encoding");
        var prefix = new byte[PrefixLength];
        try
        {
            using Stream body = await response.Content.ReadAsStreamAsync(limit).ConfigureAwait(false);
            while (true)
            {
                int read = await body.ReadAtLeastAsync(prefix, PrefixLength, throwOnEndOfStream: false, limit).ConfigureAwait(false);
                if (read < PrefixLength)
                {
                    return read == 0 ? null : "the reply ended in the middle of a message";
                }

                uint length = BinaryPrimitives.ReadUInt32BigEndian(prefix.AsSpan(1));
                if (length > MaxReplyBytes)
                {
                    return $"a reply of {length} bytes is above the {MaxReplyBytes} that are taken";
                }

                var message = new byte[length];
                await body.ReadExactlyAsync(message, limit).ConfigureAwait(false);
                replies.Add(prefix[0] == 0 ? message : Unpacked(message, encoding));
            }
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return GrpcReply.DeadlinePassed;
        }
        catch (Exception e) when (e is HttpRequestException or IOException or InvalidDataException)
        {
            return $"the reply broke off: {e.Message}";
        }
    }

    private byte[] Unpacked(byte[] message, string? encoding)
    {
        if (encoding != "gzip")
        {
            throw new InvalidDataException($"it is compressed by {encoding ?? "nothing that it names"}, which was not offered");
        }

        using var unpack = new GZipStream(new MemoryStream(message), CompressionMode.Decompress);
        var bytes = new byte[MaxReplyBytes + 1];
        int length = unpack.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        return length <= MaxReplyBytes ? bytes[..length] : throw new InvalidDataException($"unpacked it is above the {MaxReplyBytes} bytes that are taken");
    }

    private GrpcReply Finish(GrpcReply reply, HttpResponseMessage response, string? broken)
    {
        // A reply without messages may carry its status in the headers (grpc/grpc, doc/PROTOCOL-HTTP2.md, "Responses").
        HttpHeaders last = Value(response.TrailingHeaders, "grpc-status") is null ? response.Headers : response.TrailingHeaders;
        GrpcReply whole = reply with { Trailers = Fields(response.TrailingHeaders) };
        if (broken is not null)
        {
            byte status = broken == GrpcReply.DeadlinePassed ? GrpcStatus.DeadlineExceeded : GrpcStatus.Internal;
            return whole with { Status = status, StatusMessage = broken == GrpcReply.DeadlinePassed ? $"no end within {Deadline.TotalSeconds:0.#} s" : broken, EndedByUs = true };
        }

        return byte.TryParse(Value(last, "grpc-status"), NumberStyles.None, CultureInfo.InvariantCulture, out byte given)
            ? whole with { Status = given, StatusMessage = Uri.UnescapeDataString(Value(last, "grpc-message") ?? "") }
            : whole with { Status = GrpcStatus.Unknown, StatusMessage = "the reply ended without grpc-status" };
    }

    /// <summary>Before each message 1 byte that says whether it is compressed, and 4 of its length.</summary>
    private byte[] Framed(IReadOnlyList<byte[]> given)
    {
        IReadOnlyList<byte[]> messages = PacksRequests ? [.. given.Select(m => GzipMessages.Pack(m))] : given;
        var framed = new byte[messages.Sum(m => PrefixLength + m.Length)];
        int at = 0;
        foreach (byte[] message in messages)
        {
            framed[at] = PacksRequests ? (byte)1 : (byte)0;
            BinaryPrimitives.WriteUInt32BigEndian(framed.AsSpan(at + 1), (uint)message.Length);
            message.CopyTo(framed.AsSpan(at + PrefixLength));
            at += PrefixLength + message.Length;
        }

        return framed;
    }

    private static List<KeyValuePair<string, string>> Fields(params HttpHeaders[] headers) =>
        [.. headers.SelectMany(h => h.NonValidated).SelectMany(h => h.Value.Select(v => KeyValuePair.Create(h.Key.ToLowerInvariant(), v)))];

    private static string? Value(HttpHeaders headers, string name) =>
        headers.NonValidated.TryGetValues(name, out HeaderStringValues values) ? values.ToString() : null;
}

/// <summary>All that came back from one call.</summary>
public sealed record GrpcReply
{
    internal const string DeadlinePassed = "deadline";

    /// <summary>0 to 16, or what the target made up.</summary>
    public byte Status { get; init; }

    /// <summary>In the target's words, or ours.</summary>
    public string StatusMessage { get; init; } = "";

    /// <summary>The status is ours: the target sent none.</summary>
    public bool EndedByUs { get; init; }

    public IReadOnlyList<KeyValuePair<string, string>> Headers { get; init; } = [];

    public IReadOnlyList<KeyValuePair<string, string>> Trailers { get; init; } = [];

    /// <summary>The encoded reply messages.</summary>
    public IReadOnlyList<byte[]> Messages { get; init; } = [];

    /// <summary>From the call's start, connecting included, to its headers.</summary>
    public long FirstByteNs { get; init; }

    /// <summary>From the call's start to its end.</summary>
    public long TotalNs { get; init; }
}
