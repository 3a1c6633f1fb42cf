using SpikeBench.Histograms;

namespace SpikeBench.Tests.Histograms;

/// <summary>The recorder's guarantees under contention: writers at full speed, a reader that takes intervals without pause.</summary>
/// <remarks>Some 20 million records; the run of hundreds of millions is the benchmarks' <c>--stress</c>.</remarks>
public sealed class RecorderContentionTests
{
    private const int Writers = 3;
    private const int RecordsPerWriter = 3_000_000;
    private const int Values = 1000;

    [Fact]
    public void Every_value_is_in_exactly_one_interval_when_writers_have_handles()
    {
        // G1: with the carry inside the run (counters start just below 2^32), and every seventh value out of range (G3).
        var recorder = new Recorder(1, 1_000_000, 3, firstCount: uint.MaxValue - 100);
        Histogram total = RunWriters(recorder, () =>
        {
            using RecorderHandle handle = recorder.CreateHandle();
            for (int i = 0; i < RecordsPerWriter; i++)
            {
                handle.Record(i % 7 == 6 ? -1 : i % Values);
            }
        });

        long refused = Writers * (long)(RecordsPerWriter / 7);
        total.OutOfRangeCount.ShouldBe(refused);
        recorder.OutOfRangeCount.ShouldBe(refused);
        total.TotalCount.ShouldBe((Writers * (long)RecordsPerWriter) - refused);
        ShouldHoldEachValue(total, value => Enumerable.Range(0, 7).Sum(k => InRange(value, k)));
    }

    [Fact]
    public void Every_value_is_in_exactly_one_interval_when_threads_record_by_themselves()
    {
        var recorder = new Recorder(1, 1_000_000, 3);
        var other = new Recorder(1, 1_000_000, 3);
        Histogram total = RunWriters(recorder, () =>
        {
            for (int i = 0; i < RecordsPerWriter; i++)
            {
                recorder.Record(i % Values);
                if (i % 1000 == 0)
                {
                    other.Record(i % Values);
                }
            }
        });

        total.TotalCount.ShouldBe(Writers * (long)RecordsPerWriter);
        ShouldHoldEachValue(total, _ => RecordsPerWriter / Values);
        other.TakeInterval(other.CreateHistogram()).ShouldBe(Writers * RecordsPerWriter / 1000);
    }

    [Fact]
    public void Value_recorded_before_the_call_is_in_the_interval_and_none_is_in_two()
    {
        // G2: a writer that waits for each interval finds its value there, and nothing after.
        var recorder = new Recorder(1, 1000, 3);
        using RecorderHandle handle = recorder.CreateHandle();
        Histogram interval = recorder.CreateHistogram();
        for (int i = 0; i < 2000; i++)
        {
            handle.Record(i % 1000);
            recorder.TakeInterval(interval).ShouldBe(1);
            interval.CountAt(i % 1000).ShouldBe(1);
            interval.Reset();
            recorder.TakeInterval(interval).ShouldBe(0);
        }
    }

    [Fact]
    public void Shard_of_a_disposed_handle_serves_the_next_when_it_is_drained()
    {
        // G4: a thousand writers one after the other share one shard.
        var recorder = new Recorder(1, 1000, 3);
        Histogram total = recorder.CreateHistogram();
        HashSet<RecorderShard> shards = [];
        for (int i = 0; i < 1000; i++)
        {
            using (RecorderHandle handle = recorder.CreateHandle())
            {
                handle.Record(i % 10);
                shards.Add(handle.Shard);
            }

            recorder.TakeInterval(total);
        }

        total.TotalCount.ShouldBe(1000);
        shards.Count.ShouldBe(1);
    }

    private static Histogram RunWriters(Recorder recorder, Action write)
    {
        Histogram total = recorder.CreateHistogram();
        Thread[] writers = [.. Enumerable.Range(0, Writers).Select(_ => new Thread(() => write()))];
        foreach (Thread writer in writers)
        {
            writer.Start();
        }

        long taken = 0;
        while (writers.Any(writer => writer.IsAlive))
        {
            taken += recorder.TakeInterval(total);
        }

        taken += recorder.TakeInterval(total);
        taken.ShouldBe(total.TotalCount);
        recorder.TakeInterval(total).ShouldBe(0);
        return total;
    }

    private static void ShouldHoldEachValue(Histogram total, Func<int, long> perWriter)
    {
        for (int value = 0; value < Values; value++)
        {
            total.CountAt(value).ShouldBe(Writers * perWriter(value));
        }
    }

    // Of the records i = value (mod 1000), those with i = k (mod 7), where k = 6 is refused.
    private static long InRange(int value, int k)
    {
        if (k == 6)
        {
            return 0;
        }

        long count = 0;
        for (int i = value; i < RecordsPerWriter; i += Values)
        {
            count += i % 7 == k ? 1 : 0;
        }

        return count;
    }
}
