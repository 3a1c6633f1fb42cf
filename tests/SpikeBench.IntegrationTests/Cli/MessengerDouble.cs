using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Globalization;
using System.IO.Compression;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace SpikeBench.IntegrationTests.Cli;

/// <summary>
/// A stand-in for the messenger on Kestrel that keeps what calls carried: every method answers message id 5, by gzip where that is
/// accepted, if it is asked to; and what a test wants to see refused it refuses.
/// </summary>
internal sealed class MessengerDouble : IAsyncDisposable
{
    private readonly WebApplication _app;

    private MessengerDouble(WebApplication app) => _app = app;

    /// <summary>The address that Kestrel listens at.</summary>
    public string Address => _app.Urls.First();

    public int Port => new Uri(Address).Port;

    /// <summary>What each call carried, in order of arrival.</summary>
    public ConcurrentQueue<SeenCall> Calls { get; } = [];

    /// <summary>The calls of one method.</summary>
    public IReadOnlyList<SeenCall> Of(string method) => [.. Calls.Where(c => c.Method == method)];

    /// <summary>Replies go packed.</summary>
    public bool PacksReplies { get; init; }

    /// <summary>The status that a method answers with; 0 for none.</summary>
    public Func<string, int> StatusOf { get; init; } = _ => 0;

    /// <summary>The answer of the Prometheus API; null: there is none here.</summary>
    public Func<HttpRequest, string>? Prometheus { get; init; }

    public static async Task<MessengerDouble> StartAsync(Action<KestrelServerOptions> listen, Func<MessengerDouble, MessengerDouble>? change = null)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(listen);
        WebApplication app = builder.Build();
        var made = new MessengerDouble(app);
        MessengerDouble target = change?.Invoke(made) ?? made;
        app.MapPost("/spikebench.messenger.v1.Messenger/{method}", (HttpContext http, string method) => target.AnswerAsync(http, method));
        app.MapPost("/grpc.health.v1.Health/Check", (HttpContext http) => Refuse(http, 12));
        app.MapGet("/api/v1/{what}", (HttpContext http) => http.Response.WriteAsync(target.Prometheus!(http.Request)));
        await app.StartAsync();
        return target;
    }

    /// <summary>The same server with other manners.</summary>
    public MessengerDouble With(bool packsReplies = false, Func<string, int>? statusOf = null, Func<HttpRequest, string>? prometheus = null) =>
        new(_app) { PacksReplies = packsReplies, StatusOf = statusOf ?? StatusOf, Prometheus = prometheus };

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource(TimeSpan.FromMilliseconds(200));
        try
        {
            await _app.StopAsync(now.Token);
        }
        catch (OperationCanceledException)
        {
            // Connections that a test still holds do not end by themselves.
        }

        await _app.DisposeAsync();
    }

    private async Task AnswerAsync(HttpContext http, string method)
    {
        using var body = new MemoryStream();
        await http.Request.Body.CopyToAsync(body);
        byte[] framed = body.ToArray();
        byte[] message = framed[0] == 0 ? framed[5..] : Unpack(framed[5..]);
        Calls.Enqueue(new SeenCall(method, http.Request.Headers.ToDictionary(h => h.Key, h => h.Value.ToString(), StringComparer.OrdinalIgnoreCase), message, framed[0] == 1, http.Request.Host.Value ?? ""));
        int status = StatusOf(method);
        if (status != 0)
        {
            await Refuse(http, status);
            return;
        }

        byte[] reply = [0x08, 5];
        bool pack = PacksReplies && http.Request.Headers["grpc-accept-encoding"].ToString().Contains("gzip", StringComparison.Ordinal);
        byte[] sent = pack ? Pack(reply) : reply;
        http.Response.ContentType = "application/grpc";
        if (pack)
        {
            http.Response.Headers["grpc-encoding"] = "gzip";
        }

        byte[] bytes = new byte[5 + sent.Length];
        bytes[0] = pack ? (byte)1 : (byte)0;
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(1), sent.Length);
        sent.CopyTo(bytes, 5);
        await http.Response.Body.WriteAsync(bytes);
        http.Response.AppendTrailer("grpc-status", "0");
    }

    private static Task Refuse(HttpContext http, int status)
    {
        http.Response.ContentType = "application/grpc";
        http.Response.Headers["grpc-status"] = status.ToString(CultureInfo.InvariantCulture);
        http.Response.Headers["grpc-message"] = "not%20today";
        return Task.CompletedTask;
    }

    private static byte[] Unpack(byte[] packed)
    {
        using var gzip = new GZipStream(new MemoryStream(packed), CompressionMode.Decompress);
        using var message = new MemoryStream();
        gzip.CopyTo(message);
        return message.ToArray();
    }

    private static byte[] Pack(byte[] message)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write(message);
        }

        return packed.ToArray();
    }
}

/// <summary>What one call carried.</summary>
internal sealed record SeenCall(string Method, IReadOnlyDictionary<string, string> Headers, byte[] Message, bool Packed, string Authority);
