using SpikeBench.Target.Truth;

namespace SpikeBench.Tests.Target.Truth;

public sealed class ArrivalCellsTests
{
    [Fact]
    public void Counts_run_from_the_first_arrival_to_the_last_with_zeros_between()
    {
        var cells = new ArrivalCells();
        cells.Read().Counts.ShouldBeEmpty();
        foreach (long nowMs in (long[])[250, 299, 300, 700, 700, 500_000])
        {
            cells.Add(nowMs * 1_000_000);
        }

        (long first, IReadOnlyList<long> counts) = cells.Read();
        first.ShouldBe(2);
        counts.Take(6).ShouldBe([2, 1, 0, 0, 0, 2]);
        counts.Count.ShouldBe(4999);
        counts.Sum().ShouldBe(6);
        counts[^1].ShouldBe(1);
    }

    [Fact]
    public void Repeated_key_is_counted_as_stored_again_or_as_replayed()
    {
        var kept = new DuplicateCounts(deduplicate: false);
        foreach (string key in (string[])["a", "b", "a", "a", "", ""])
        {
            kept.Note(key, replayed: false);
        }

        (kept.Stored, kept.Replayed).ShouldBe((2, 0));
        var replayed = new DuplicateCounts(deduplicate: true);
        replayed.Note("a", replayed: false);
        replayed.Note("a", replayed: true);
        (replayed.Stored, replayed.Replayed).ShouldBe((0, 1));
    }
}
