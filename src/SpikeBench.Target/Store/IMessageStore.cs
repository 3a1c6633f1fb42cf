namespace SpikeBench.Target.Store;

/// <summary>A message as it comes: members are the inboxes it goes to, numbered from <paramref name="FirstMember"/>.</summary>
public readonly record struct NewMessage(
    ulong Room, string Sender, string Text, string IdempotencyKey = "", ulong FirstMember = 0, int Members = 0);

/// <summary>What a stored message was given; a duplicate got what the first of its key got.</summary>
public readonly record struct StoredMessage(long Id, long StoredUnixMs, bool Duplicate = false);

/// <summary>A message as it is read back.</summary>
public readonly record struct MessageRow(long Id, ulong Room, string Sender, string Text, long StoredUnixMs);

/// <summary>What can be followed: a room, or one member's inbox.</summary>
public readonly record struct Feed(bool IsInbox, ulong Number);

/// <summary>
/// Where messages live. An append is complete when the message is as safe as the store makes it: the reply is sent after that.
/// </summary>
public interface IMessageStore : IDisposable
{
    ValueTask<StoredMessage> AppendAsync(NewMessage message);

    /// <summary>Up to <paramref name="limit"/> messages with ids over <paramref name="afterId"/>, in order of id.</summary>
    IReadOnlyList<MessageRow> Read(Feed feed, long afterId, int limit);

    /// <summary>Keeps the furthest point that the reader has reached in the room and counts the messages after it.</summary>
    ValueTask<long> MarkReadAsync(string reader, ulong room, long upToId);

    /// <summary>Messages stored.</summary>
    long Count { get; }
}
