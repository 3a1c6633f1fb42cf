using System.Buffers.Binary;
using System.IO.Compression;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using SpikeBench.Histograms;

namespace SpikeBench.Tests.Histograms;

/// <summary>Whatever is read ends in a histogram or in one typed error, within the memory that the caller allowed.</summary>
public sealed class HostileInputTests
{
    private const int MaxSlots = 40_000;

    // The counts, the rented text and chunk, and the decompressor's own objects.
    private const long MaxAllocated = (8L * MaxSlots) + (256 * 1024);

    [Fact]
    public void Random_bytes_end_in_an_error_of_ours() =>
        Prop.ForAll<byte[]>(bytes => DecodesOrRefuses(bytes)).QuickCheckThrowOnFailure();

    [Fact]
    public void Random_counts_behind_a_valid_header_end_in_a_histogram_or_an_error_of_ours() =>
        Prop.ForAll<byte[], int>((payload, seed) =>
        {
            byte[] plain = new byte[40 + payload.Length];
            int version = (seed & 1) == 0 ? 0x1c849313 : 0x1c849301 | ((seed & 0x70) << 0);
            BinaryPrimitives.WriteInt32BigEndian(plain, version);
            BinaryPrimitives.WriteInt32BigEndian(plain.AsSpan(4), payload.Length);
            BinaryPrimitives.WriteInt32BigEndian(plain.AsSpan(12), 3);
            BinaryPrimitives.WriteInt64BigEndian(plain.AsSpan(16), 1);
            BinaryPrimitives.WriteInt64BigEndian(plain.AsSpan(24), 3_600_000_000_000);
            payload.CopyTo(plain.AsSpan(40));
            DecodesOrRefuses(plain);
            DecodesOrRefuses(Envelope(plain));
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Mutations_of_the_golden_encodings_end_in_a_histogram_or_an_error_of_ours()
    {
        var random = new SplitMix64(20260101);
        foreach (byte[] original in GoldenEncodings())
        {
            for (int i = 0; i < 60; i++)
            {
                DecodesOrRefuses(Mutate(original, random));
            }

            // Inside a proper envelope the mutation gets past the decompressor.
            if (original.Length > 48 && original[3] == 0x13)
            {
                for (int i = 0; i < 20; i++)
                {
                    DecodesOrRefuses(Envelope(Mutate(original, random)));
                }
            }
        }
    }

    [Fact]
    public void Every_truncation_of_an_encoding_is_refused_or_read()
    {
        byte[] plain = HistogramEncoder.Encode(GoldenCases.Build("zeroruns_d3"));
        byte[] packed = HistogramEncoder.EncodeCompressed(GoldenCases.Build("zeroruns_d3"));
        for (int length = 0; length < plain.Length; length++)
        {
            byte[] cut = plain[..length];
            Should.Throw<HistogramFormatException>(() => HistogramDecoder.Decode(cut));
        }

        for (int length = 0; length < packed.Length; length++)
        {
            byte[] cut = packed[..length];
            Should.Throw<HistogramFormatException>(() => HistogramDecoder.Decode(cut));
        }
    }

    [Theory]
    [InlineData(long.MinValue)]
    [InlineData(-40_000)]
    [InlineData(-33_793)]
    public void Run_of_empty_slots_past_the_range_is_refused(long run)
    {
        byte[] plain = HistogramEncoder.Encode(new Histogram(1, 3_600_000_000_000, 3));
        byte[] counts = new byte[9];
        int length = ZigZagLeb128.Write(ref counts[0], 0, run);
        BinaryPrimitives.WriteInt32BigEndian(plain.AsSpan(4), length);

        Should.Throw<HistogramFormatException>(() => HistogramDecoder.Decode([.. plain[..40], .. counts[..length]]));
    }

    [Fact]
    public void Counts_that_add_up_past_the_end_of_long_are_refused()
    {
        byte[] plain = HistogramEncoder.Encode(new Histogram(1, 3_600_000_000_000, 3));
        byte[] counts = new byte[18];
        int length = ZigZagLeb128.Write(ref counts[0], 0, long.MaxValue);
        length = ZigZagLeb128.Write(ref counts[0], length, 1);
        BinaryPrimitives.WriteInt32BigEndian(plain.AsSpan(4), length);

        Should.Throw<HistogramFormatException>(() => HistogramDecoder.Decode([.. plain[..40], .. counts[..length]]));
    }

    [Fact]
    public void Double_histogram_is_refused_by_name() =>
        Should.Throw<HistogramFormatException>(() => HistogramDecoder.Decode([0x0c, 0x72, 0x12, 0x4e, 0, 0, 0, 3]))
            .Message.ShouldContain("DoubleHistogram");

    [Fact]
    public void Histogram_above_the_limit_is_refused_before_its_memory_is_taken()
    {
        byte[] huge = HistogramEncoder.Encode(new Histogram(1, 3_600_000_000_000, 5));
        long before = GC.GetAllocatedBytesForCurrentThread();

        Should.Throw<HistogramFormatException>(() => HistogramDecoder.Decode(huge, MaxSlots)).Message.ShouldContain("3407872");

        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(MaxAllocated);
    }

    [Fact]
    public void Random_log_text_ends_in_intervals_or_an_error_of_ours() =>
        Prop.ForAll<string[]>(lines => ReadsOrRefuses(string.Join('\n', lines.Select(line => line ?? "")))).QuickCheckThrowOnFailure();

    [Fact]
    public void Mutations_of_the_golden_logs_end_in_intervals_or_an_error_of_ours()
    {
        var random = new SplitMix64(77);
        foreach (string path in Directory.GetFiles(GoldenData.PathOf("logs"), "*.hlog"))
        {
            byte[] log = File.ReadAllBytes(path);
            for (int i = 0; i < 40; i++)
            {
                using TextReader text = HistogramLogReader.OpenText(new MemoryStream(Mutate(log, random)));
                ReadsOrRefuses(text.ReadToEnd());
            }
        }
    }

    private static void DecodesOrRefuses(byte[] bytes)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        try
        {
            Histogram histogram = HistogramDecoder.Decode(bytes, MaxSlots);
            histogram.TotalCount.ShouldBeGreaterThanOrEqualTo(0);
            histogram.SlotCount.ShouldBeLessThanOrEqualTo(MaxSlots);
        }
        catch (HistogramFormatException)
        {
        }

        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(MaxAllocated);
    }

    private static void ReadsOrRefuses(string log)
    {
        try
        {
            new HistogramLogReader(new StringReader(log), MaxSlots).ReadAll().Count().ShouldBeGreaterThanOrEqualTo(0);
        }
        catch (HistogramFormatException e)
        {
            e.Message.ShouldStartWith("Line ");
        }
    }

    private static IEnumerable<byte[]> GoldenEncodings()
    {
        foreach (JsonElement java in GoldenData.Cases("java/histograms.json"))
        {
            yield return Convert.FromBase64String(java.String("v2"));
            yield return Convert.FromBase64String(java.String("v2compressed"));
        }

        foreach (string file in new[] { "legacy/v0_java_1.2.1.json", "legacy/v1_java_2.0.3.json", "legacy/v1_java_2.1.5.json" })
        {
            foreach (JsonElement legacy in GoldenData.Cases(file))
            {
                yield return Convert.FromBase64String(legacy.String("compressed"));
            }
        }
    }

    private static byte[] Mutate(byte[] original, SplitMix64 random)
    {
        byte[] mutated = [.. original];
        for (int changes = (int)(random.NextLong() % 4) + 1; changes > 0; changes--)
        {
            // Half of the changes hit the headers, where the promises are.
            int end = (random.NextLong() & 1) == 0 ? Math.Min(56, mutated.Length) : mutated.Length;
            mutated[random.NextLong() % end] = (byte)(random.NextLong() % 3 == 0 ? 0xff : random.Next());
        }

        return random.NextLong() % 5 == 0 ? mutated[..(int)(random.NextLong() % mutated.Length)] : mutated;
    }

    private static byte[] Envelope(byte[] plain)
    {
        using var packed = new MemoryStream();
        packed.Write(new byte[8]);
        using (var zlib = new ZLibStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            zlib.Write(plain);
        }

        byte[] envelope = packed.ToArray();
        BinaryPrimitives.WriteInt32BigEndian(envelope, 0x1c849314);
        BinaryPrimitives.WriteInt32BigEndian(envelope.AsSpan(4), envelope.Length - 8);
        return envelope;
    }
}
