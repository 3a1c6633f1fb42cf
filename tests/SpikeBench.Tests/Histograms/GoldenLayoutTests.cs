using System.Globalization;
using SpikeBench.Histograms;

namespace SpikeBench.Tests.Histograms;

/// <summary>The slot arithmetic against Java's, over 774 layouts and some 2,400 values.</summary>
public sealed class GoldenLayoutTests
{
    [Fact]
    public void Layout_has_javas_buckets_and_slots()
    {
        foreach (string[] row in GoldenData.Rows("java/layout.csv"))
        {
            long lowest = Number(row[0]);
            long highest = Number(row[1]);
            int digits = (int)Number(row[2]);
            if (row[3].Contains("Exception", StringComparison.Ordinal))
            {
                SlotLayout.IsValid(lowest, highest, digits).ShouldBeFalse(string.Join(',', row));
                continue;
            }

            SlotLayout.IsValid(lowest, highest, digits).ShouldBeTrue(string.Join(',', row));
            var layout = new SlotLayout(lowest, digits);
            ((long)layout.UnitMagnitude, (long)layout.SubBucketCount, (long)layout.BucketsFor(highest), (long)layout.SlotsFor(highest))
                .ShouldBe((Number(row[3]), Number(row[4]), Number(row[5]), Number(row[6])), string.Join(',', row));
        }
    }

    [Fact]
    public void Equivalents_are_javas_up_to_the_end_of_long()
    {
        foreach (string[] row in GoldenData.Rows("java/equivalence.csv"))
        {
            var layout = new SlotLayout(Number(row[0]), (int)Number(row[2]));
            int index = layout.IndexOf(Number(row[3]));
            long[] ours =
            [
                index,
                layout.LowestAt(index),
                layout.HighestAt(index),
                layout.MedianAt(index),
                unchecked(layout.HighestAt(index) + 1),
                layout.WidthAt(index),
            ];
            ours.ShouldBe(row.Skip(4).Select(Number), string.Join(',', row));
        }
    }

    [Fact]
    public void Histogram_refuses_what_is_no_layout()
    {
        Should.Throw<ArgumentOutOfRangeException>(() => new Histogram(0, 100, 3));
        Should.Throw<ArgumentOutOfRangeException>(() => new Histogram(10, 19, 3));
        Should.Throw<ArgumentOutOfRangeException>(() => new Histogram(1, 100, 6));
        Should.Throw<ArgumentOutOfRangeException>(() => new Histogram(-1));
        Should.Throw<ArgumentOutOfRangeException>(() => new Histogram(1L << 52, long.MaxValue, 3));
        Should.Throw<ArgumentOutOfRangeException>(() => new Recorder(long.MaxValue, long.MaxValue, 3));
    }

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);
}
