using System.Globalization;
using SpikeBench.Core;
using SpikeBench.Core.Engine;

namespace SpikeBench.Grpc.Http;

/// <summary>How a single call ended.</summary>
/// <param name="Status">The gRPC status code; that of a failure without one by gRPC's mapping.</param>
/// <param name="Failure">Why it did not succeed.</param>
/// <param name="Message">The target's words about it; may be empty.</param>
/// <param name="Reply">The reply message; empty without one.</param>
public sealed record UnaryResult(byte Status, Failure Failure, string Message, ReadOnlyMemory<byte> Reply);

/// <summary>Makes single unary calls, outside any load: over one connection, with what the load's calls carry.</summary>
/// <param name="plan">Target, transport, token, compression and run id are read from it.</param>
/// <exception cref="UsageException">The address or a certificate's file is wrong.</exception>
public sealed class UnaryCaller(CallPlan plan) : IDisposable
{
    private readonly HandlerFactory _factory = new(plan.Target, plan.Transport, plan.ConnectTimeout);
    private HttpConnection? _connection;

    /// <summary>Makes a call.</summary>
    /// <param name="operation">Its method, messages and metadata.</param>
    /// <param name="payload">The call's number, from 0; it takes the message of that number, beyond the pool from its start again.</param>
    /// <param name="deadline">How long it may take.</param>
    /// <param name="cancel">Gives it up.</param>
    /// <exception cref="TargetException">The target cannot be talked to.</exception>
    /// <exception cref="GeneratorException">This machine refused the connection.</exception>
    public async Task<UnaryResult> CallAsync(PlannedOperation operation, int payload, TimeSpan deadline, CancellationToken cancel)
    {
        _connection ??= new HttpConnection(_factory, plan);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(deadline);
        try
        {
            int index = payload % operation.Payloads.Count;
            long unixNs = (plan.Time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * TimeSpan.NanosecondsPerTick;
            GrpcContent content = new GrpcContent(operation.Payloads[index], plan.Compression == MessageCompression.Gzip) { Patches = operation.PatchesOf(index) }.ForCall(payload, unixNs);
            string timeout = ((long)Math.Max(1, deadline.TotalMilliseconds)).ToString(CultureInfo.InvariantCulture) + "m";
            HttpOutcome outcome = await _connection.CallAsync(operation.Path, content, timeout, operation.Metadata, new CallPlace(index, payload, unixNs), limit.Token).ConfigureAwait(false);
            bool wrong = outcome.Failure == Failure.None && operation.Check is { } check && !check.Holds(outcome.Reply.Span);
            return wrong
                ? new UnaryResult(GrpcStatus.CheckFailed, Failure.Check, "", outcome.Reply)
                : new UnaryResult(outcome.Status, outcome.Failure, outcome.Message ?? "", outcome.Reply);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return new UnaryResult(GrpcStatus.DeadlineExceeded, Failure.Timeout, "", default);
        }
        catch (HttpRequestException e)
        {
            throw await ConnectFailure.OfAsync(_factory, e, cancel).ConfigureAwait(false);
        }
    }

    public void Dispose() => _connection?.Dispose();
}
