using Google.Protobuf;

namespace SpikeBench.Target.Rpc;

/// <summary>One request, any number of replies.</summary>
internal sealed class ServerStreamingMethod<TRequest, TReply>(
    string service,
    string name,
    MessageParser<TRequest> parser,
    Func<GrpcCall, TRequest, ReplyStream<TReply>, ValueTask<GrpcStatus>> handler) : GrpcMethod(service, name)
    where TRequest : class, IMessage<TRequest>
    where TReply : class, IMessage<TReply>
{
    public override async ValueTask<GrpcStatus> InvokeAsync(GrpcCall call)
    {
        TRequest request = await call.ReadOnlyAsync(parser).ConfigureAwait(false);
        return await handler(call, request, new ReplyStream<TReply>(call)).ConfigureAwait(false);
    }
}

/// <summary>Any number of requests, one reply.</summary>
internal sealed class ClientStreamingMethod<TRequest, TReply>(
    string service,
    string name,
    MessageParser<TRequest> parser,
    Func<GrpcCall, RequestStream<TRequest>, ValueTask<GrpcReply<TReply>>> handler) : GrpcMethod(service, name)
    where TRequest : class, IMessage<TRequest>
    where TReply : class, IMessage<TReply>
{
    public override async ValueTask<GrpcStatus> InvokeAsync(GrpcCall call)
    {
        GrpcReply<TReply> reply = await handler(call, new RequestStream<TRequest>(call, parser)).ConfigureAwait(false);
        if (reply.Message is not null)
        {
            call.Write(reply.Message);
        }

        return reply.Status;
    }
}

/// <summary>Requests and replies in any order.</summary>
internal sealed class DuplexMethod<TRequest, TReply>(
    string service,
    string name,
    MessageParser<TRequest> parser,
    Func<GrpcCall, RequestStream<TRequest>, ReplyStream<TReply>, ValueTask<GrpcStatus>> handler) : GrpcMethod(service, name)
    where TRequest : class, IMessage<TRequest>
    where TReply : class, IMessage<TReply>
{
    public override ValueTask<GrpcStatus> InvokeAsync(GrpcCall call) =>
        handler(call, new RequestStream<TRequest>(call, parser), new ReplyStream<TReply>(call));
}

/// <summary>The caller's messages, in order. One reader.</summary>
internal readonly struct RequestStream<T>(GrpcCall call, MessageParser<T> parser)
    where T : class, IMessage<T>
{
    /// <summary>The next message, or null once the caller has half-closed.</summary>
    public ValueTask<T?> ReadAsync() => call.ReadNextAsync(parser);
}

/// <summary>The replies, in order. One writer.</summary>
internal readonly struct ReplyStream<T>(GrpcCall call)
    where T : class, IMessage<T>
{
    /// <summary>Sends one reply; done when flow control has taken it, so a slow caller holds its writer back.</summary>
    public ValueTask WriteAsync(T message)
    {
        call.Write(message);
        return call.FlushAsync();
    }
}
