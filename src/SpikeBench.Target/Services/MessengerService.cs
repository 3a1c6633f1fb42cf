using System.Globalization;
using System.Text;
using SpikeBench.Messenger.V1;
using SpikeBench.Target.Capacity;
using SpikeBench.Target.Rpc;
using SpikeBench.Target.Store;

namespace SpikeBench.Target.Services;

/// <summary>The messenger itself: what each method does once it is its turn.</summary>
internal sealed class MessengerService(MemoryStore store, CapacityGate? gate, double loginCost, ulong seed)
{
    private const string Service = "spikebench.messenger.v1.Messenger";
    private const int MaxTextBytes = 4096;

    private static readonly GrpcStatus Overloaded = new(GrpcCode.ResourceExhausted, "the queue is full");
    private static readonly GrpcStatus TooLate = new(GrpcCode.DeadlineExceeded, "the deadline passed");
    private static readonly GrpcStatus Gone = new(GrpcCode.Cancelled, "the caller has gone");

    private readonly SeededRandom _tokens = new(seed ^ 0x5E55_1045);
    private readonly Lock _tokensLock = new();

    public IReadOnlyList<GrpcMethod> Methods =>
    [
        new UnaryMethod<SendRequest, SendReply>(Service, "Send", SendRequest.Parser, SendAsync),
        new UnaryMethod<LoginRequest, LoginReply>(Service, "Login", LoginRequest.Parser, LoginAsync),
    ];

    private ValueTask<GrpcReply<SendReply>> SendAsync(GrpcCall call, SendRequest request)
    {
        if (request.Sender.Length == 0)
        {
            return new(new GrpcStatus(GrpcCode.InvalidArgument, "sender is empty"));
        }

        // A char is at most three bytes of UTF-8: short texts need no count.
        if (request.Text.Length > MaxTextBytes / 3 && Encoding.UTF8.GetByteCount(request.Text) > MaxTextBytes)
        {
            return new(new GrpcStatus(GrpcCode.InvalidArgument, "text is longer than 4,096 bytes of UTF-8"));
        }

        return gate is null ? new(Send(request)) : SendInTurnAsync(gate, call, request);
    }

    private async ValueTask<GrpcReply<SendReply>> SendInTurnAsync(CapacityGate gate, GrpcCall call, SendRequest request)
    {
        GrpcStatus turn = await TurnAsync(gate, call, cost: 1).ConfigureAwait(false);
        return turn.IsOk ? Send(request) : turn;
    }

    private SendReply Send(SendRequest request)
    {
        StoredMessage stored = store.Append(request.Room, request.Sender, request.Text);
        return new SendReply { MessageId = (ulong)stored.Id, StoredUnixMs = stored.StoredUnixMs };
    }

    private async ValueTask<GrpcReply<LoginReply>> LoginAsync(GrpcCall call, LoginRequest request)
    {
        if (request.User.Length == 0)
        {
            return new GrpcStatus(GrpcCode.InvalidArgument, "user is empty");
        }

        if (gate is not null)
        {
            GrpcStatus turn = await TurnAsync(gate, call, loginCost).ConfigureAwait(false);
            if (!turn.IsOk)
            {
                return turn;
            }
        }

        lock (_tokensLock)
        {
            return new LoginReply { Session = _tokens.NextUInt64().ToString("x16", CultureInfo.InvariantCulture) };
        }
    }

    private static ValueTask<GrpcStatus> TurnAsync(CapacityGate gate, GrpcCall call, double cost)
    {
        CapacityTicket? ticket = gate.Enter(cost, priority: 0, call.DeadlineNs);
        return ticket is null ? new(Overloaded) : WaitAsync(ticket, call);
    }

    private static async ValueTask<GrpcStatus> WaitAsync(CapacityTicket ticket, GrpcCall call) =>
        await ticket.WaitAsync(call.Cancelled).ConfigureAwait(false) switch
        {
            SlotOutcome.Served => GrpcStatus.Ok,
            SlotOutcome.Expired => TooLate,
            _ => call.DeadlinePassed ? TooLate : Gone,
        };
}
