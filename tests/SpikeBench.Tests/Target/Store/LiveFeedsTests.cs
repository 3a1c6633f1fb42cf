using SpikeBench.Target.Store;

namespace SpikeBench.Tests.Target.Store;

public sealed class LiveFeedsTests
{
    private readonly LiveFeeds _feeds = new();

    [Fact]
    public void Followers_of_the_room_and_of_its_members_are_woken_and_no_others()
    {
        using LiveFeeds.Follower room = _feeds.Follow(new Feed(false, 5));
        using LiveFeeds.Follower member = _feeds.Follow(new Feed(true, 41));
        using LiveFeeds.Follower stranger = _feeds.Follow(new Feed(true, 43));
        (Task inRoom, Task inInbox, Task elsewhere) = (room.NextChange(), member.NextChange(), stranger.NextChange());
        _feeds.Published(new NewMessage(5, "ann", "hi", FirstMember: 40, Members: 3));
        (inRoom.IsCompleted, inInbox.IsCompleted, elsewhere.IsCompleted).ShouldBe((true, true, false));
        room.NextChange().IsCompleted.ShouldBeFalse("the next change is another one");
    }

    [Fact]
    public void Change_taken_before_an_append_is_completed_by_it_even_for_the_second_of_two_followers()
    {
        var feed = new Feed(false, 1);
        LiveFeeds.Follower first = _feeds.Follow(feed);
        using LiveFeeds.Follower second = _feeds.Follow(feed);
        Task change = second.NextChange();
        first.Dispose();
        first.Dispose();
        _feeds.Published(new NewMessage(1, "ann", "hi"));
        change.IsCompleted.ShouldBeTrue();
    }

    [Fact]
    public void Feed_is_forgotten_when_its_last_follower_leaves()
    {
        for (ulong room = 0; room < 1000; room++)
        {
            using LiveFeeds.Follower follower = _feeds.Follow(new Feed(false, room));
            follower.NextChange().IsCompleted.ShouldBeFalse();
            _feeds.Followed.ShouldBe(1);
        }

        _feeds.Followed.ShouldBe(0);
    }
}
