using SpikeBench.Core.Engine;
using SpikeBench.Core.Recording;
using SpikeBench.Core.Schedule;
using SpikeBench.Grpc;
using SpikeBench.Histograms;

namespace SpikeBench.DriverBench;

/// <summary>
/// A run as `spikebench run` makes it: schedule, worker and books on top of the raw driver. What it costs more than
/// <see cref="RawClient"/> is the engine's own.
/// </summary>
internal static class EngineClient
{
    private const long NsPerSecond = 1_000_000_000;
    private const long DeadlineNs = NsPerSecond;
    private const long LeadNs = 200_000_000;
    private const int WarmPhase = 0;
    private const int MeasuredPhase = 1;

    public static async Task<Measurement> OpenAsync(Uri target, int connections, double rate, double warmSeconds, double seconds)
    {
        long warmNs = (long)(warmSeconds * NsPerSecond);
        long endNs = warmNs + (long)(seconds * NsPerSecond);
        var curve = new RateCurve([new ConstantRate(rate, endNs)]);
        var plan = new LoadPlan(
            new ArrivalSchedule(curve, ArrivalKind.Even, 1), [new Phase("warm-up", 0, warmNs), new Phase("measured", warmNs, endNs)], [1]);
        int slots = Math.Min(100_000, EngineOptions.SlotsFor(rate, DeadlineNs, 1));
        var recorder = new RunRecorder(new RecordingPlan(plan.Phases, plan.Operations, [200_000_000], DeadlineNs, DeadlineNs), 1);
        await using var driver = new RawDriver();
        await driver.PrepareAsync(RawClient.Plan(target, connections, slots, LoadPlan.PoolSize), CancellationToken.None);

        GC.Collect();
        var clock = new MonotonicClock();
        var options = new EngineOptions { T0Ns = LeadNs, DeadlineNs = DeadlineNs, DrainNs = DeadlineNs, SlotsPerWorker = slots };
        var engine = new LoadEngine(options, plan, driver, clock, recorder);
        int collections = GC.CollectionCount(0);
        var cpu = new CpuMeter();
        await engine.RunAsync(CancellationToken.None);
        double busy = cpu.UserUs + cpu.KernelUs;
        collections = GC.CollectionCount(0) - collections;

        recorder.TakeIntervals((_, _, _, _) => { });
        RunBooks books = recorder.Close();
        (int first, int end) = books.Cells.Grid.OfPhase(MeasuredPhase);
        double sent = Sum(CellField.Sent);
        Histogram lateness = books.Totals[Index(TimeKind.Lateness)];
        Histogram response = books.Totals[Index(TimeKind.Response)];
        double all = books.Cells.Sum(0, books.Cells.Grid.Count, -1, CellField.Sent);
        return new Measurement
        {
            ["rate"] = sent / seconds,
            ["cpu_us"] = busy / all,
            ["util"] = busy / 1e6 / (warmSeconds + seconds),
            ["alloc_bytes"] = collections,
            ["late_p50_us"] = lateness.ValueAtPercentile(50) / 1e3,
            ["late_p99_us"] = lateness.ValueAtPercentile(99) / 1e3,
            ["late_p999_us"] = lateness.ValueAtPercentile(99.9) / 1e3,
            ["resp_p50_us"] = response.ValueAtPercentile(50) / 1e3,
            ["resp_p99_us"] = response.ValueAtPercentile(99) / 1e3,
            ["left_cell"] = Sum(CellField.SentAfterCell) / Math.Max(1, sent),
            ["not_sent"] = Sum(CellField.NotSentGuard),
            ["failed"] = Sum(CellField.Error) + Sum(CellField.TimedOut) + Sum(CellField.Outstanding),
            ["peak_in_flight"] = engine.PeakInFlight,
            ["rss_mb"] = Environment.WorkingSet / 1e6,
        };

        long Sum(CellField field) => books.Cells.Sum(first, end, -1, field);
        int Index(TimeKind kind) => ((MeasuredPhase - WarmPhase) * plan.Operations * RecordingPlan.Kinds) + (int)kind;
    }
}
