using System.Text.Json;
using SpikeBench.Histograms;

namespace SpikeBench.Tests.Histograms;

/// <summary>Encodings by JavaScript, C, HdrHistogram.NET and Java's first versions. Golden/README.md says where each differs, and
/// why.</summary>
public sealed class ForeignEncodingTests
{
    // C refuses a value above the highest although a slot exists.
    private const string StricterRangeOfC = "tinyrange_d3";

    // HdrHistogram.NET shifts a 32-bit 1 and loses the counts of values from 2^41 on (at 3 digits) when it encodes.
    private static readonly string[] LostByDotnet = ["one_big_value_d3", "lognorm_tail_d3"];

    [Fact]
    public void Encodings_by_javascript_hold_what_was_recorded()
    {
        foreach (JsonElement js in GoldenData.Cases("js/histograms.json"))
        {
            string name = js.String("name");
            Histogram ours = GoldenCases.Build(name);

            HistogramDecoder.DecodeBase64(js.String("v2")).HasSameCounts(ours).ShouldBeTrue(name);
            HistogramDecoder.DecodeBase64(js.String("v2compressed")).HasSameCounts(ours).ShouldBeTrue(name);
            Convert.FromBase64String(js.String("v2"))[40..].ShouldBe(HistogramEncoder.Encode(ours)[40..], name);
            foreach (JsonProperty percentile in js.GetProperty("valueAtPercentile").EnumerateObject())
            {
                double p = double.Parse(percentile.Name);
                ours.ValueAtPercentile(p).ShouldBe(long.Parse(percentile.Value.GetString()!), $"{name} {p}");
            }
        }
    }

    [Fact]
    public void Encodings_by_c_hold_what_was_recorded()
    {
        foreach (JsonElement c in GoldenData.Cases("c/histograms.json").Where(c => c.String("name") != StricterRangeOfC))
        {
            string name = c.String("name");
            Histogram ours = GoldenCases.Build(name);

            HistogramDecoder.DecodeBase64(c.String("v2")).HasSameCounts(ours).ShouldBeTrue(name);
            HistogramDecoder.DecodeBase64(c.String("v2compressed")).HasSameCounts(ours).ShouldBeTrue(name);
        }
    }

    [Fact]
    public void Encodings_by_the_dotnet_port_are_read_without_their_checksum()
    {
        List<string> lost = [];
        foreach (JsonElement net in GoldenData.Cases("net-known-wrong/histograms.json").Where(c => c.TryGetProperty("v2", out _)))
        {
            string name = net.String("name");
            Histogram ours = GoldenCases.Build(name);
            Histogram plain = HistogramDecoder.DecodeBase64(net.String("v2"));

            HistogramDecoder.DecodeBase64(net.String("v2compressed")).HasSameCounts(plain).ShouldBeTrue(name);
            if (!plain.HasSameCounts(ours))
            {
                lost.Add(name);
            }
        }

        lost.ShouldBe(LostByDotnet);
    }

    [Theory]
    [InlineData("legacy/v0_java_1.2.1.json", true)]
    [InlineData("legacy/v1_java_2.0.3.json", false)]
    [InlineData("legacy/v1_java_2.1.5.json", false)]
    public void Encodings_of_javas_first_versions_are_read_at_every_word_size(string file, bool reportsLowestEquivalents)
    {
        HashSet<string> wordSizes = [];
        foreach (JsonElement legacy in GoldenData.Cases(file))
        {
            foreach (string form in new[] { "uncompressed", "compressed" })
            {
                if (!legacy.TryGetProperty(form, out JsonElement text))
                {
                    continue;
                }

                wordSizes.Add(legacy.String("class"));
                Histogram read = HistogramDecoder.DecodeBase64(text.GetString()!);
                read.TotalCount.ShouldBe(legacy.Long("totalCount"));
                read.LowestDiscernibleValue.ShouldBe(legacy.Long("lowest"));
                read.HighestTrackableValue.ShouldBe(legacy.Long("highest"));
                read.HasSameCounts(Legacy(legacy)).ShouldBeTrue();
                if (!legacy.GetProperty("empty").GetBoolean())
                {
                    long max = reportsLowestEquivalents ? read.LowestEquivalent(read.Max) : read.Max;
                    max.ShouldBe(legacy.Long("max"));
                    long median = read.ValueAtPercentile(50);
                    (reportsLowestEquivalents ? read.LowestEquivalent(median) : median).ShouldBe(legacy.Long("p50"));
                }
            }
        }

        wordSizes.Count.ShouldBe(3);
    }

    // seed 4242, 300 x logn(786432, 2), then 0, 5, 60000000000; or empty
    private static Histogram Legacy(JsonElement legacy)
    {
        var histogram = new Histogram(legacy.Long("lowest"), legacy.Long("highest"), (int)legacy.Long("digits"));
        if (legacy.GetProperty("empty").GetBoolean())
        {
            return histogram;
        }

        var random = new SplitMix64(4242);
        for (int i = 0; i < 300; i++)
        {
            histogram.Record(GoldenCases.LogNormal(random, 786432, 2));
        }

        histogram.Record(0);
        histogram.Record(5);
        histogram.Record(60_000_000_000);
        return histogram;
    }
}
