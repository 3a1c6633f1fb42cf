using System.Globalization;
using System.Text.Json;
using SpikeBench.Histograms;

namespace SpikeBench.Tests.Histograms;

/// <summary>Ranks, counts, iterations, sums and corrections against Java's.</summary>
public sealed class GoldenQueryTests
{
    [Fact]
    public void Percentile_has_javas_rank_for_every_small_sample()
    {
        string[][] rows =
        [
            .. GoldenData.Rows("java/rounding.csv"),
            .. GoldenData.Rows("rounding_compare.csv"),
        ];
        foreach (IGrouping<string, string[]> sample in rows.GroupBy(row => row[0]))
        {
            var histogram = new Histogram(1, 1_000_000, 5);
            for (long v = 1; v <= Number(sample.Key); v++)
            {
                histogram.Record(v);
            }

            foreach (string[] row in sample)
            {
                histogram.ValueAtPercentile(Real(row[1])).ShouldBe(Number(row[2]), string.Join(',', row));
            }
        }
    }

    [Fact]
    public void Percentile_that_is_no_percentile_is_clamped_as_in_java()
    {
        Histogram histogram = GoldenCases.Build("low1000_d3");
        long first = histogram.HighestEquivalent(histogram.Min);

        histogram.ValueAtPercentile(double.NaN).ShouldBe(first);
        histogram.ValueAtPercentile(-1).ShouldBe(first);
        histogram.ValueAtPercentile(0).ShouldBe(0);
        histogram.ValueAtPercentile(1000).ShouldBe(histogram.Max);
    }

    [Fact]
    public void Counts_and_shares_are_javas()
    {
        foreach (IGrouping<string, string[]> rows in GoldenData.Rows("java/queries.csv").GroupBy(row => row[0]))
        {
            Histogram histogram = GoldenCases.Build(rows.Key);
            foreach (string[] row in rows)
            {
                string what = string.Join(',', row);
                long value = Number(row[2]);
                switch (row[1])
                {
                    case "percentileAtOrBelow":
                        BitConverter.DoubleToInt64Bits(histogram.PercentileAtOrBelow(value)).ShouldBe(GoldenData.Bits(row[5]), what);
                        break;
                    case "countAtValue":
                        histogram.CountAt(value).ShouldBe(Number(row[4]), what);
                        break;
                    default:
                        histogram.CountBetween(value, Number(row[3])).ShouldBe(Number(row[4]), what);
                        break;
                }
            }
        }
    }

    [Fact]
    public void Iterations_take_javas_steps()
    {
        foreach (IGrouping<(string, string), string[]> rows in GoldenData.Rows("java/iterators.csv").GroupBy(row => (row[0], row[1])))
        {
            (string name, string iterator) = rows.Key;
            HistogramStep[] expected =
            [
                .. rows.Select(r => new HistogramStep(Number(r[2]), Number(r[3]), Number(r[4]), Number(r[5]), Number(r[6]), Real(r[7]), Real(r[8]))),
            ];
            Steps(GoldenCases.Build(name), iterator.Split(":")).ToArray().ShouldBe(expected, $"{name} {iterator}");
        }
    }

    [Fact]
    public void Sums_and_differences_are_javas()
    {
        foreach (JsonElement java in GoldenData.Cases("java/merge.json"))
        {
            Histogram target = GoldenCases.Build(java.String("target"));
            Histogram other = GoldenCases.Build(java.String("other"));
            if (java.GetProperty("error").ValueKind != JsonValueKind.Null)
            {
                byte[] before = HistogramEncoder.Encode(target);
                Should.Throw<ArgumentOutOfRangeException>(() => target.Add(other));
                HistogramEncoder.Encode(target).ShouldBe(before);
                continue;
            }

            target.Add(other);
            if (java.String("op") != "add")
            {
                target.Subtract(other);
            }

            GoldenHistogramTests.ShouldEqual(target, java);
            Convert.ToBase64String(HistogramEncoder.Encode(target)).ShouldBe(java.String("v2"));
        }
    }

    [Fact]
    public void Correction_after_the_fact_is_javas()
    {
        Histogram source = GoldenCases.Build("co_source_d3");
        foreach (JsonElement java in GoldenData.Cases("java/corrected.json"))
        {
            Histogram corrected = source.CopyCorrected(java.Long("interval"));

            GoldenHistogramTests.ShouldEqual(corrected, java);
            Convert.ToBase64String(HistogramEncoder.Encode(corrected)).ShouldBe(java.String("v2"));
        }
    }

    private static List<HistogramStep> Steps(Histogram histogram, string[] iterator)
    {
        List<HistogramStep> steps = [];
        switch (iterator[0])
        {
            case "recorded":
                foreach (HistogramStep step in histogram.RecordedSlots)
                {
                    steps.Add(step);
                }

                break;
            case "linear":
                foreach (HistogramStep step in histogram.LinearSteps(Number(iterator[1])))
                {
                    steps.Add(step);
                }

                break;
            case "log":
                foreach (HistogramStep step in histogram.LogarithmicSteps(Number(iterator[1]), Real(iterator[2])))
                {
                    steps.Add(step);
                }

                break;
            default:
                foreach (HistogramStep step in histogram.PercentileSteps((int)Number(iterator[1])))
                {
                    steps.Add(step);
                }

                break;
        }

        return steps;
    }

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);

    private static double Real(string text) => double.Parse(text, CultureInfo.InvariantCulture);
}
