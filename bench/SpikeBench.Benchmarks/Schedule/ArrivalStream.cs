using System.Diagnostics;
using System.Globalization;
using SpikeBench.Core.Schedule;

namespace SpikeBench.Benchmarks.Schedule;

/// <summary>
/// A plan of a billion calls as a stream: what is counted is exact, and the memory does not grow with it. Times are this machine's.
/// </summary>
internal static class ArrivalStream
{
    private const long SecondNs = 1_000_000_000;

    public static bool Run(long calls, TextWriter output)
    {
        // A million a second on average through a midnight, so that a billion is a good quarter of an hour of plan.
        const double ordinary = 500_000;
        double share = calls / 1e9;
        var curve = new RateCurve([new MidnightRate(ordinary, MidnightShape.Presets["chat"], 60 * SecondNs, (long)(1_200 * share * SecondNs) + 120 * SecondNs)]);
        ArrivalCursor cursor = new ArrivalSchedule(curve, ArrivalKind.Even, seed: 1).Open();
        long wanted = Math.Min(calls, (long)curve.TotalCalls);
        long allocated = GC.GetAllocatedBytesForCurrentThread();
        TimeSpan cpu = Environment.CpuUsage.TotalTime;
        long start = Stopwatch.GetTimestamp();
        long count = 0, last = 0, back = 0;
        while (count < wanted && cursor.MoveNext())
        {
            count++;
            back += cursor.IntendedNs < last ? 1 : 0;
            last = cursor.IntendedNs;
        }

        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        double cpuSeconds = (Environment.CpuUsage.TotalTime - cpu).TotalSeconds;
        allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
        bool exact = back == 0 && curve.Integral(last) < count && curve.Integral(last + 1) >= count;
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{count:#,0} even arrivals of a midnight, last due at {last / 1e9:0.000000000} s: {count / seconds / 1e6:0.0} million a second, {seconds / count * 1e9:0.0} ns each ({cpuSeconds / count * 1e9:0.0} ns of processor), {allocated:#,0} B allocated, {back} out of order"));
        output.WriteLine(exact
            ? $"exact: the integral is below {count} at the last arrival and reaches it a nanosecond later"
            : "NOT exact");
        return exact;
    }
}
