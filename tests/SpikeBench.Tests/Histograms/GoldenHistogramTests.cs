using System.Globalization;
using System.Text.Json;
using SpikeBench.Histograms;

namespace SpikeBench.Tests.Histograms;

/// <summary>Every number that Java's Histogram answers for the golden inputs, ours must answer, to the bit.</summary>
public sealed class GoldenHistogramTests
{
    public static TheoryData<string> JavaCases => [.. GoldenCases.Names];

    [Theory]
    [MemberData(nameof(JavaCases))]
    public void Histogram_answers_as_java_does(string name)
    {
        JsonElement java = GoldenData.Cases("java/histograms.json").Single(c => c.String("name") == name);
        ShouldEqual(GoldenCases.Build(name), java);
    }

    [Theory]
    [MemberData(nameof(JavaCases))]
    public void Encoding_has_javas_bytes(string name)
    {
        JsonElement java = GoldenData.Cases("java/histograms.json").Single(c => c.String("name") == name);
        Histogram histogram = GoldenCases.Build(name);

        Convert.ToBase64String(HistogramEncoder.Encode(histogram)).ShouldBe(java.String("v2"));
        byte[] compressed = HistogramEncoder.EncodeCompressed(histogram);
        Inflated(compressed).ShouldBe(Inflated(Convert.FromBase64String(java.String("v2compressed"))));
    }

    [Theory]
    [MemberData(nameof(JavaCases))]
    public void Decoding_gives_what_java_recorded(string name)
    {
        JsonElement java = GoldenData.Cases("java/histograms.json").Single(c => c.String("name") == name);

        ShouldEqual(HistogramDecoder.DecodeBase64(java.String("v2")), java);
        ShouldEqual(HistogramDecoder.DecodeBase64(java.String("v2compressed")), java);
    }

    internal static void ShouldEqual(Histogram ours, JsonElement java)
    {
        ours.LowestDiscernibleValue.ShouldBe(java.Long("lowestDiscernibleValue"));
        ours.HighestTrackableValue.ShouldBe(java.Long("highestTrackableValue"));
        ours.SignificantDigits.ShouldBe((int)java.Long("digits"));
        ours.BucketCount.ShouldBe((int)java.Long("bucketCount"));
        ours.SubBucketCount.ShouldBe((int)java.Long("subBucketCount"));
        ours.SlotCount.ShouldBe((int)java.Long("countsArrayLength"));
        ours.TotalCount.ShouldBe(java.Long("totalCount"));
        ours.Min.ShouldBe(java.Long("min"));
        ours.MinNonZero.ShouldBe(java.Long("minNonZero"));
        ours.Max.ShouldBe(java.Long("max"));
        BitConverter.DoubleToInt64Bits(ours.Mean).ShouldBe(GoldenData.Bits(java.GetProperty("mean").String("bits")));
        BitConverter.DoubleToInt64Bits(ours.StandardDeviation).ShouldBe(GoldenData.Bits(java.GetProperty("stdDeviation").String("bits")));
        int recorded = 0;
        foreach (HistogramStep step in ours.RecordedSlots)
        {
            recorded += step.CountInStep > 0 ? 1 : 0;
        }

        recorded.ShouldBe((int)java.Long("nonZeroSlots"));
        ShouldHavePercentiles(ours, java.GetProperty("valueAtPercentile"));
    }

    private static void ShouldHavePercentiles(Histogram ours, JsonElement java)
    {
        var expected = java.EnumerateObject().ToArray();
        double[] percentiles = [.. expected.Select(p => double.Parse(p.Name, CultureInfo.InvariantCulture))];
        long[] values = [.. expected.Select(p => long.Parse(p.Value.GetString()!, CultureInfo.InvariantCulture))];
        long[] together = new long[percentiles.Length];
        ours.ValuesAtPercentiles(percentiles, together);

        percentiles.Select(ours.ValueAtPercentile).ShouldBe(values);
        together.ShouldBe(values);
    }

    private static byte[] Inflated(byte[] envelope)
    {
        using var zlib = new System.IO.Compression.ZLibStream(new MemoryStream(envelope, 8, envelope.Length - 8), System.IO.Compression.CompressionMode.Decompress);
        using var plain = new MemoryStream();
        zlib.CopyTo(plain);
        return plain.ToArray();
    }
}
