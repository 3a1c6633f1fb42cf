using System.Net.Http.Headers;
using System.Threading.Channels;

namespace SpikeBench.Cli.Metrics;

/// <summary>
/// Posts export requests in the background. A receiver that is slow or gone never holds the run up: the oldest request waiting gives way
/// to the newest, which says everything that it said.
/// </summary>
internal sealed class OtlpSender : IDisposable
{
    private const int Waiting = 4;
    private const int LastTries = 3;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private static readonly MediaTypeHeaderValue Protobuf = new("application/x-protobuf");

    private readonly Uri _endpoint;
    private readonly HttpClient _client = new() { Timeout = Patience };
    private readonly Channel<byte[]> _requests = Channel.CreateBounded<byte[]>(new BoundedChannelOptions(Waiting) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });
    private readonly Task _posting;
    private byte[]? _last;
    private string? _complaint;

    public OtlpSender(Uri endpoint)
    {
        _endpoint = endpoint;
        _posting = Task.Run(PostAllAsync);
    }

    /// <summary>Hands a request over; never waits.</summary>
    public void Post(byte[] request) => _requests.Writer.TryWrite(request);

    /// <summary>Waits until what was handed over is posted; the last request is tried again when it failed.</summary>
    /// <returns>Why the last request did not get through; null when it did.</returns>
    public async Task<string?> FinishAsync()
    {
        _requests.Writer.TryComplete();
        await _posting.ConfigureAwait(false);
        for (int tries = 1; _complaint is not null && _last is not null && tries < LastTries; tries++)
        {
            await PostAsync(_last).ConfigureAwait(false);
        }

        return _complaint;
    }

    public void Dispose()
    {
        _requests.Writer.TryComplete();
        _client.Dispose();
    }

    private async Task PostAllAsync()
    {
        await foreach (byte[] request in _requests.Reader.ReadAllAsync().ConfigureAwait(false))
        {
            _last = request;
            await PostAsync(request).ConfigureAwait(false);
        }
    }

    private async Task PostAsync(byte[] request)
    {
        try
        {
            using var content = new ByteArrayContent(request);
            content.Headers.ContentType = Protobuf;
            using HttpResponseMessage response = await _client.PostAsync(_endpoint, content).ConfigureAwait(false);
            _complaint = response.IsSuccessStatusCode ? null : $"the receiver answered {(int)response.StatusCode}.";
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
        {
            _complaint = e is HttpRequestException ? e.Message : $"no answer within {Patience.TotalSeconds:0} s.";
        }
    }
}
