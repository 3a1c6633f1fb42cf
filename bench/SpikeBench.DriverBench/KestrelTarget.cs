using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace SpikeBench.DriverBench;

/// <summary>The smallest gRPC answer that Kestrel can give: reads the request, writes a fixed message.</summary>
internal static class KestrelTarget
{
    private static readonly byte[] Message = [0, 0, 0, 0, 20, .. "Happy new year, 2020"u8];

    public static void Run()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(
            kestrel => kestrel.Listen(System.Net.IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2));
        WebApplication app = builder.Build();
        app.Run(AnswerAsync);
        app.StartAsync().GetAwaiter().GetResult();
        Console.WriteLine(app.Urls.First());
        Thread.Sleep(Timeout.Infinite);
    }

    private static async Task AnswerAsync(HttpContext http)
    {
        await http.Request.Body.CopyToAsync(Stream.Null);
        http.Response.ContentType = "application/grpc";
        await http.Response.Body.WriteAsync(Message);
        http.Response.AppendTrailer("grpc-status", "0");
    }
}
