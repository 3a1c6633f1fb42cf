using SpikeBench.Target.Store;

namespace SpikeBench.Tests.Target.Store;

public sealed class MemoryStoreTests : IDisposable
{
    private readonly MemoryStore _store = new(TimeProvider.System, deduplicate: true);

    public void Dispose() => _store.Dispose();

    [Fact]
    public void Messages_come_back_in_order_from_a_cursor_when_a_room_is_read()
    {
        for (int i = 1; i <= 10; i++)
        {
            _store.Append(new NewMessage(Room: (ulong)(i % 2), "ann", "송년 " + i)).Id.ShouldBe(i);
        }

        IReadOnlyList<MessageRow> rows = _store.Read(new Feed(false, 0), afterId: 4, limit: 2);
        rows.Select(r => (r.Id, r.Room, r.Sender, r.Text)).ShouldBe([(6, 0UL, "ann", "송년 6"), (8, 0UL, "ann", "송년 8")]);
        _store.Read(new Feed(false, 0), afterId: 10, limit: 9).ShouldBeEmpty();
        _store.Read(new Feed(false, 99), afterId: 0, limit: 9).ShouldBeEmpty();
    }

    [Fact]
    public void Group_message_is_in_the_inbox_of_each_member_and_no_other()
    {
        long id = _store.Append(new NewMessage(5, "ann", "hi", FirstMember: 40, Members: 3)).Id;
        foreach (ulong member in (ulong[])[40, 41, 42])
        {
            _store.Read(new Feed(true, member), 0, 10).Select(r => r.Id).ShouldBe([id]);
        }

        _store.Read(new Feed(true, 43), 0, 10).ShouldBeEmpty();
    }

    [Fact]
    public void Known_key_is_answered_from_its_first_message_when_deduplicating()
    {
        StoredMessage first = _store.Append(new NewMessage(1, "ann", "hi", "k"));
        StoredMessage again = _store.Append(new NewMessage(1, "ann", "hi", "k"));
        again.ShouldBe(first with { Duplicate = true });
        _store.Count.ShouldBe(1);
        using var plain = new MemoryStore(TimeProvider.System, deduplicate: false);
        plain.Append(new NewMessage(1, "ann", "hi", "k"));
        plain.Append(new NewMessage(1, "ann", "hi", "k")).Duplicate.ShouldBeFalse();
        plain.Count.ShouldBe(2);
    }

    [Fact]
    public async Task Unread_counts_what_came_after_the_furthest_point_read()
    {
        for (int i = 0; i < 5; i++)
        {
            _store.Append(new NewMessage(1, "ann", "hi"));
        }

        (await _store.MarkReadAsync("bob", 1, 3)).ShouldBe(2);
        (await _store.MarkReadAsync("bob", 1, 2)).ShouldBe(2, "a reader does not unread");
        (await _store.MarkReadAsync("eve", 1, 0)).ShouldBe(5);
    }

    [Fact]
    public void Messages_survive_a_change_of_chunk()
    {
        string text = new('x', 300_000);
        for (int i = 0; i < 10; i++)
        {
            _store.Append(new NewMessage(1, "ann", text + i));
        }

        _store.Read(new Feed(false, 1), 0, 10).Select(r => r.Text).ShouldBe(Enumerable.Range(0, 10).Select(i => text + i));
    }
}
