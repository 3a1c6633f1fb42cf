using Google.Protobuf;

namespace SpikeBench.Target.Rpc;

/// <summary>One request, one reply.</summary>
internal sealed class UnaryMethod<TRequest, TReply>(
    string service,
    string name,
    MessageParser<TRequest> parser,
    Func<GrpcCall, TRequest, ValueTask<GrpcReply<TReply>>> handler) : GrpcMethod(service, name)
    where TRequest : class, IMessage<TRequest>
    where TReply : class, IMessage<TReply>
{
    public override bool IsStreaming => false;

    public override ValueTask<GrpcStatus> InvokeAsync(GrpcCall call)
    {
        // The common call is here whole and answered at once: no state machine is made for it.
        if (!call.TryReadOnly(parser, out TRequest? request))
        {
            return ReadThenHandleAsync(call);
        }

        ValueTask<GrpcReply<TReply>> reply = handler(call, request);
        return reply.IsCompletedSuccessfully ? new(Finish(call, reply.Result)) : FinishAsync(call, reply);
    }

    private async ValueTask<GrpcStatus> ReadThenHandleAsync(GrpcCall call)
    {
        TRequest request = await call.ReadOnlyAsync(parser).ConfigureAwait(false);
        return Finish(call, await handler(call, request).ConfigureAwait(false));
    }

    private static async ValueTask<GrpcStatus> FinishAsync(GrpcCall call, ValueTask<GrpcReply<TReply>> reply) =>
        Finish(call, await reply.ConfigureAwait(false));

    private static GrpcStatus Finish(GrpcCall call, GrpcReply<TReply> reply)
    {
        if (reply.Message is not null)
        {
            call.Write(reply.Message);
        }

        return reply.Status;
    }
}
