using SpikeBench.Core.Recording;

namespace SpikeBench.Tests.Recording;

public sealed class CellGridTests
{
    private const long MsNs = 1_000_000;

    private static readonly CellGrid Grid = new([new("a", 0, 250 * MsNs), new("b", 250 * MsNs, 400 * MsNs)], 300 * MsNs);

    [Fact]
    public void Cells_are_cut_where_a_phase_ends()
    {
        Grid.PlanCells.ShouldBe(5);
        Enumerable.Range(0, 5).Select(c => Grid.Span(c)).ShouldBe(
            [(0, 100 * MsNs), (100 * MsNs, 200 * MsNs), (200 * MsNs, 250 * MsNs), (250 * MsNs, 300 * MsNs), (300 * MsNs, 400 * MsNs)]);
        Grid.OfPhase(0).ShouldBe((0, 3));
        Grid.OfPhase(1).ShouldBe((3, 5));
        Grid.PhaseOf(4).ShouldBe(1);
        Grid.PhaseOf(5).ShouldBe(2);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(249, 2)]
    [InlineData(250, 3)]
    [InlineData(299, 3)]
    [InlineData(399, 4)]
    [InlineData(400, 5)]
    [InlineData(99_999, 8)]
    [InlineData(-1, 0)]
    public void A_moment_has_one_cell(long ms, int cell) => Grid.CellAt(ms * MsNs).ShouldBe(cell);

    [Fact]
    public void Every_time_of_a_phase_is_inside_the_cell_it_gets()
    {
        for (long ms = 0; ms < 400; ms++)
        {
            (long start, long end) = Grid.Span(Grid.CellIn(ms < 250 ? 0 : 1, ms * MsNs));
            (ms * MsNs).ShouldBeInRange(start, end - 1);
        }
    }
}
