using System.Buffers.Binary;
using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace SpikeBench.IntegrationTests.Grpc;

/// <summary>A gRPC service by hand on Kestrel, on a free loopback port: the first peer that is not ours.</summary>
internal sealed class KestrelTarget : IAsyncDisposable
{
    private readonly WebApplication _app;
    private int _echoed;

    private KestrelTarget(WebApplication app) => _app = app;

    public required Uri Address { get; init; }

    /// <summary>Echo calls that reached the handler.</summary>
    public int Echoed => Volatile.Read(ref _echoed);

    /// <summary>Headers of the last echo call.</summary>
    public IHeaderDictionary LastHeaders { get; private set; } = new HeaderDictionary();

    public static async Task<KestrelTarget> StartAsync(
        HttpProtocols protocols = HttpProtocols.Http2, Action<KestrelServerOptions>? configure = null)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(System.Net.IPAddress.Loopback, 0, listen => listen.Protocols = protocols);
            configure?.Invoke(kestrel);
        });
        WebApplication app = builder.Build();
        KestrelTarget? target = null;
        app.MapPost("/test.Target/Echo", http => target!.EchoAsync(http));
        app.MapPost("/test.Target/Grow", GrowAsync);
        app.MapPost("/test.Target/Refuse", Refuse);
        app.MapPost("/test.Target/Late", LateAsync);
        app.MapPost("/test.Target/Hang", HangAsync);
        app.MapPost("/test.Target/Decide", DecideAsync);
        app.MapPost("/grpc.health.v1.Health/Check", Refuse);
        app.MapPost("/test.Target/NotGrpc", http => http.Response.WriteAsync("hello"));
        await app.StartAsync();
        string address = app.Urls.First();
        target = new KestrelTarget(app) { Address = new Uri(address) };
        return target;
    }

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource(TimeSpan.FromMilliseconds(200));
        try
        {
            await _app.StopAsync(now.Token);
        }
        catch (OperationCanceledException)
        {
            // Calls that hang on purpose do not end by themselves.
        }

        await _app.DisposeAsync();
    }

    private async Task EchoAsync(HttpContext http)
    {
        byte[] message = await ReadMessageAsync(http);
        Interlocked.Increment(ref _echoed);
        LastHeaders = http.Request.Headers;
        await ReplyAsync(http, message);
    }

    // The request's first four bytes say how long the reply shall be.
    private static async Task GrowAsync(HttpContext http)
    {
        byte[] message = await ReadMessageAsync(http);
        await ReplyAsync(http, new byte[BinaryPrimitives.ReadInt32BigEndian(message)]);
    }

    // The request's first byte is the status to answer with.
    private static async Task DecideAsync(HttpContext http)
    {
        byte[] message = await ReadMessageAsync(http);
        if (message[0] == 0)
        {
            await ReplyAsync(http, message);
            return;
        }

        http.Response.ContentType = "application/grpc";
        http.Response.Headers["grpc-status"] = message[0].ToString(CultureInfo.InvariantCulture);
    }

    // Trailers-only: grpc-status as a header of a response without a body.
    private static Task Refuse(HttpContext http)
    {
        http.Response.ContentType = "application/grpc";
        http.Response.Headers["grpc-status"] = "5";
        http.Response.Headers["grpc-message"] = "no%20such r%C3%B8m";
        return Task.CompletedTask;
    }

    private static async Task LateAsync(HttpContext http)
    {
        byte[] message = await ReadMessageAsync(http);
        await Task.Delay(message[0], http.RequestAborted);
        await ReplyAsync(http, message);
    }

    private static async Task HangAsync(HttpContext http)
    {
        await ReadMessageAsync(http);
        await Task.Delay(Timeout.Infinite, http.RequestAborted);
    }

    private static async Task<byte[]> ReadMessageAsync(HttpContext http)
    {
        using var body = new MemoryStream();
        await http.Request.Body.CopyToAsync(body);
        byte[] bytes = body.ToArray();
        int length = BinaryPrimitives.ReadInt32BigEndian(bytes.AsSpan(1));
        length.ShouldBe(bytes.Length - 5, string.Create(CultureInfo.InvariantCulture, $"the prefix of a message of {bytes.Length} bytes"));
        return bytes[5..];
    }

    private static async Task ReplyAsync(HttpContext http, byte[] message)
    {
        http.Response.ContentType = "application/grpc";
        byte[] framed = new byte[5 + message.Length];
        BinaryPrimitives.WriteInt32BigEndian(framed.AsSpan(1), message.Length);
        message.CopyTo(framed, 5);
        await http.Response.Body.WriteAsync(framed);
        http.Response.AppendTrailer("grpc-status", "0");
    }
}
