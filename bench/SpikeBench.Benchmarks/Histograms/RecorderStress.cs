using System.Diagnostics;
using System.Globalization;
using SpikeBench.Histograms;

namespace SpikeBench.Benchmarks.Histograms;

/// <summary>
/// The recorder's guarantees at length: hundreds of millions of records by handles and by threads, a reader that takes intervals without
/// pause, handles that come and go, and counters that carry past 32 bits on the way. Exact to the last count, slot by slot.
/// </summary>
internal static class RecorderStress
{
    private const int Writers = 4;
    private const int Values = 2000;
    private const int RecordsPerHandle = 1_000_000;

    public static bool Run(long millions, TextWriter output)
    {
        // Counters start just below 2^32: the carry is met by every slot of every shard.
        var recorder = new Recorder(1, Fixture.Hour, Fixture.Digits, firstCount: uint.MaxValue - 1000);
        Histogram total = recorder.CreateHistogram();
        long perWriter = millions * 1_000_000 / Writers / RecordsPerHandle * RecordsPerHandle;
        long start = Stopwatch.GetTimestamp();
        Thread[] writers = [.. Enumerable.Range(0, Writers).Select(w => new Thread(() => Write(recorder, perWriter, byThread: w % 2 == 0)))];
        foreach (Thread writer in writers)
        {
            writer.Start();
        }

        long intervals = 0;
        long taken = 0;
        while (writers.Any(writer => writer.IsAlive))
        {
            taken += recorder.TakeInterval(total);
            intervals++;
        }

        taken += recorder.TakeInterval(total);
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        bool exact = IsExact(total, taken, perWriter);
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{Writers} writers, {Writers * perWriter / 1_000_000} M records, {intervals} intervals in {seconds:0.0} s: {(exact ? "every value counted exactly once" : "COUNTS DIFFER")}"));
        return exact;
    }

    private static void Write(Recorder recorder, long records, bool byThread)
    {
        for (long done = 0; done < records; done += RecordsPerHandle)
        {
            if (byThread)
            {
                for (int i = 0; i < RecordsPerHandle; i++)
                {
                    recorder.Record(i % Values);
                }

                continue;
            }

            using RecorderHandle handle = recorder.CreateHandle();
            for (int i = 0; i < RecordsPerHandle; i++)
            {
                handle.Record(i % Values);
            }
        }
    }

    private static bool IsExact(Histogram total, long taken, long perWriter)
    {
        bool exact = taken == Writers * perWriter && total.TotalCount == taken && total.OutOfRangeCount == 0;
        for (int value = 0; value < Values; value++)
        {
            exact &= total.CountAt(value) == Writers * perWriter / Values;
        }

        return exact;
    }
}
