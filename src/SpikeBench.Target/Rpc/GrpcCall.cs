using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.IO.Pipelines;
using Google.Protobuf;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using SpikeBench.Target.Hosting;

namespace SpikeBench.Target.Rpc;

/// <summary>
/// One call on one HTTP/2 stream, on Kestrel's features directly: no HttpContext is made. Kestrel keeps the object with the stream
/// and both are used again, so every field is set anew by <see cref="Begin"/>.
/// </summary>
internal sealed class GrpcCall(IClock clock, RpcOptions options) : IDisposable
{
    private static readonly GrpcStatus TooLate = new(GrpcCode.DeadlineExceeded, "the deadline passed");
    private static readonly GrpcStatus ShuttingDown = new(GrpcCode.Unavailable, "the server is shutting down");

    // Nobody reads this one, but the books do.
    private static readonly GrpcStatus Gone = new(GrpcCode.Cancelled, "the caller has gone");

    private IFeatureCollection _features = null!;
    private PipeReader? _body;
    private PipeWriter? _replies;
    private List<(string Name, string Value)>? _trailers;
    private CancellationTokenSource? _cancel;
    private bool _cancelIsSet;
    private CancellationTokenRegistration _aborted;
    private CancellationTokenRegistration _stopping;
    private int _frameBytes;

    public IHttpRequestFeature Request { get; private set; } = null!;

    public IHttpResponseFeature Response { get; private set; } = null!;

    public GrpcMethod? Method { get; set; }

    public long ArrivalNs { get; private set; }

    /// <summary>When the caller gives up; <see cref="long.MaxValue"/> without a grpc-timeout.</summary>
    public long DeadlineNs { get; set; }

    /// <summary>Whether reply bytes went out: then the status can only be trailers.</summary>
    public bool HasReplied => _replies is not null;

    /// <summary>Whether the message read last came compressed.</summary>
    public bool WasCompressed { get; private set; }

    /// <summary>
    /// Whether the next reply is gzipped although it is short, if the caller accepts gzip. The header that says so goes out with the
    /// first reply: set it to either value before that one when any reply of the stream shall be.
    /// </summary>
    public bool? Compress { get; set; }

    /// <summary>The status of a call that <see cref="Cancelled"/> ended, by what ended it.</summary>
    public GrpcStatus CancelledStatus =>
        clock.NowNs >= DeadlineNs ? TooLate
        : Aborted.IsCancellationRequested ? Gone
        : options.Stopping.IsCancellationRequested ? ShuttingDown
        : TooLate;

    /// <summary>Ends when the caller cancels or its deadline passes. Made on first use: most calls never wait.</summary>
    public CancellationToken Cancelled
    {
        get
        {
            if (!_cancelIsSet)
            {
                _cancelIsSet = true;
                _cancel ??= new CancellationTokenSource();
                _aborted = Aborted.UnsafeRegister(static state => ((CancellationTokenSource)state!).Cancel(), _cancel);
                if (Method!.IsStreaming)
                {
                    _stopping = options.Stopping.UnsafeRegister(static state => ((CancellationTokenSource)state!).Cancel(), _cancel);
                }

                if (DeadlineNs != long.MaxValue)
                {
                    // A deadline may be told late, never early: rounded up, and one more, since the timer's own clock ticks in
                    // whole milliseconds and may be almost one ahead. 2^31 ms is the timer's longest.
                    long leftMs = 1 + ((Math.Max(0, DeadlineNs - clock.NowNs) + 999_999) / 1_000_000);
                    _cancel.CancelAfter((int)Math.Min(leftMs, int.MaxValue - 1));
                }
            }

            return _cancel!.Token;
        }
    }

    /// <summary>
    /// The same for a read, which Kestrel itself ends when the stream is: without deadline or shutdown to watch for, none.
    /// </summary>
    private CancellationToken ReadCancelled =>
        DeadlineNs == long.MaxValue && !Method!.IsStreaming ? CancellationToken.None : Cancelled;

    /// <summary>Ends when the stream is reset or its connection lost.</summary>
    private CancellationToken Aborted => _features.Get<IHttpRequestLifetimeFeature>()!.RequestAborted;

    public void Begin(IFeatureCollection features)
    {
        _features = features;
        Request = features.Get<IHttpRequestFeature>()!;
        Response = features.Get<IHttpResponseFeature>()!;
        _body = null;
        _replies = null;
        _trailers = null;
        Method = null;
        WasCompressed = false;
        Compress = null;
        ArrivalNs = clock.NowNs;
        DeadlineNs = long.MaxValue;
    }

    /// <summary>Ends this call, not the object: Kestrel's stream may bring it the next one.</summary>
    public void Dispose()
    {
        _aborted.Dispose();
        _aborted = default;
        _stopping.Dispose();
        _stopping = default;
        if (_cancelIsSet)
        {
            // With its timer it is the dearest thing of a call that waits: kept for the next one unless it has fired.
            _cancelIsSet = false;
            if (!_cancel!.TryReset())
            {
                _cancel.Dispose();
                _cancel = null;
            }
        }
    }

    /// <summary>Reads the one message of a request that has already come whole; false when some of it is still under way.</summary>
    public bool TryReadOnly<T>(MessageParser<T> parser, [NotNullWhen(true)] out T? message)
        where T : class, IMessage<T>
    {
        message = null;
        PipeReader body = Body();
        if (!body.TryRead(out ReadResult read))
        {
            return false;
        }

        ReadOnlySequence<byte> buffer = read.Buffer;
        if (!read.IsCompleted)
        {
            body.AdvanceTo(buffer.Start, buffer.Start);
            return false;
        }

        message = ParseOnly(parser, ref buffer);
        body.AdvanceTo(buffer.End);
        return true;
    }

    /// <summary>Reads the one message of a request, waiting for the caller's half-close.</summary>
    public async ValueTask<T> ReadOnlyAsync<T>(MessageParser<T> parser)
        where T : class, IMessage<T>
    {
        PipeReader body = Body();
        while (true)
        {
            ReadResult read = await body.ReadAsync(ReadCancelled).ConfigureAwait(false);
            ReadOnlySequence<byte> buffer = read.Buffer;
            if (read.IsCompleted)
            {
                T message = ParseOnly(parser, ref buffer);
                body.AdvanceTo(buffer.End);
                return message;
            }

            // Looked at now, so that a bad or oversized prefix fails before its body is waited for.
            ReadOnlySequence<byte> rest = buffer;
            _ = MessageFrame.TryRead(ref rest, options.MaxMessageBytes, out _, out _);
            body.AdvanceTo(buffer.Start, buffer.End);
        }
    }

    /// <summary>Reads the next message of a stream; null once the caller has half-closed.</summary>
    public async ValueTask<T?> ReadNextAsync<T>(MessageParser<T> parser)
        where T : class, IMessage<T>
    {
        PipeReader body = Body();
        while (true)
        {
            ReadResult read = await body.ReadAsync(ReadCancelled).ConfigureAwait(false);
            ReadOnlySequence<byte> buffer = read.Buffer;
            if (MessageFrame.TryRead(ref buffer, options.MaxMessageBytes, out bool compressed, out ReadOnlySequence<byte> bytes))
            {
                T message = Parse(parser, compressed, bytes);
                body.AdvanceTo(buffer.Start);
                return message;
            }

            if (read.IsCompleted)
            {
                if (!buffer.IsEmpty)
                {
                    throw new GrpcException(GrpcCode.Internal, "the stream ended within a message");
                }

                body.AdvanceTo(buffer.End);
                return null;
            }

            body.AdvanceTo(buffer.Start, buffer.End);
        }
    }

    /// <summary>Buffers one reply; it goes out with the trailers or at the next flush.</summary>
    public void Write(IMessage message)
    {
        _replies ??= Replies();
        int length = message.CalculateSize();
        if ((Compress == true || length >= options.GzipFromBytes) && Response.Headers.ContainsKey(GrpcHeaders.Encoding))
        {
            byte[] packed = Gzip.Pack(message.ToByteArray());
            Span<byte> frame = Frame(packed.Length, compressed: true);
            packed.CopyTo(frame);
        }
        else
        {
            message.WriteTo(Frame(length, compressed: false));
        }

        _replies.Advance(_frameBytes);
    }

    /// <summary>Sends what is buffered and waits for flow control.</summary>
    public async ValueTask FlushAsync()
    {
        await _replies!.FlushAsync(Cancelled).ConfigureAwait(false);

        // A flush on a reset stream just returns.
        Cancelled.ThrowIfCancellationRequested();
    }

    /// <summary>Sends the response's headers ahead of the first reply.</summary>
    public async ValueTask SendHeadersAsync()
    {
        _replies ??= Replies();
        await FlushAsync().ConfigureAwait(false);
    }

    /// <summary>Adds metadata that goes with the status, wherever that goes.</summary>
    public void AddTrailer(string name, string value) => (_trailers ??= []).Add((name, value));

    /// <summary>Puts the status where the protocol wants it: into the trailers, or into the header of a call without replies.</summary>
    public void WriteStatus(GrpcStatus status)
    {
        IHeaderDictionary place;
        if (HasReplied)
        {
            place = _features.Get<IHttpResponseTrailersFeature>()!.Trailers;
        }
        else
        {
            // Trailers-only: trailers appended to an empty body would be two HEADERS frames.
            place = Response.Headers;
            place.ContentType = GrpcHeaders.ContentType;
        }

        place.GrpcStatus = GrpcHeaders.Codes[(int)status.Code];
        if (!string.IsNullOrEmpty(status.Message))
        {
            place.GrpcMessage = PercentText.Encode(status.Message);
        }

        if (_trailers is not null)
        {
            foreach ((string name, string value) in _trailers)
            {
                place.Append(name, value);
            }
        }
    }

    private Span<byte> Frame(int length, bool compressed)
    {
        _frameBytes = MessageFrame.PrefixLength + length;
        Span<byte> frame = _replies!.GetSpan(_frameBytes)[.._frameBytes];
        MessageFrame.WritePrefix(frame, compressed, length);
        return frame[MessageFrame.PrefixLength..];
    }

    private PipeReader Body() => _body ??= _features.Get<IRequestBodyPipeFeature>()!.Reader;

    private PipeWriter Replies()
    {
        IHeaderDictionary headers = Response.Headers;
        headers.ContentType = GrpcHeaders.ContentType;
        if ((Compress is not null || options.GzipFromBytes != int.MaxValue)
            && GrpcHeaders.NamesGzip(Request.Headers[GrpcHeaders.AcceptEncoding]))
        {
            headers[GrpcHeaders.Encoding] = GrpcHeaders.GzipEncoding;
        }

        return _features.Get<IHttpResponseBodyFeature>()!.Writer;
    }

    private T ParseOnly<T>(MessageParser<T> parser, ref ReadOnlySequence<byte> buffer)
        where T : class, IMessage<T>
    {
        if (!MessageFrame.TryRead(ref buffer, options.MaxMessageBytes, out bool compressed, out ReadOnlySequence<byte> bytes))
        {
            throw new GrpcException(GrpcCode.Internal, "the request ended before its message was whole");
        }

        if (!buffer.IsEmpty)
        {
            throw new GrpcException(GrpcCode.Internal, "more than one message where the method takes one");
        }

        return Parse(parser, compressed, bytes);
    }

    private T Parse<T>(MessageParser<T> parser, bool compressed, ReadOnlySequence<byte> bytes)
        where T : class, IMessage<T>
    {
        WasCompressed = compressed;
        if (compressed)
        {
            bytes = new ReadOnlySequence<byte>(Gzip.Unpack(RequireGzip(bytes), options.MaxMessageBytes));
        }

        try
        {
            return parser.ParseFrom(bytes);
        }
        catch (InvalidProtocolBufferException e)
        {
            throw new GrpcException(GrpcCode.Internal, "the request is not the message it should be: " + e.Message);
        }
    }

    /// <summary>grpc/grpc doc/compression.md: a flag without an encoding is INTERNAL, an encoding not known UNIMPLEMENTED.</summary>
    private ReadOnlySequence<byte> RequireGzip(ReadOnlySequence<byte> bytes)
    {
        string encoding = Request.Headers[GrpcHeaders.Encoding].ToString();
        if (encoding is "" or "identity")
        {
            throw new GrpcException(GrpcCode.Internal, "a message is flagged as compressed, but the call names no grpc-encoding");
        }

        if (encoding != GrpcHeaders.GzipName)
        {
            Response.Headers[GrpcHeaders.AcceptEncoding] = GrpcHeaders.Accepted;
            throw new GrpcException(GrpcCode.Unimplemented, $"grpc-encoding {encoding} is not known here; gzip is");
        }

        return bytes;
    }
}
