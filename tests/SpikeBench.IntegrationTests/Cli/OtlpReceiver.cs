using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace SpikeBench.IntegrationTests.Cli;

/// <summary>A receiver of OTLP over HTTP that keeps every request and reads protocol buffers by the specification alone.</summary>
internal sealed class OtlpReceiver : IDisposable
{
    private readonly HttpListener _listener = new();
    private readonly ConcurrentQueue<byte[]> _requests = new();

    public OtlpReceiver()
    {
        var free = new TcpListener(IPAddress.Loopback, 0);
        free.Start();
        int port = ((IPEndPoint)free.LocalEndpoint).Port;
        free.Stop();
        Address = $"http://127.0.0.1:{port}";
        _listener.Prefixes.Add(Address + "/");
        _listener.Start();
        _ = Task.Run(ListenAsync);
    }

    public string Address { get; }

    public IReadOnlyList<byte[]> Requests => [.. _requests];

    public void Dispose() => _listener.Close();

    /// <summary>Numbers of sums by metric name and the values of phase, operation and outcome, joined by dots.</summary>
    public static IReadOnlyDictionary<string, long> Sums(byte[] request) => Metrics(request)
        .Where(m => m.Has(7))
        .SelectMany(m => m.Child(7).All(1).Select(point => (
            Key: string.Join('.', Place(point, 7).Prepend(m.Text(1))),
            Value: (long)point.Number(6))))
        .ToDictionary(p => p.Key, p => p.Value);

    /// <summary>Count, and zero count plus all bucket counts, of exponential histograms.</summary>
    public static IReadOnlyDictionary<string, (long Count, long InBuckets, long Scale)> Histograms(byte[] request) => Metrics(request)
        .Where(m => m.Has(10))
        .SelectMany(m => m.Child(10).All(1).Select(point => (
            Key: string.Join('.', Place(point, 1).Prepend(m.Text(1))),
            Value: ((long)point.Number(4), (long)point.Number(7) + point.Child(8).Packed(2).Sum(), (long)(point.Number(6) >> 1)))))
        .ToDictionary(p => p.Key, p => p.Value);

    /// <summary>The resource's attributes.</summary>
    public static IReadOnlyDictionary<string, string> Resource(byte[] request) =>
        new Message(request).Child(1).Child(1).All(1).ToDictionary(a => a.Text(1), a => a.Child(2).Text(1));

    private static IEnumerable<Message> Metrics(byte[] request) => new Message(request).Child(1).Child(2).All(2);

    private static IEnumerable<string> Place(Message point, int attributes) => point.All(attributes).Select(a => a.Child(2).Text(1));

    private async Task ListenAsync()
    {
        while (_listener.IsListening)
        {
            HttpListenerContext context = await _listener.GetContextAsync();
            using var body = new MemoryStream();
            await context.Request.InputStream.CopyToAsync(body);
            bool right = context.Request is { HttpMethod: "POST", ContentType: "application/x-protobuf" } && context.Request.Url!.AbsolutePath == "/v1/metrics";
            if (right)
            {
                _requests.Enqueue(body.ToArray());
            }

            context.Response.StatusCode = right ? 200 : 400;
            context.Response.Close();
        }
    }

    /// <summary>A message's fields in order: number, plain value, bytes.</summary>
    private sealed class Message
    {
        private readonly List<(int Field, ulong Value, byte[] Bytes)> _fields = [];

        public Message(byte[] bytes)
        {
            for (int at = 0; at < bytes.Length;)
            {
                ulong tag = Varint(bytes, ref at);
                ulong value = 0;
                byte[] content = [];
                switch (tag & 7)
                {
                    case 0:
                        value = Varint(bytes, ref at);
                        break;
                    case 1:
                        value = BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(at));
                        at += 8;
                        break;
                    case 2:
                        int length = (int)Varint(bytes, ref at);
                        content = bytes[at..(at + length)];
                        at += length;
                        break;
                    default:
                        throw new FormatException($"wire type {tag & 7}");
                }

                _fields.Add(((int)(tag >> 3), value, content));
            }
        }

        public bool Has(int field) => _fields.Any(f => f.Field == field);

        public ulong Number(int field) => _fields.Single(f => f.Field == field).Value;

        public string Text(int field) => Encoding.UTF8.GetString(_fields.Single(f => f.Field == field).Bytes);

        public Message Child(int field) => new(_fields.Single(f => f.Field == field).Bytes);

        public IReadOnlyList<Message> All(int field) => [.. _fields.Where(f => f.Field == field).Select(f => new Message(f.Bytes))];

        public IEnumerable<long> Packed(int field)
        {
            byte[] bytes = _fields.Single(f => f.Field == field).Bytes;
            for (int at = 0; at < bytes.Length;)
            {
                yield return (long)Varint(bytes, ref at);
            }
        }

        private static ulong Varint(byte[] bytes, ref int at)
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
}
