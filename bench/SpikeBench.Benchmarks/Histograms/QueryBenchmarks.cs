using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Configs;
using SpikeBench.Histograms;

namespace SpikeBench.Benchmarks.Histograms;

/// <summary>Questions to a histogram of 100,000 values, and its sum with another.</summary>
[GroupBenchmarksBy(BenchmarkLogicalGroupRule.ByCategory)]
[CategoriesColumn]
public class QueryBenchmarks
{
    private readonly Fixture _data = new();
    private readonly Histogram _total = new(1, Fixture.Hour, Fixture.Digits);
    private readonly TextbookHistogram _textbookTotal = Fixture.NewTextbook();
    private readonly long[] _values = new long[Fixture.TwelvePercentiles.Length];

    [Benchmark, BenchmarkCategory("p99")]
    public long Percentile() => _data.Ours.ValueAtPercentile(99);

    [Benchmark(Baseline = true), BenchmarkCategory("p99")]
    public long PercentileTextbook() => _data.Textbook.ValueAtPercentile(99);

    [Benchmark, BenchmarkCategory("12 percentiles")]
    public void TwelvePercentiles() => _data.Ours.ValuesAtPercentiles(Fixture.TwelvePercentiles, _values);

    [Benchmark(Baseline = true), BenchmarkCategory("12 percentiles")]
    public void TwelvePercentilesTextbook()
    {
        for (int i = 0; i < _values.Length; i++)
        {
            _values[i] = _data.Textbook.ValueAtPercentile(Fixture.TwelvePercentiles[i]);
        }
    }

    [Benchmark, BenchmarkCategory("moments")]
    public double Moments()
    {
        (double mean, double deviation) = _data.Ours.MeanAndStandardDeviation();
        return mean + deviation + _data.Ours.Max;
    }

    [Benchmark(Baseline = true), BenchmarkCategory("moments")]
    public double MomentsTextbook() => _data.Textbook.Mean() + _data.Textbook.StandardDeviation() + _data.Textbook.Max();

    [Benchmark, BenchmarkCategory("merge")]
    public void Merge() => _total.Add(_data.Ours);

    [Benchmark(Baseline = true), BenchmarkCategory("merge")]
    public void MergeTextbook() => _textbookTotal.Add(_data.Textbook);

    [Benchmark, BenchmarkCategory("hgrm")]
    public void PercentileText() => PercentileDistribution.Write(TextWriter.Null, _data.Ours, 1e6);
}
