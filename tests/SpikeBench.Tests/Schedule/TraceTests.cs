using SpikeBench.Core.Profiles.Traces;
using SpikeBench.Core.Schedule;

namespace SpikeBench.Tests.Schedule;

public sealed class TraceTests
{
    private const long SecondNs = 1_000_000_000;

    [Theory]
    [InlineData(TraceShape.Smooth)]
    [InlineData(TraceShape.Hold)]
    public void Every_window_keeps_its_calls_whatever_runs_between_samples(TraceShape between)
    {
        // Jumps, zeros and a hole: where a border or a middle would go below 0.
        double[] rates = [100, 900, 0, 0, 5, 1000, 10, 10];
        long[] times = [0, 1 * SecondNs, 2 * SecondNs, 3 * SecondNs + 1, 5 * SecondNs, 6 * SecondNs, 6 * SecondNs + 333_333_333, 8 * SecondNs];
        var trace = Trace.OfRates(times, rates);
        var curve = new RateCurve(trace.Segments(2, between, 1));
        curve.DurationNs.ShouldBe(trace.DurationNs);
        for (int i = 0; i < rates.Length; i++)
        {
            long end = i + 1 < rates.Length ? times[i + 1] : trace.DurationNs;
            (curve.Integral(end) - curve.Integral(times[i])).ShouldBe(2 * rates[i] * (end - times[i]) / 1e9, 1e-6, $"window {i}");
        }

        for (long t = 0; t < curve.DurationNs; t += 10_000_000)
        {
            curve.RateAt(t).ShouldBeGreaterThanOrEqualTo(0);
        }
    }

    [Fact]
    public void Smooth_lines_meet_at_the_windows_borders()
    {
        var curve = new RateCurve(Trace.OfRates([0, SecondNs, 2 * SecondNs], [100, 200, 150]).Segments(1, TraceShape.Smooth, 1));
        foreach (long border in new[] { SecondNs, 2 * SecondNs })
        {
            curve.RateAt(border - 1).ShouldBe(curve.RateAt(border), 1e-3);
        }

        curve.RateAt(SecondNs).ShouldBe(150);
    }

    [Fact]
    public void Single_arrivals_are_played_at_their_recorded_nanoseconds()
    {
        long[] times = [0, 17, 17, 17, 1_000_000, 1_000_001, 3 * SecondNs, 3 * SecondNs + 999_999_999];
        var curve = new RateCurve(Trace.OfArrivals(times).Segments(1, TraceShape.Smooth, 1));
        Times(curve).ShouldBe([.. times.Select((t, i) => i is 1 or 2 ? Times(curve)[i] : t)]);
        Times(curve)[3].ShouldBe(17);
        Times(curve).Count.ShouldBe(times.Length);
    }

    [Fact]
    public void Thousands_of_recorded_arrivals_come_back_exactly_and_double_exactly()
    {
        var random = new CounterRandom(8, CounterRandom.Stream.Gaps);
        long t = 0;
        long[] times = [0, .. Enumerable.Range(1, 20_000).Select(i => t += 1 + random.Below(i, 1_000_000))];
        Times(new RateCurve(Trace.OfArrivals(times).Segments(1, TraceShape.Smooth, 1))).ShouldBe(times);
        List<long> twice = Times(new RateCurve(Trace.OfArrivals(times).Segments(2, TraceShape.Smooth, 1)));
        twice.Count.ShouldBe(2 * times.Length);
        twice.Where((_, i) => i % 2 == 1).ShouldBe(times, "every second call is a recorded one");
    }

    [Theory]
    [InlineData("time,rate\n0,100\n60,200\n120,50\n", 3, 180)]
    [InlineData("# evening\n100.5, 1e3\n101.5, 2e3\n", 2, 2)]
    [InlineData("timestamp,rps\n2026-01-01T00:00:00Z,10\n2026-01-01T00:00:30Z,20\n", 2, 60)]
    [InlineData("{\"status\":\"success\",\"data\":{\"resultType\":\"matrix\",\"result\":[{\"metric\":{},\"values\":[[1767193200,\"10\"],[1767193215,\"12.5\"],[1767193230,\"9\"]]}]}}", 3, 45)]
    public void Rates_are_read_from_csv_and_from_prometheus(string text, int count, int seconds)
    {
        (Trace? trace, string? error) = TraceReader.Read(text);
        error.ShouldBeNull();
        trace!.IsArrivals.ShouldBeFalse();
        trace.Count.ShouldBe(count);
        trace.DurationNs.ShouldBe(seconds * SecondNs);
    }

    [Fact]
    public void A_single_column_is_single_arrivals()
    {
        Trace trace = TraceReader.Read("time\n5.000000001\n5.5\n5.5\n7\n").Trace!;
        trace.IsArrivals.ShouldBeTrue();
        (trace.Count, trace.DurationNs).ShouldBe((4, 2 * SecondNs));
        trace.PeakRate.ShouldBe(3);
    }

    [Theory]
    [InlineData("", "has 0 samples")]
    [InlineData("time\n", "has no arrivals")]
    [InlineData("time,rate\n0,1\n", "at least two are needed")]
    [InlineData("zeit,rate\n0,1\n", "line 1: 'zeit,rate' is neither numbers nor the columns' names")]
    [InlineData("0,1\n1\n", "line 2: '1' has not two values like the lines before")]
    [InlineData("0,1\n1,2,3\n", "line 2:")]
    [InlineData("0,1\n1,fast\n", "line 2: 'fast' is not a rate")]
    [InlineData("0,1\n1,-2\n", "line 2: '-2' is not a rate")]
    [InlineData("0,1\n1,NaN\n", "line 2: 'NaN' is not a rate")]
    [InlineData("0,1\n0,2\n", "line 2: time 0 does not come after 0")]
    [InlineData("5\n4\n", "line 2: time 4 does not come after 5")]
    [InlineData("0,1\nx,2\n", "line 2: 'x' is not a time")]
    [InlineData("0,1\n99999999999,2\n", "a hundred days")]
    [InlineData("{\"data\":{}", "line 1: is not JSON")]
    [InlineData("{\"data\":{\"resultType\":\"vector\",\"result\":[]}}", "must be \"matrix\"")]
    [InlineData("{\"data\":{\"resultType\":\"matrix\",\"result\":[{},{}]}}", "has 2 series where one is needed")]
    [InlineData("{\"data\":{\"resultType\":\"matrix\",\"result\":[{\"values\":[[1,2]]}]}}", "value 1: is not [time, \"rate\"]")]
    [InlineData("{\"data\":{\"resultType\":\"matrix\",\"result\":[{\"values\":[[1,\"2\"],[2,\"2\"],[9,\"2\"]]}]}}", "value 3: 7 s after the one before, the step is 1 s")]
    public void What_is_no_trace_is_one_clear_error(string text, string expected) =>
        TraceReader.Read(text).Error.ShouldNotBeNull().ShouldContain(expected);

    private static List<long> Times(RateCurve curve)
    {
        var times = new List<long>();
        ArrivalCursor cursor = new ArrivalSchedule(curve, ArrivalKind.Even, 1).Open();
        while (cursor.MoveNext())
        {
            times.Add(cursor.IntendedNs);
        }

        return times;
    }
}
