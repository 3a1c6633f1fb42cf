using System.Net;
using System.Net.Http.Headers;
using SpikeBench.Core.Engine;

namespace SpikeBench.DriverBench;

/// <summary>The same calls by a plain <see cref="HttpClient"/>: one handler per connection, one task per outstanding call.</summary>
internal static class HttpBaseline
{
    private static readonly byte[] Message = [0, 0, 0, 0, 100, .. new byte[100]];

    public static async Task<Measurement> ClosedAsync(Uri target, int connections, int window, double warmSeconds, double seconds)
    {
        var uri = new Uri(target, "/spikebench.messenger.v1.Messenger/Send");
        using var stop = new CancellationTokenSource();
        long calls = 0;
        List<Task> tasks = [];
        HttpMessageInvoker[] clients = [.. Enumerable.Range(0, connections).Select(_ => new HttpMessageInvoker(new SocketsHttpHandler()))];
        foreach (HttpMessageInvoker client in clients)
        {
            for (int i = 0; i < window; i++)
            {
                tasks.Add(Task.Run(async () =>
                {
                    while (!stop.IsCancellationRequested)
                    {
                        await CallAsync(client, uri);
                        Interlocked.Increment(ref calls);
                    }
                }));
            }
        }

        await Task.Delay(TimeSpan.FromSeconds(warmSeconds));
        long before = Interlocked.Read(ref calls);
        long allocatedBefore = GC.GetTotalAllocatedBytes();
        var clock = new MonotonicClock();
        var cpu = new CpuMeter();
        await Task.Delay(TimeSpan.FromSeconds(seconds));
        double user = cpu.UserUs;
        double kernel = cpu.KernelUs;
        double elapsed = clock.NowNs / 1e9;
        double count = Interlocked.Read(ref calls) - before;
        long allocated = GC.GetTotalAllocatedBytes() - allocatedBefore;
        await stop.CancelAsync();
        await Task.WhenAll(tasks);
        Array.ForEach(clients, client => client.Dispose());
        return new Measurement
        {
            ["rate"] = count / elapsed,
            ["user_us"] = user / count,
            ["kernel_us"] = kernel / count,
            ["cpu_us"] = (user + kernel) / count,
            ["util"] = (user + kernel) / 1e6 / elapsed,
            ["alloc_bytes"] = allocated / count,
            ["rss_mb"] = Environment.WorkingSet / 1e6,
        };
    }

    private static async Task CallAsync(HttpMessageInvoker client, Uri uri)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, uri)
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent(Message),
        };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/grpc");
        request.Headers.TE.Add(new TransferCodingWithQualityHeaderValue("trailers"));
        request.Headers.Add("grpc-timeout", "10S");
        using HttpResponseMessage response = await client.SendAsync(request, CancellationToken.None);
        await response.Content.CopyToAsync(Stream.Null);
        if (!response.TrailingHeaders.TryGetValues("grpc-status", out IEnumerable<string>? status) || status.First() != "0")
        {
            throw new InvalidOperationException("The target did not answer with status 0.");
        }
    }
}
