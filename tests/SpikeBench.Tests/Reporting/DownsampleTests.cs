using FsCheck;
using FsCheck.Fluent;
using SpikeBench.Reporting;

namespace SpikeBench.Tests.Reporting;

public sealed class DownsampleTests
{
    [Fact]
    public void Peaks_keep_the_largest_and_the_smallest_value_where_they_were() => Prop.ForAll(Lengths(), length =>
    {
        double[] series = Series(length);

        IReadOnlyList<(int Index, double Value)> points = Downsample.Peaks(series);

        return points.Count <= Downsample.MostPoints
            && points.All(p => series[p.Index] == p.Value)
            && points.Max(p => p.Value) == series.Max()
            && points.Min(p => p.Value) == series.Min()
            && points.Zip(points.Skip(1)).All(pair => pair.First.Index < pair.Second.Index);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Buckets_cover_a_series_once_without_a_gap() => Prop.ForAll(Lengths(), length =>
    {
        int next = 0;
        for (int bucket = 0; bucket < Downsample.Buckets(length); bucket++)
        {
            (int from, int to) = Downsample.Bucket(bucket, length);
            if (from != next || to <= from)
            {
                return false;
            }

            next = to;
        }

        return next == length;
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Peaks_return_a_short_series_unchanged()
    {
        double[] series = Series(Downsample.MostPoints);

        Downsample.Peaks(series).Select(p => p.Value).ShouldBe(series);
    }

    [Fact]
    public void Peaks_survive_beside_gaps_and_failures()
    {
        double[] series = [.. Enumerable.Repeat(double.NaN, 3000)];
        series[1234] = double.PositiveInfinity;
        series[2000] = 7;

        IReadOnlyList<(int Index, double Value)> points = Downsample.Peaks(series);

        points.ShouldContain((1234, double.PositiveInfinity));
        points.ShouldContain((2000, 7));
        points.Count(p => double.IsNaN(p.Value)).ShouldBe(Downsample.MostPoints / 2 - 2);
    }

    private static Arbitrary<int> Lengths() => Gen.Choose(1, 9000).ToArbitrary();

    private static double[] Series(int length) => [.. Enumerable.Range(0, length).Select(i => Math.Sin(i * 12.9898 + length) * 43758.5453 % 1000)];
}
