using System.Security.Cryptography;
using Google.Protobuf;
using SpikeBench.Messenger.V1;
using SpikeBench.Target.Capacity;
using SpikeBench.Target.Rpc;
using SpikeBench.Target.Store;

namespace SpikeBench.Target.Services;

/// <summary>The messenger itself: what each method does once it is its turn.</summary>
internal sealed class MessengerService(Mailroom mail, Turnstile turnstile, Sessions sessions, Rooms rooms, ServiceCosts costs)
{
    public const string Service = "spikebench.messenger.v1.Messenger";

    private const int SyncBatch = 256;

    public IReadOnlyList<GrpcMethod> Methods =>
    [
        new UnaryMethod<SendRequest, SendReply>(Service, "Send", SendRequest.Parser, SendAsync),
        new UnaryMethod<LoginRequest, LoginReply>(Service, "Login", LoginRequest.Parser, LoginAsync),
        new UnaryMethod<CreateRoomsRequest, CreateRoomsReply>(Service, "CreateRooms", CreateRoomsRequest.Parser, CreateRooms),
        new UnaryMethod<SendRequest, SendGroupReply>(Service, "SendGroup", SendRequest.Parser, SendGroupAsync),
        new ServerStreamingMethod<SyncRequest, Message>(Service, "Sync", SyncRequest.Parser, SyncAsync),
        new UnaryMethod<MarkReadRequest, MarkReadReply>(Service, "MarkRead", MarkReadRequest.Parser, MarkReadAsync),
        new ClientStreamingMethod<UploadChunk, UploadReply>(Service, "Upload", UploadChunk.Parser, UploadAsync),
    ];

    private ValueTask<GrpcReply<SendReply>> SendAsync(GrpcCall call, SendRequest request)
    {
        GrpcStatus valid = Mailroom.Check(request);
        if (!valid.IsOk)
        {
            return new(valid);
        }

        // In memory and without a model there is nothing to wait for, and so no state machine.
        ValueTask<GrpcStatus> turn = turnstile.PassAsync(call, OperationClass.Send, cost: 1);
        if (turn.IsCompletedSuccessfully)
        {
            GrpcStatus status = turn.Result;
            if (!status.IsOk)
            {
                return new(status);
            }

            ValueTask<StoredMessage> storing = mail.StoreAsync(request, members: 0);
            return storing.IsCompletedSuccessfully ? new(Mailroom.Reply(storing.Result)) : ReplyAsync(storing);
        }

        return SendInTurnAsync(turn, request);
    }

    private static async ValueTask<GrpcReply<SendReply>> ReplyAsync(ValueTask<StoredMessage> storing) =>
        Mailroom.Reply(await storing.ConfigureAwait(false));

    private async ValueTask<GrpcReply<SendReply>> SendInTurnAsync(ValueTask<GrpcStatus> turn, SendRequest request)
    {
        GrpcStatus status = await turn.ConfigureAwait(false);
        return status.IsOk ? Mailroom.Reply(await mail.StoreAsync(request, members: 0).ConfigureAwait(false)) : status;
    }

    private async ValueTask<GrpcReply<SendGroupReply>> SendGroupAsync(GrpcCall call, SendRequest request)
    {
        GrpcStatus valid = Mailroom.Check(request);
        if (!valid.IsOk)
        {
            return valid;
        }

        int members = rooms.Now.Members;
        GrpcStatus turn = await turnstile.PassAsync(call, OperationClass.Send, 1 + (members * costs.PerMember)).ConfigureAwait(false);
        if (!turn.IsOk)
        {
            return turn;
        }

        StoredMessage stored = await mail.StoreAsync(request, members).ConfigureAwait(false);
        return new SendGroupReply
        {
            MessageId = (ulong)stored.Id,
            StoredUnixMs = stored.StoredUnixMs,
            Delivered = stored.Duplicate ? 0 : (uint)members,
        };
    }

    private async ValueTask<GrpcReply<LoginReply>> LoginAsync(GrpcCall call, LoginRequest request)
    {
        if (request.User.Length == 0)
        {
            return new GrpcStatus(GrpcCode.InvalidArgument, "user is empty");
        }

        GrpcStatus turn = await turnstile.PassAsync(call, OperationClass.Login, costs.Login).ConfigureAwait(false);
        return turn.IsOk ? new LoginReply { Session = sessions.Open(request.User, request.Password) } : turn;
    }

    private ValueTask<GrpcReply<CreateRoomsReply>> CreateRooms(GrpcCall call, CreateRoomsRequest request)
    {
        if (request.Members > Rooms.MaxMembers)
        {
            return new(new GrpcStatus(GrpcCode.InvalidArgument, "a room has at most 10,000 members"));
        }

        Rooms.Shape shape = rooms.Create(request.Count, request.Members);
        return new(new CreateRoomsReply { Count = shape.Count, Members = (uint)shape.Members });
    }

    private async ValueTask<GrpcStatus> SyncAsync(GrpcCall call, SyncRequest request, ReplyStream<Message> replies)
    {
        if (request.AfterId > long.MaxValue)
        {
            return new GrpcStatus(GrpcCode.InvalidArgument, "after_id is no message's id");
        }

        GrpcStatus turn = await turnstile.PassAsync(call, OperationClass.Read, cost: 1).ConfigureAwait(false);
        if (!turn.IsOk)
        {
            return turn;
        }

        bool inbox = request.FeedCase == SyncRequest.FeedOneofCase.Member;
        var feed = new Feed(inbox, inbox ? request.Member : request.Room);
        long after = (long)request.AfterId;
        using LiveFeeds.Follower? follower = request.Live ? mail.Feeds.Follow(feed) : null;
        while (true)
        {
            // Taken before the read: what is stored after the read completes it.
            Task change = follower?.NextChange() ?? Task.CompletedTask;
            IReadOnlyList<MessageRow> rows = mail.Store.Read(feed, after, SyncBatch);
            foreach (MessageRow row in rows)
            {
                await replies.WriteAsync(Mailroom.ToMessage(row)).ConfigureAwait(false);
                after = row.Id;
            }

            if (rows.Count < SyncBatch)
            {
                if (!request.Live)
                {
                    return GrpcStatus.Ok;
                }

                if (rows.Count == 0)
                {
                    await change.WaitAsync(call.Cancelled).ConfigureAwait(false);
                }
            }
        }
    }

    private async ValueTask<GrpcReply<MarkReadReply>> MarkReadAsync(GrpcCall call, MarkReadRequest request)
    {
        if (request.Reader.Length == 0 || request.UpToId > long.MaxValue)
        {
            return new GrpcStatus(GrpcCode.InvalidArgument, "reader is empty, or up_to_id is no message's id");
        }

        GrpcStatus turn = await turnstile.PassAsync(call, OperationClass.Read, cost: 1).ConfigureAwait(false);
        if (!turn.IsOk)
        {
            return turn;
        }

        long unread = await mail.Store.MarkReadAsync(request.Reader, request.Room, (long)request.UpToId).ConfigureAwait(false);
        return new MarkReadReply { Unread = (ulong)unread };
    }

    private async ValueTask<GrpcReply<UploadReply>> UploadAsync(GrpcCall call, RequestStream<UploadChunk> chunks)
    {
        GrpcStatus turn = await turnstile.PassAsync(call, OperationClass.Send, cost: 1).ConfigureAwait(false);
        if (!turn.IsOk)
        {
            return turn;
        }

        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var reply = new UploadReply();
        while (await chunks.ReadAsync().ConfigureAwait(false) is { } chunk)
        {
            hash.AppendData(chunk.Data.Span);
            reply.Bytes += (ulong)chunk.Data.Length;
            reply.Chunks++;
        }

        reply.Sha256 = UnsafeByteOperations.UnsafeWrap(hash.GetHashAndReset());
        return reply;
    }
}
