using SpikeBench.Target.Store;

namespace SpikeBench.Tests.Target.Store;

public sealed class StructLogTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(65_536)]
    [InlineData(65_537)]
    [InlineData(200_000)]
    public void Log_gives_back_every_value_in_order(int count)
    {
        var log = new StructLog<long>();
        for (int i = 0; i < count; i++)
        {
            log.Add(i * 3L).ShouldBe(i);
        }

        log.Count.ShouldBe(count);
        long[] expected = [.. Enumerable.Range(0, count).Select(i => i * 3L)];
        log.ToArray().AsSpan().SequenceEqual(expected).ShouldBeTrue();
        if (count > 0)
        {
            log[count - 1].ShouldBe((count - 1) * 3L);
        }
    }
}
