using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;

// The yardstick: the smallest ASP.NET Core server whose answer a gRPC client takes. It reads the request to its end and writes the
// same reply for each; no message is parsed, stored or made.
WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
{
    kestrel.AddServerHeader = false;
    kestrel.Limits.Http2.MaxStreamsPerConnection = 1000;
    kestrel.Limits.Http2.InitialConnectionWindowSize = 16 * 1024 * 1024;
    kestrel.Limits.Http2.InitialStreamWindowSize = 1024 * 1024;
    kestrel.Limits.MinRequestBodyDataRate = null;
    kestrel.Limits.MinResponseDataRate = null;
    kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2);
});
WebApplication app = builder.Build();
byte[] reply = [0, 0, 0, 0, 9, 0x08, 0x01, 0x10, 0xE0, 0xD4, 0xA5, 0x80, 0x98, 0x34];
app.Run(async context =>
{
    PipeReader body = context.Request.BodyReader;
    while (true)
    {
        ReadResult read = await body.ReadAsync().ConfigureAwait(false);
        body.AdvanceTo(read.Buffer.End);
        if (read.IsCompleted)
        {
            break;
        }
    }

    context.Response.ContentType = "application/grpc";
    context.Response.BodyWriter.Write(reply);
    context.Response.AppendTrailer("grpc-status", "0");
});
await app.StartAsync().ConfigureAwait(false);
await Console.Out.WriteLineAsync("listening " + app.Urls.First()).ConfigureAwait(false);
while (Console.In.Read() >= 0)
{
}

await app.StopAsync().ConfigureAwait(false);
