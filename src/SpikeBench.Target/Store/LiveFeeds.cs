namespace SpikeBench.Target.Store;

/// <summary>
/// Wakes those who follow a feed. It carries no messages: a follower reads the store from its own cursor, so a slow one misses
/// nothing and holds up nobody.
/// </summary>
/// <remarks>
/// Guarantee: an append after <see cref="Follower.NextChange"/> was taken completes that task. So: take the task, read the store, and
/// only if there was nothing, await. A feed is known here only while somebody follows it.
/// </remarks>
public sealed class LiveFeeds
{
    private readonly Lock _lock = new();
    private readonly Dictionary<Feed, Topic> _topics = [];
    private volatile int _followed;

    /// <summary>Feeds that somebody follows now.</summary>
    public int Followed => _followed;

    /// <summary>Follows a feed until the follower is disposed.</summary>
    public Follower Follow(Feed feed)
    {
        lock (_lock)
        {
            if (!_topics.TryGetValue(feed, out Topic? topic))
            {
                _topics.Add(feed, topic = new Topic());
                _followed = _topics.Count;
            }

            topic.Followers++;
            return new Follower(this, feed, topic);
        }
    }

    /// <summary>Tells the followers of the room and of the inboxes that a message went to.</summary>
    public void Published(NewMessage message)
    {
        // Most runs have no follower at all: then nobody takes the lock.
        if (_followed == 0)
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
        TaskCompletionSource? change = null;
        lock (_lock)
        {
            if (_topics.TryGetValue(feed, out Topic? topic))
            {
                change = topic.Change;
                topic.Change = null;
            }
        }

        change?.SetResult();
    }

    private Task NextChange(Topic topic)
    {
        lock (_lock)
        {
            topic.Change ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return topic.Change.Task;
        }
    }

    private void Leave(Feed feed, Topic topic)
    {
        lock (_lock)
        {
            if (--topic.Followers == 0)
            {
                _topics.Remove(feed);
                _followed = _topics.Count;
            }
        }
    }

    /// <summary>One follower of one feed.</summary>
    public sealed class Follower : IDisposable
    {
        private readonly LiveFeeds _feeds;
        private readonly Feed _feed;
        private readonly Topic _topic;
        private bool _left;

        internal Follower(LiveFeeds feeds, Feed feed, Topic topic)
        {
            _feeds = feeds;
            _feed = feed;
            _topic = topic;
        }

        /// <summary>Completes at the feed's next append.</summary>
        public Task NextChange() => _feeds.NextChange(_topic);

        public void Dispose()
        {
            if (!_left)
            {
                _left = true;
                _feeds.Leave(_feed, _topic);
            }
        }
    }

    /// <summary>What the followers of a feed share; the lock of the feeds guards it.</summary>
    internal sealed class Topic
    {
        public int Followers { get; set; }

        public TaskCompletionSource? Change { get; set; }
    }
}
