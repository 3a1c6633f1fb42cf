using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Xunit.Abstractions;

namespace SpikeBench.IntegrationTests.Target;

/// <summary>What no decent client sends. The target answers by the book, keeps its books and goes on.</summary>
[Collection(MachineToItself.Name)]
public sealed class HostileRequestTests(ITestOutputHelper output)
{
    private const string Send = RawGrpcClient.Messenger + "Send";
    private const string Upload = RawGrpcClient.Messenger + "Upload";
    private const string Sync = RawGrpcClient.Messenger + "Sync";
    private const int Internal = 13;

    // An object's header alone is 16 bytes, and no call is less than a few objects.
    private const long LeastLeakBytes = 64;

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

    /// <summary>
    /// Resets of calls whole and half, of bad and oversize prefixes and of live streams, on connections that are then half closed: as many
    /// as make a leak of one object per call stand out of what pools and buffers keep.
    /// </summary>
    [Fact]
    public async Task Ten_thousand_resets_leave_the_target_as_it_was()
    {
        const int Resets = 10_000;
        await using TargetRun target = await TargetRun.StartAsync("--store", "memory", "--slots", "2", "--service", "1us", "--max-message", "1000");
        using var client = new RawGrpcClient(target.Address);
        (await client.SendAsync("before")).Status.ShouldBe(0);
        AbuseWith(target.Address, Resets / 2);
        TargetGauges before = await SettledAsync(client);
        int handlesBefore = target.OpenHandles();
        before.ShouldBe(before with { OpenCalls = 0, Connections = 1, FollowedFeeds = 0, Busy = 0, Queued = 0 });

        // A pool of buffers may grow once; a leak grows every time.
        const int Tries = 3;
        var growth = new List<long>();
        while (growth.Count < Tries && growth.LastOrDefault(long.MaxValue) >= Resets * LeastLeakBytes)
        {
            AbuseWith(target.Address, Resets);
            TargetGauges after = await SettledAsync(client);
            (after with { ManagedBytes = 0 }).ShouldBe(before with { ManagedBytes = 0 });
            target.OpenHandles().ShouldBeLessThanOrEqualTo(handlesBefore);
            growth.Add(after.ManagedBytes - before.ManagedBytes);
            before = after;
        }

        output.WriteLine($"{Resets} resets, managed memory {string.Join(", then ", growth)} bytes more, {before.ManagedBytes} in all");
        growth[^1].ShouldBeLessThan(Resets * LeastLeakBytes);

        (await client.SendAsync("still there")).Status.ShouldBe(0);
        await ShouldBalanceAsync(client);
        (int exit, _) = await target.StopAsync();
        exit.ShouldBe(0);
    }

    /// <summary>The gauges once no call is open and no connection but the asking one; after 30 s, whatever they are.</summary>
    private static async Task<TargetGauges> SettledAsync(RawGrpcClient client)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (true)
        {
            TargetGauges now = await client.GaugesAsync();
            if ((now.OpenCalls == 0 && now.Connections == 1 && now.Busy + now.Queued == 0) || limit.IsCancellationRequested)
            {
                return now;
            }

            await Task.Delay(20);
        }
    }

    private static void AbuseWith(Uri address, int resets)
    {
        for (int sent = 0; sent < resets;)
        {
            // Kestrel may well end a connection that resets so much; then the next one goes on.
            int before = sent;
            sent += ResetStreams(address, sent, Math.Min(2_000, resets - sent));
            sent.ShouldBeGreaterThan(before, "the target takes connections no more");
        }
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

    private static int ResetStreams(Uri address, int first, int count)
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
                (string path, byte[] body, bool whole) = HostileCall(first + sent);
                stream.Write([.. RawHttp2.Headers(id, path), .. RawHttp2.Data(id, body, whole), .. RawHttp2.Reset(id)]);
                while (stream.DataAvailable)
                {
                    _ = stream.Read(sink);
                }
            }

            // The last stream stays open, and only our half of the connection is closed.
            stream.Write([.. RawHttp2.Headers((2 * sent) + 1, Upload), .. RawHttp2.Data((2 * sent) + 1, [0, 0, 0])]);
            tcp.Client.Shutdown(SocketShutdown.Send);
        }
        catch (IOException)
        {
            // The target hung up: its right.
        }

        return sent;
    }

    private static (string Path, byte[] Body, bool Whole) HostileCall(int number) => (number % 5) switch
    {
        0 => (Send, RawGrpcClient.Frame(RawGrpcClient.SendRequest("ann", 1, "hi")), true),
        1 => (Send, [0, 0, 0], false),
        2 => (Send, [7, 0, 0, 0, 1, 0], false),
        3 => (Upload, [0, 255, 255, 255, 255], false),
        _ => (Sync, RawGrpcClient.Frame([.. RawGrpcClient.Number(1, (ulong)number), .. RawGrpcClient.Number(4, 1)]), true),
    };

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

        public static byte[] Data(int stream, byte[] bytes, bool end = false) => Frame(type: 0, flags: end ? (byte)1 : (byte)0, stream, bytes);

        public static byte[] Reset(int stream) => Frame(type: 3, flags: 0, stream, [0, 0, 0, 8]);

        private static byte[] Frame(byte type, byte flags, int stream, byte[] payload) =>
        [
            (byte)(payload.Length >> 16), (byte)(payload.Length >> 8), (byte)payload.Length, type, flags,
            (byte)(stream >> 24), (byte)(stream >> 16), (byte)(stream >> 8), (byte)stream, .. payload,
        ];
    }
}
