using System.Buffers.Binary;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace SpikeBench.IntegrationTests.Target;

/// <summary>How a raw call ended: HTTP's status, gRPC's if there was one, whether it came as trailers-only, and the messages.</summary>
internal sealed record RawReply(HttpStatusCode Http, int? Status, string Message, bool TrailersOnly, IReadOnlyList<byte[]> Messages);

/// <summary>What the target holds: calls, connections, feeds, busy slots and queue of its first pool; and the memory beside it.</summary>
internal sealed record TargetGauges(ulong OpenCalls, ulong Connections, ulong FollowedFeeds, ulong Busy, ulong Queued)
{
    public long ManagedBytes { get; init; }
}

/// <summary>gRPC by hand over HttpClient: it can also say what no real client would.</summary>
internal sealed class RawGrpcClient : IDisposable
{
    public const string Messenger = "/spikebench.messenger.v1.Messenger/";

    private readonly HttpClient _http;

    public RawGrpcClient(Uri address, SocketsHttpHandler? handler = null)
    {
        _http = new HttpClient(handler ?? new SocketsHttpHandler { EnableMultipleHttp2Connections = true })
        {
            BaseAddress = address,
            DefaultRequestVersion = HttpVersion.Version20,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Timeout = TimeSpan.FromSeconds(60),
        };
    }

    /// <summary>Calls with one well-formed message.</summary>
    public Task<RawReply> CallAsync(string path, byte[] message, string? timeout = null) =>
        PostAsync(path, Frame(message), timeout is null ? [] : [("grpc-timeout", timeout)]);

    public Task<RawReply> SendAsync(string text, ulong room = 1, string? timeout = null, string key = "") =>
        CallAsync(Messenger + "Send", SendRequest("ann", room, text, key), timeout);

    /// <summary>Posts any bytes as any content type.</summary>
    public async Task<RawReply> PostAsync(
        string path, byte[] body, (string Name, string Value)[]? headers = null, string contentType = "application/grpc", string method = "POST")
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path)
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = method == "GET" ? null : new ByteArrayContent(body),
        };
        if (request.Content is not null)
        {
            request.Content.Headers.ContentType = new MediaTypeHeaderValue(contentType);
        }

        request.Headers.TryAddWithoutValidation("te", "trailers");
        foreach ((string name, string value) in headers ?? [])
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        using HttpResponseMessage response = await _http.SendAsync(request);
        byte[] replies = await response.Content.ReadAsByteArrayAsync();
        bool trailersOnly = response.Headers.TryGetValues("grpc-status", out IEnumerable<string>? status);
        if (!trailersOnly)
        {
            response.TrailingHeaders.TryGetValues("grpc-status", out status);
        }

        HttpHeaders place = trailersOnly ? response.Headers : response.TrailingHeaders;
        string message = place.TryGetValues("grpc-message", out IEnumerable<string>? messages) ? messages.Single() : string.Empty;
        int? code = status is null ? null : int.Parse(status.Single(), System.Globalization.CultureInfo.InvariantCulture);
        return new RawReply(response.StatusCode, code, Uri.UnescapeDataString(message), trailersOnly, Split(replies));
    }

    /// <summary>The target's truth by its admin call.</summary>
    public async Task<JsonElement> TruthAsync()
    {
        RawReply reply = await CallAsync("/spikebench.messenger.v1.Admin/Truth", []);
        reply.Status.ShouldBe(0);
        using JsonDocument json = JsonDocument.Parse(Field(reply.Messages.Single(), 1).Bytes);
        return json.RootElement.Clone();
    }

    /// <summary>What the target holds now, its garbage collected.</summary>
    public async Task<TargetGauges> GaugesAsync()
    {
        RawReply reply = await CallAsync("/spikebench.messenger.v1.Admin/Gauges", Number(1, 1));
        reply.Status.ShouldBe(0);
        byte[] gauges = reply.Messages.Single();
        byte[] pool = Field(gauges, 7).Bytes;
        return new TargetGauges(
            Field(gauges, 1).Value, Field(gauges, 2).Value, Field(gauges, 3).Value, Field(pool, 3).Value, Field(pool, 4).Value)
        {
            ManagedBytes = (long)Field(gauges, 4).Value,
        };
    }

    public void Dispose() => _http.Dispose();

    public static byte[] Frame(byte[] message, byte flag = 0)
    {
        byte[] frame = new byte[5 + message.Length];
        frame[0] = flag;
        BinaryPrimitives.WriteUInt32BigEndian(frame.AsSpan(1), (uint)message.Length);
        message.CopyTo(frame, 5);
        return frame;
    }

    public static byte[] SendRequest(string sender, ulong room, string text, string key = "") =>
        [.. Text(1, sender), .. Number(2, room), .. Text(3, text), .. Text(4, key)];

    public static byte[] Number(int field, ulong value) => [(byte)(field << 3), .. Varint(value)];

    public static byte[] Text(int field, string value)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(value);
        return bytes.Length == 0 ? [] : [(byte)((field << 3) | 2), .. Varint((ulong)bytes.Length), .. bytes];
    }

    /// <summary>Finds a field of wire type 0 or 2.</summary>
    public static (ulong Value, byte[] Bytes) Field(byte[] message, int wanted)
    {
        int at = 0;
        while (at < message.Length)
        {
            ulong key = ReadVarint(message, ref at);
            ulong value = ReadVarint(message, ref at);
            byte[] bytes = [];
            if ((key & 7) == 2)
            {
                bytes = message[at..(at + (int)value)];
                at += (int)value;
            }

            if ((int)(key >> 3) == wanted)
            {
                return (value, bytes);
            }
        }

        return (0, []);
    }

    private static List<byte[]> Split(byte[] replies)
    {
        var messages = new List<byte[]>();
        for (int at = 0; at < replies.Length;)
        {
            int length = (int)BinaryPrimitives.ReadUInt32BigEndian(replies.AsSpan(at + 1));
            messages.Add(replies[(at + 5)..(at + 5 + length)]);
            at += 5 + length;
        }

        return messages;
    }

    private static byte[] Varint(ulong value)
    {
        var bytes = new List<byte>();
        for (; value >= 0x80; value >>= 7)
        {
            bytes.Add((byte)(value | 0x80));
        }

        bytes.Add((byte)value);
        return [.. bytes];
    }

    private static ulong ReadVarint(byte[] bytes, ref int at)
    {
        ulong value = 0;
        for (int shift = 0; ; shift += 7)
        {
            byte b = bytes[at++];
            value |= (ulong)(b & 0x7F) << shift;
            if (b < 0x80)
            {
                return value;
            }
        }
    }
}
