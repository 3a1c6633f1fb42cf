using SpikeBench.Messenger.V1;
using SpikeBench.Target.Rpc;
using SpikeBench.Target.Store;
using SpikeBench.Target.Truth;

namespace SpikeBench.Target.Services;

/// <summary>What Send, SendGroup and Chat share: check a message, store it, tell its followers.</summary>
internal sealed class Mailroom(IMessageStore store, LiveFeeds feeds, Rooms rooms, DuplicateCounts duplicates)
{
    public IMessageStore Store => store;

    public LiveFeeds Feeds => feeds;

    public static GrpcStatus Check(SendRequest request) => MessageRules.Check(request.Sender, request.Text);

    public static SendReply Reply(StoredMessage stored) =>
        new() { MessageId = (ulong)stored.Id, StoredUnixMs = stored.StoredUnixMs };

    public static Message ToMessage(MessageRow row) => new()
    {
        MessageId = (ulong)row.Id,
        Room = row.Room,
        Sender = row.Sender,
        Text = row.Text,
        StoredUnixMs = row.StoredUnixMs,
    };

    public ValueTask<StoredMessage> StoreAsync(SendRequest request, int members)
    {
        ulong first = members > 0 ? rooms.Now.FirstMemberOf(request.Room) : 0;
        var message = new NewMessage(request.Room, request.Sender, request.Text, request.IdempotencyKey, first, members);
        ValueTask<StoredMessage> storing = store.AppendAsync(message);
        if (!storing.IsCompletedSuccessfully)
        {
            return PublishAsync(storing, message);
        }

        StoredMessage stored = storing.Result;
        Publish(stored, message);
        return new(stored);
    }

    private async ValueTask<StoredMessage> PublishAsync(ValueTask<StoredMessage> storing, NewMessage message)
    {
        StoredMessage stored = await storing.ConfigureAwait(false);
        Publish(stored, message);
        return stored;
    }

    private void Publish(StoredMessage stored, NewMessage message)
    {
        duplicates.Note(message.IdempotencyKey, stored.Duplicate);
        if (!stored.Duplicate)
        {
            feeds.Published(message);
        }
    }
}
