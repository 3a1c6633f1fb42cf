using Google.Protobuf;
using SpikeBench.Target.Rpc;
using SpikeBench.Target.Wire.Interop;

namespace SpikeBench.Target.Services;

/// <summary>
/// The server of the gRPC interoperability tests (grpc/grpc doc/interop-test-descriptions.md, "Server"), to prove the hosting
/// against clients that others wrote.
/// </summary>
internal static class InteropService
{
    private const string Service = "grpc.testing.TestService";
    private const string EchoInitial = "x-grpc-test-echo-initial";
    private const string EchoTrailing = "x-grpc-test-echo-trailing-bin";
    private const int MaxPayloadBytes = 64 * 1024 * 1024;

    public static IReadOnlyList<GrpcMethod> Methods { get; } =
    [
        new UnaryMethod<Empty, Empty>(Service, "EmptyCall", Empty.Parser, static (call, request) => new((GrpcReply<Empty>)request)),
        new UnaryMethod<SimpleRequest, SimpleResponse>(Service, "UnaryCall", SimpleRequest.Parser, Unary),
        new ServerStreamingMethod<StreamingOutputCallRequest, StreamingOutputCallResponse>(
            Service, "StreamingOutputCall", StreamingOutputCallRequest.Parser, StreamOutAsync),
        new ClientStreamingMethod<StreamingInputCallRequest, StreamingInputCallResponse>(
            Service, "StreamingInputCall", StreamingInputCallRequest.Parser, StreamInAsync),
        new DuplexMethod<StreamingOutputCallRequest, StreamingOutputCallResponse>(
            Service, "FullDuplexCall", StreamingOutputCallRequest.Parser, FullDuplexAsync),
    ];

    private static ValueTask<GrpcReply<SimpleResponse>> Unary(GrpcCall call, SimpleRequest request)
    {
        EchoMetadata(call);
        CheckCompression(call, request.ExpectCompressed);
        if (request.ResponseStatus is { Code: not 0 } status)
        {
            return new(Status(status));
        }

        call.Compress = request.ResponseCompressed?.Value;
        return new(new SimpleResponse { Payload = Zeros(request.ResponseSize) });
    }

    private static async ValueTask<GrpcStatus> StreamOutAsync(
        GrpcCall call, StreamingOutputCallRequest request, ReplyStream<StreamingOutputCallResponse> replies)
    {
        EchoMetadata(call);
        return await AnswerAsync(call, request, replies).ConfigureAwait(false);
    }

    private static async ValueTask<GrpcReply<StreamingInputCallResponse>> StreamInAsync(
        GrpcCall call, RequestStream<StreamingInputCallRequest> requests)
    {
        EchoMetadata(call);
        int sum = 0;
        while (await requests.ReadAsync().ConfigureAwait(false) is { } request)
        {
            CheckCompression(call, request.ExpectCompressed);
            sum += request.Payload?.Body.Length ?? 0;
        }

        return new StreamingInputCallResponse { AggregatedPayloadSize = sum };
    }

    private static async ValueTask<GrpcStatus> FullDuplexAsync(
        GrpcCall call, RequestStream<StreamingOutputCallRequest> requests, ReplyStream<StreamingOutputCallResponse> replies)
    {
        EchoMetadata(call);
        while (await requests.ReadAsync().ConfigureAwait(false) is { } request)
        {
            GrpcStatus status = await AnswerAsync(call, request, replies).ConfigureAwait(false);
            if (!status.IsOk)
            {
                return status;
            }
        }

        return GrpcStatus.Ok;
    }

    private static async ValueTask<GrpcStatus> AnswerAsync(
        GrpcCall call, StreamingOutputCallRequest request, ReplyStream<StreamingOutputCallResponse> replies)
    {
        if (request.ResponseStatus is { Code: not 0 } status)
        {
            return Status(status);
        }

        foreach (ResponseParameters wanted in request.ResponseParameters)
        {
            if (wanted.IntervalUs > 0)
            {
                await Task.Delay(TimeSpan.FromMicroseconds(wanted.IntervalUs), call.Cancelled).ConfigureAwait(false);
            }

            call.Compress = wanted.Compressed?.Value ?? call.Compress;
            await replies.WriteAsync(new StreamingOutputCallResponse { Payload = Zeros(wanted.Size) }).ConfigureAwait(false);
        }

        return GrpcStatus.Ok;
    }

    private static void EchoMetadata(GrpcCall call)
    {
        string initial = call.Request.Headers[EchoInitial].ToString();
        if (initial.Length > 0)
        {
            call.Response.Headers[EchoInitial] = initial;
        }

        string trailing = call.Request.Headers[EchoTrailing].ToString();
        if (trailing.Length == 0)
        {
            return;
        }

        if (!BinaryMetadata.TryDecode(trailing, out byte[][] values))
        {
            throw new GrpcException(GrpcCode.InvalidArgument, EchoTrailing + " is not base64");
        }

        foreach (byte[] value in values)
        {
            call.AddTrailer(EchoTrailing, BinaryMetadata.Encode(value));
        }
    }

    private static void CheckCompression(GrpcCall call, BoolValue? expected)
    {
        if (expected is not null && expected.Value != call.WasCompressed)
        {
            throw new GrpcException(GrpcCode.InvalidArgument, "the message was not compressed as announced");
        }
    }

    private static GrpcStatus Status(EchoStatus status) =>
        status.Code is > 0 and < GrpcStatus.CodeCount
            ? new GrpcStatus((GrpcCode)status.Code, status.Message)
            : new GrpcStatus(GrpcCode.InvalidArgument, "no such status code");

    private static Payload Zeros(int size) => size is >= 0 and <= MaxPayloadBytes
        ? new Payload { Body = UnsafeByteOperations.UnsafeWrap(new byte[size]) }
        : throw new GrpcException(GrpcCode.InvalidArgument, "no such payload size");
}
