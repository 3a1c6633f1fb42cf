using FsCheck;
using FsCheck.Fluent;
using SpikeBench.Histograms;

namespace SpikeBench.Tests.Histograms;

/// <summary>What holds for every histogram, whatever its range, precision and values.</summary>
public sealed class HistogramPropertyTests
{
    // Uniform in magnitude, not in value: every bucket of the range is met.
    private static readonly Gen<long> Values =
        from magnitude in Gen.Choose(0, 62)
        from bits in ArbMap.Default.GeneratorFor<long>()
        select (bits & long.MaxValue) >> magnitude;

    // 4 and 5 digits over all of long take 6.5 and 49 MB each: the golden set has 5 digits over an hour.
    private static readonly Arbitrary<Histogram> AnyHistogram = Arb.From(
        from digits in Gen.Choose(0, 3)
        from unit in Gen.Choose(0, 20)
        from values in Values.ArrayOf()
        from counts in Gen.Choose(1, 1_000_000).ArrayOf()
        select Recorded(new Histogram(1L << unit, long.MaxValue, digits), values, counts));

    // Merging needs one layout: between layouts a slot's lowest value stands for all of it, and the order of merging shows.
    private static readonly Arbitrary<(Histogram A, Histogram B, Histogram C)> ThreeAlike = Arb.From(
        from digits in Gen.Choose(0, 3)
        from a in Values.ArrayOf()
        from b in Values.ArrayOf()
        from c in Values.ArrayOf()
        select (
            Recorded(new Histogram(digits), a, []),
            Recorded(new Histogram(digits), b, []),
            Recorded(new Histogram(digits), c, [])));

    [Fact]
    public void Decoding_an_encoding_gives_the_same_counts() => Prop.ForAll(AnyHistogram, histogram =>
    {
        Histogram plain = HistogramDecoder.Decode(HistogramEncoder.Encode(histogram));
        Histogram packed = HistogramDecoder.Decode(HistogramEncoder.EncodeCompressed(histogram));
        return plain.HasSameCounts(histogram)
            && packed.HasSameCounts(histogram)
            && plain.HighestTrackableValue == histogram.HighestTrackableValue
            && plain.LowestDiscernibleValue == histogram.LowestDiscernibleValue
            && HistogramEncoder.Encode(plain).AsSpan().SequenceEqual(HistogramEncoder.Encode(histogram));
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Number_is_read_as_it_was_written() => Prop.ForAll(Arb.From(Values), value =>
    {
        byte[] bytes = new byte[ZigZagLeb128.MaxLength];
        foreach (long number in new[] { value, -value, long.MinValue + value })
        {
            int length = ZigZagLeb128.Write(ref bytes[0], 0, number);
            int at = 0;
            ZigZagLeb128.TryRead(bytes.AsSpan(0, length), ref at, out long read).ShouldBeTrue();
            (read, at).ShouldBe((number, length));
        }
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Adding_is_commutative_and_associative() => Prop.ForAll(ThreeAlike, h =>
    {
        Histogram left = Sum(Sum(h.A, h.B), h.C);
        Histogram right = Sum(h.A, Sum(h.B, h.C));
        return left.HasSameCounts(right)
            && Sum(h.A, h.B).HasSameCounts(Sum(h.B, h.A))
            && (left.Min, left.Max, left.Mean, left.StandardDeviation) == (right.Min, right.Max, right.Mean, right.StandardDeviation);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Subtracting_undoes_adding() => Prop.ForAll(ThreeAlike, h =>
    {
        Histogram sum = Sum(h.A, h.B);
        sum.Subtract(h.B);
        return sum.HasSameCounts(h.A) && sum.Max == h.A.Max && sum.Min == h.A.Min;
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Percentiles_are_monotone_and_one_pass_gives_the_same() => Prop.ForAll(AnyHistogram, Arb.From(Gen.Choose(0, 100_000).ArrayOf()), (histogram, picks) =>
    {
        double[] percentiles = [.. picks.Select(p => p / 1000.0)];
        long[] together = new long[percentiles.Length];
        histogram.ValuesAtPercentiles(percentiles, together);
        long[] alone = [.. percentiles.Select(histogram.ValueAtPercentile)];
        long[] ascending = [.. percentiles.Order().Select(histogram.ValueAtPercentile)];
        return together.SequenceEqual(alone) && ascending.SequenceEqual(ascending.Order());
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Percentile_is_the_slot_of_the_value_at_that_rank() => Prop.ForAll(Arb.From(Values.NonEmptyListOf()), Arb.From(Gen.Choose(0, 1000)), (values, permille) =>
    {
        Histogram histogram = Recorded(new Histogram(1, long.MaxValue, 2), [.. values], []);
        long[] sorted = [.. values.Order()];
        double percentile = permille / 10.0;
        int rank = Math.Clamp((int)Math.Ceiling(Math.BitDecrement(percentile) * sorted.Length / 100.0), 1, sorted.Length);
        long exact = sorted[rank - 1];
        long found = histogram.ValueAtPercentile(percentile);
        return found >= histogram.LowestEquivalent(exact) && histogram.LowestEquivalent(found) == histogram.LowestEquivalent(exact);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Value_is_inside_its_slot_and_slots_leave_no_gap() => Prop.ForAll(Arb.From(Values), Arb.From(Gen.Choose(0, 5)), Arb.From(Gen.Choose(0, 40)), (value, digits, unit) =>
    {
        var layout = new SlotLayout(1L << unit, digits);
        int index = layout.IndexOf(value);
        return layout.LowestAt(index) <= value
            && value <= layout.HighestAt(index)
            && layout.IndexOf(layout.LowestAt(index)) == index
            && layout.IndexOf(layout.HighestAt(index)) == index
            && (index == 0 || layout.HighestAt(index - 1) == layout.LowestAt(index) - 1)
            && layout.IndexOf(-value - 1) >= layout.SlotsFor(long.MaxValue);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Correction_by_slots_equals_correction_by_samples() => Prop.ForAll(Arb.From(Gen.Choose(0, 2_000_000)), Arb.From(Gen.Choose(-1, 50_000)), (value, interval) =>
    {
        var bySlot = new Histogram(1, 3_600_000_000_000, 2);
        bySlot.RecordCorrected(value, interval);
        var bySample = new Histogram(1, 3_600_000_000_000, 2);
        bySample.Record(value);
        for (long x = (long)value - interval; interval > 0 && x >= interval; x -= interval)
        {
            bySample.Record(x);
        }

        return bySlot.HasSameCounts(bySample);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Counts_between_add_up_to_the_recorded_steps() => Prop.ForAll(AnyHistogram, histogram =>
    {
        long sum = 0;
        foreach (HistogramStep step in histogram.RecordedSlots)
        {
            sum += step.CountInStep;
            if (histogram.CountAtOrBelow(step.To) != sum || histogram.CountAt(step.To) != step.CountInStep)
            {
                return false;
            }
        }

        return sum == histogram.TotalCount && histogram.CountBetween(0, long.MaxValue) == sum;
    }).QuickCheckThrowOnFailure();

    private static Histogram Recorded(Histogram histogram, long[] values, int[] counts)
    {
        for (int i = 0; i < values.Length; i++)
        {
            histogram.Record(values[i], i < counts.Length ? counts[i] : 1);
        }

        return histogram;
    }

    private static Histogram Sum(Histogram a, Histogram b)
    {
        Histogram sum = a.Copy();
        sum.Add(b);
        return sum;
    }
}
