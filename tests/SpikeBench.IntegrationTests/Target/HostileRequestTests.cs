using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace SpikeBench.IntegrationTests.Target;

/// <summary>What no decent client sends. The target answers by the book, keeps its books and goes on.</summary>
[Collection(TargetProcesses.Name)]
public sealed class HostileRequestTests
{
    private const string Send = RawGrpcClient.Messenger + "Send";
    private const string Upload = RawGrpcClient.Messenger + "Upload";
    private const int Internal = 13;

    [Fact]
    public async Task Malformed_requests_get_the_status_that_the_protocol_names()
    {
        await using TargetRun target = await TargetRun.StartAsync("--store", "memory", "--max-message", "1000");
        using var client = new RawGrpcClient(target.Address);
        byte[] good = RawGrpcClient.SendRequest("ann", 1, "hi");
        byte[] frame = RawGrpcClient.Frame(good);

        (await client.PostAsync(Send, RawGrpcClient.Frame(good, flag: 7))).Status.ShouldBe(Internal, "a flag of 7");
        (await client.PostAsync(Send, RawGrpcClient.Frame(good, flag: 1))).Status.ShouldBe(Internal, "compressed, but no encoding named");
        (await client.PostAsync(Send, RawGrpcClient.Frame(good, flag: 1), [("grpc-encoding", "snappy")])).Status.ShouldBe(12, "snappy");
        (await client.PostAsync(Send, RawGrpcClient.Frame(good, flag: 1), [("grpc-encoding", "gzip")])).Status.ShouldBe(Internal, "not gzip");
        (await client.PostAsync(Send, [])).Status.ShouldBe(Internal, "no message");
        (await client.PostAsync(Send, frame[..^2])).Status.ShouldBe(Internal, "half a message");
        (await client.PostAsync(Send, [.. frame, .. frame])).Status.ShouldBe(Internal, "two messages");
        (await client.PostAsync(Send, RawGrpcClient.Frame([0xFF, 0xFF, 0xFF]))).Status.ShouldBe(Internal, "not protobuf");
        (await client.PostAsync(Upload, frame[..3])).Status.ShouldBe(Internal, "a stream that ends within a prefix");
        (await client.PostAsync(Send, RawGrpcClient.Frame(new byte[1001]))).Status.ShouldBe(8, "over the limit");
        (await client.PostAsync(Send, [0, 255, 255, 255, 255])).Status.ShouldBe(8, "4 GiB announced");
        (await client.PostAsync(Send, frame, [("grpc-timeout", "soon")])).Status.ShouldBe(Internal, "a timeout that is none");
        RawReply unknown = await client.PostAsync("/no.Such/Method", frame);
        (unknown.Http, unknown.Status, unknown.TrailersOnly).ShouldBe((HttpStatusCode.OK, 12, true));
        (await client.PostAsync(Send, frame, contentType: "application/json")).Http.ShouldBe(HttpStatusCode.UnsupportedMediaType);
        (await client.PostAsync(Send, frame, contentType: "application/grpc-web")).Http.ShouldBe(HttpStatusCode.UnsupportedMediaType);
        (await client.PostAsync(Send, frame, method: "PUT")).Http.ShouldBe(HttpStatusCode.MethodNotAllowed);
        (await client.PostAsync(Send, frame, contentType: "application/grpc+proto")).Status.ShouldBe(0);
        await ShouldBalanceAsync(client);
    }

    [Fact]
    public async Task Ten_thousand_resets_leave_no_call_open()
    {
        await using TargetRun target = await TargetRun.StartAsync("--store", "memory", "--slots", "2", "--service", "1us");
        int sent = 0;
        while (sent < 10_000)
        {
            // Kestrel may well end a connection that resets so much; then the next one goes on.
            int before = sent;
            sent += ResetStreams(target.Address, Math.Min(2_000, 10_000 - sent));
            sent.ShouldBeGreaterThan(before, "the target takes connections no more");
        }

        using var client = new RawGrpcClient(target.Address);
        (await client.SendAsync("still there")).Status.ShouldBe(0);
        await ShouldBalanceAsync(client);
        (int exit, _) = await target.StopAsync();
        exit.ShouldBe(0);
    }

    [Fact]
    public async Task Half_closed_connections_leave_no_call_open()
    {
        await using TargetRun target = await TargetRun.StartAsync("--store", "memory");
        for (int i = 0; i < 20; i++)
        {
            using TcpClient tcp = Connect(target.Address);
            NetworkStream stream = tcp.GetStream();
            stream.Write(RawHttp2.Preface);
            stream.Write(RawHttp2.Headers(1, Upload));
            stream.Write(RawHttp2.Data(1, [0, 0, 0]));
            tcp.Client.Shutdown(SocketShutdown.Send);
        }

        using var client = new RawGrpcClient(target.Address);
        (await client.SendAsync("still there")).Status.ShouldBe(0);
        await ShouldBalanceAsync(client);
    }

    /// <summary>Every call that began has ended, and no job is left in a pool.</summary>
    private static async Task ShouldBalanceAsync(RawGrpcClient client)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (true)
        {
            JsonElement truth = await client.TruthAsync();
            long open = 0;
            foreach (JsonProperty method in truth.GetProperty("methods").EnumerateObject().Where(m => !m.Name.Contains("Admin", StringComparison.Ordinal)))
            {
                open += method.Value.GetProperty("received").GetInt64() - method.Value.GetProperty("ok").GetInt64()
                    - method.Value.GetProperty("rejected").EnumerateObject().Sum(r => r.Value.GetInt64());
            }

            open += truth.GetProperty("pools").EnumerateObject()
                .Sum(p => p.Value.GetProperty("busy").GetInt64() + p.Value.GetProperty("queued").GetInt64());
            if (open == 0)
            {
                return;
            }

            limit.IsCancellationRequested.ShouldBeFalse($"{open} calls or jobs are still open");
            await Task.Delay(20);
        }
    }

    private static TcpClient Connect(Uri address)
    {
        var tcp = new TcpClient { NoDelay = true };
        tcp.Connect(IPAddress.Loopback, address.Port);
        return tcp;
    }

    private static int ResetStreams(Uri address, int count)
    {
        using TcpClient tcp = Connect(address);
        NetworkStream stream = tcp.GetStream();
        stream.ReadTimeout = 20;
        byte[] sink = new byte[64 * 1024];
        int sent = 0;
        try
        {
            stream.Write(RawHttp2.Preface);
            for (; sent < count; sent++)
            {
                int id = (2 * sent) + 1;
                stream.Write([.. RawHttp2.Headers(id, Send), .. RawHttp2.Data(id, RawGrpcClient.Frame(RawGrpcClient.SendRequest("ann", 1, "hi"))),
                    .. RawHttp2.Reset(id)]);
                while (stream.DataAvailable)
                {
                    _ = stream.Read(sink);
                }
            }
        }
        catch (IOException)
        {
            // The target hung up: its right.
        }

        return sent;
    }

    /// <summary>Frames by hand (RFC 9113, 4.1): length 24, type 8, flags 8, stream 31.</summary>
    private static class RawHttp2
    {
        public static byte[] Preface { get; } = [.. "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8, .. Frame(type: 4, flags: 0, stream: 0, [])];

        public static byte[] Headers(int stream, string path) => Frame(type: 1, flags: 4, stream,
        [
            0x83, 0x86, // :method POST, :scheme http from the static table (RFC 7541, appendix A)
            0x04, (byte)path.Length, .. Encoding.ASCII.GetBytes(path),
            0x01, 1, (byte)'x',
            0x0F, 0x10, 16, .. "application/grpc"u8,
            0x00, 2, .. "te"u8, 8, .. "trailers"u8,
        ]);

        public static byte[] Data(int stream, byte[] bytes) => Frame(type: 0, flags: 0, stream, bytes);

        public static byte[] Reset(int stream) => Frame(type: 3, flags: 0, stream, [0, 0, 0, 8]);

        private static byte[] Frame(byte type, byte flags, int stream, byte[] payload) =>
        [
            (byte)(payload.Length >> 16), (byte)(payload.Length >> 8), (byte)payload.Length, type, flags,
            (byte)(stream >> 24), (byte)(stream >> 16), (byte)(stream >> 8), (byte)stream, .. payload,
        ];
    }
}
