using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Abstractions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using SpikeBench.Target.Hosting;

namespace SpikeBench.Target.Rpc;

/// <summary>Is told of every call's beginning and end.</summary>
internal interface ICallObserver
{
    void Began(GrpcMethod method, long nowNs);

    void Ended(GrpcMethod method, GrpcCode code);
}

/// <summary>
/// gRPC straight on the server: Kestrel calls this for each request, without the pipeline, routing and HttpContext of ASP.NET Core.
/// </summary>
internal sealed class GrpcApplication : IHttpApplication<GrpcCall>
{
    private readonly Dictionary<string, GrpcMethod> _methods = new(StringComparer.Ordinal);
    private readonly IClock _clock;
    private readonly RpcOptions _options;
    private readonly ICallObserver _observer;

    public GrpcApplication(IReadOnlyList<GrpcMethod> methods, IClock clock, RpcOptions options, ICallObserver observer)
    {
        for (int i = 0; i < methods.Count; i++)
        {
            methods[i].Index = i;
            _methods.Add(methods[i].Path, methods[i]);
        }

        _clock = clock;
        _options = options;
        _observer = observer;
    }

    public GrpcCall CreateContext(IFeatureCollection contextFeatures)
    {
        GrpcCall call;
        if (contextFeatures is IHostContextContainer<GrpcCall> container)
        {
            call = container.HostContext ??= new GrpcCall(_clock, _options);
        }
        else
        {
            call = new GrpcCall(_clock, _options);
        }

        call.Begin(contextFeatures);
        return call;
    }

    public void DisposeContext(GrpcCall context, Exception? exception) => context.Dispose();

    public Task ProcessRequestAsync(GrpcCall context)
    {
        if (!Accept(context))
        {
            return Task.CompletedTask;
        }

        GrpcMethod method = context.Method!;
        _observer.Began(method, context.ArrivalNs);
        ValueTask<GrpcStatus> running;
        try
        {
            running = method.InvokeAsync(context);
        }
#pragma warning disable CA1031 // Whatever a handler throws becomes the status of its call.
        catch (Exception e)
#pragma warning restore CA1031
        {
            running = new(StatusOf(e, context));
        }

        if (running.IsCompletedSuccessfully)
        {
            Finish(context, running.Result);
            return Task.CompletedTask;
        }

        return FinishAsync(context, running);
    }

    private async Task FinishAsync(GrpcCall call, ValueTask<GrpcStatus> running)
    {
        GrpcStatus status;
        try
        {
            status = await running.ConfigureAwait(false);
        }
#pragma warning disable CA1031 // As above.
        catch (Exception e)
#pragma warning restore CA1031
        {
            status = StatusOf(e, call);
        }

        Finish(call, status);
    }

    private void Finish(GrpcCall call, GrpcStatus status)
    {
        call.WriteStatus(status);
        _observer.Ended(call.Method!, status.Code);
    }

    /// <summary>Checks what makes a request a call of gRPC and finds its method; false when the answer is already given.</summary>
    private bool Accept(GrpcCall call)
    {
        IHttpRequestFeature request = call.Request;
        if (!string.Equals(request.Method, "POST", StringComparison.Ordinal))
        {
            call.Response.StatusCode = StatusCodes.Status405MethodNotAllowed;
            return false;
        }

        if (!GrpcHeaders.IsGrpc(request.Headers.ContentType))
        {
            call.Response.StatusCode = StatusCodes.Status415UnsupportedMediaType;
            return false;
        }

        if (!_methods.TryGetValue(request.Path, out GrpcMethod? method))
        {
            call.WriteStatus(new GrpcStatus(GrpcCode.Unimplemented, "no such method: " + request.Path));
            return false;
        }

        call.Method = method;
        if (request.Headers.TryGetValue(GrpcHeaders.Timeout, out var timeout))
        {
            if (!GrpcTimeout.TryParseNs(timeout.ToString(), out long ns))
            {
                call.WriteStatus(new GrpcStatus(GrpcCode.Internal, "a grpc-timeout that is none: " + timeout));
                return false;
            }

            call.DeadlineNs = ns > long.MaxValue - call.ArrivalNs ? long.MaxValue : call.ArrivalNs + ns;
        }

        return true;
    }

    private static GrpcStatus StatusOf(Exception e, GrpcCall call) => e switch
    {
        GrpcException own => own.Status,
        OperationCanceledException => call.CancelledStatus,
        IOException => new(GrpcCode.Cancelled, "the caller has gone"),
        _ => new(GrpcCode.Internal, e.GetType().Name + ": " + e.Message),
    };
}
