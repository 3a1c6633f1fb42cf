using System.Collections.Concurrent;

namespace SpikeBench.Target.Store;

/// <summary>
/// Wakes those who follow a feed. It carries no messages: a follower reads the store from its own cursor, so a slow one misses
/// nothing and holds up nobody.
/// </summary>
/// <remarks>
/// Guarantee: an append after <see cref="NextChange"/> was taken completes that task. So: take the task, read the store, and only
/// if there was nothing, await.
/// </remarks>
public sealed class LiveFeeds
{
    private readonly ConcurrentDictionary<Feed, TaskCompletionSource> _followed = new();
    private volatile bool _everFollowed;

    /// <summary>Completes at the feed's next append.</summary>
    public Task NextChange(Feed feed)
    {
        _everFollowed = true;
        return _followed.GetOrAdd(feed, static _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
    }

    /// <summary>Tells the followers of the room and of the inboxes that a message went to.</summary>
    public void Published(NewMessage message)
    {
        // Most runs have no follower at all, and to ask the dictionary takes its locks.
        if (!_everFollowed)
        {
            return;
        }

        Wake(new Feed(false, message.Room));
        for (int i = 0; i < message.Members; i++)
        {
            Wake(new Feed(true, unchecked(message.FirstMember + (ulong)i)));
        }
    }

    private void Wake(Feed feed)
    {
        if (_followed.TryRemove(feed, out TaskCompletionSource? change))
        {
            change.SetResult();
        }
    }
}
