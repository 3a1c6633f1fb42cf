using SpikeBench.Messenger.V1;
using SpikeBench.Target.Capacity;
using SpikeBench.Target.Rpc;
using SpikeBench.Target.Store;

namespace SpikeBench.Target.Services;

/// <summary>The conversation: one loop takes what the caller says, one per room brings what others say.</summary>
internal sealed class ChatService(Mailroom mail, Turnstile turnstile)
{
    private const int MaxRooms = 64;
    private const int Batch = 64;

    public IReadOnlyList<GrpcMethod> Methods =>
        [new DuplexMethod<SendRequest, ChatEvent>(MessengerService.Service, "Chat", SendRequest.Parser, ChatAsync)];

    private async ValueTask<GrpcStatus> ChatAsync(GrpcCall call, RequestStream<SendRequest> requests, ReplyStream<ChatEvent> replies)
    {
        // Replies have one writer at a time; the lock also keeps a call's fields from its two loops.
        using var writing = new SemaphoreSlim(1);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(call.Cancelled);
        var followers = new Dictionary<ulong, Task>();
        try
        {
            while (await requests.ReadAsync().ConfigureAwait(false) is { } request)
            {
                GrpcStatus status = Mailroom.Check(request);
                if (status.IsOk)
                {
                    status = await turnstile.PassAsync(call, OperationClass.Send, cost: 1).ConfigureAwait(false);
                }

                if (!status.IsOk)
                {
                    return status;
                }

                StoredMessage stored = await mail.StoreAsync(request, members: 0).ConfigureAwait(false);
                await WriteAsync(writing, replies, new ChatEvent { Stored = Mailroom.Reply(stored) }).ConfigureAwait(false);
                if (followers.Count < MaxRooms && !followers.ContainsKey(request.Room))
                {
                    followers.Add(request.Room, FollowAsync(request.Room, request.Sender, stored.Id, writing, replies, ended.Token));
                }
            }

            return GrpcStatus.Ok;
        }
        finally
        {
            await ended.CancelAsync().ConfigureAwait(false);
            await Task.WhenAll(followers.Values).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task FollowAsync(
        ulong room, string self, long after, SemaphoreSlim writing, ReplyStream<ChatEvent> replies, CancellationToken ended)
    {
        var feed = new Feed(false, room);
        using LiveFeeds.Follower follower = mail.Feeds.Follow(feed);
        while (!ended.IsCancellationRequested)
        {
            Task change = follower.NextChange();
            IReadOnlyList<MessageRow> rows = mail.Store.Read(feed, after, Batch);
            foreach (MessageRow row in rows)
            {
                after = row.Id;
                if (row.Sender != self)
                {
                    await WriteAsync(writing, replies, new ChatEvent { Message = Mailroom.ToMessage(row) }).ConfigureAwait(false);
                }
            }

            if (rows.Count == 0)
            {
                await change.WaitAsync(ended).ConfigureAwait(false);
            }
        }
    }

    private static async ValueTask WriteAsync(SemaphoreSlim writing, ReplyStream<ChatEvent> replies, ChatEvent reply)
    {
        await writing.WaitAsync().ConfigureAwait(false);
        try
        {
            await replies.WriteAsync(reply).ConfigureAwait(false);
        }
        finally
        {
            writing.Release();
        }
    }
}
