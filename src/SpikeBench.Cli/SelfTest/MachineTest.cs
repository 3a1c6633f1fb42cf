using SpikeBench.Cli.Running;
using SpikeBench.Core.Engine;
using SpikeBench.Core.Profiles;
using SpikeBench.Core.Recording;
using SpikeBench.Core.Schedule;
using SpikeBench.Grpc;
using SpikeBench.Grpc.Payloads;
using SpikeBench.Histograms;

namespace SpikeBench.Cli.SelfTest;

/// <summary>
/// This machine's own figures: how late calls leave at several rates when nothing answers slowly, and the highest rate at which a service
/// that does nothing still gets them on time. Shown, not judged: a run judges its own.
/// </summary>
internal static class MachineTest
{
    private const long SecondNs = 1_000_000_000;
    private const long NullRunNs = 2 * SecondNs;
    private const long StepNs = SecondNs;

    // The bound of fidelity: calls that must leave within their 100 ms.
    private const double OnTimeShare = 0.98;

    private static readonly double[] NullRates = [1_000, 10_000, 50_000, 100_000];
    private static readonly double[] Ladder = [1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 64_000];

    /// <summary>Dispatch minus intended time on a lane that ends every call at once, one worker.</summary>
    public static async Task<IReadOnlyList<SelfTestLine>> SchedulingErrorAsync(CancellationToken cancel)
    {
        var lines = new List<SelfTestLine>();
        foreach (double rate in NullRates)
        {
            await using var driver = new NullDriver();
            (Histogram lateness, _, _) = await OfferAsync(driver, rate, NullRunNs, cancel).ConfigureAwait(false);
            lines.Add(new SelfTestLine(
                "scheduling error", $"null lane at {Units.Rate(rate)}", "shown",
                $"p50 {Units.Duration(lateness.ValueAtPercentile(50))}, p99 {Units.Duration(lateness.ValueAtPercentile(99))}, max {Units.Duration(lateness.Max)}", null));
        }

        return lines;
    }

    /// <summary>The highest rung of a ladder of rates at which every call ended OK and 98 % left within their 100 ms.</summary>
    public static async Task<IReadOnlyList<SelfTestLine>> CeilingAsync(CancellationToken cancel)
    {
        await using TargetProcess messenger = await TargetProcess.StartAsync(["--store", "memory"], cpus: null, cancel).ConfigureAwait(false);
        double held = 0;
        string why = "the ladder's top";
        foreach (double rate in Ladder)
        {
            await using IDriver driver = Drivers.CreateBest();
            int slots = EngineOptions.SlotsFor(rate, SecondNs, 1);
            await driver.PrepareAsync(
                new CallPlan
                {
                    Target = messenger.Address,
                    Operations = PayloadPool.Build(Messages.Send, 1).Operations,
                    Lanes = 1,
                    Connections = Math.Max(1, (int)Math.Ceiling(1.2 * rate / 700)),
                    SlotsPerLane = slots,
                    RunId = "selftest",
                },
                cancel).ConfigureAwait(false);
            (Histogram lateness, double onTime, long notOk) = await OfferAsync(driver, rate, StepNs, cancel).ConfigureAwait(false);
            if (onTime < OnTimeShare || notOk > 0)
            {
                why = $"at {Units.Rate(rate)} {Units.Percent(onTime)} left in time and {Units.Count(notOk)} did not end OK, p99 {Units.Duration(lateness.ValueAtPercentile(99))} late";
                break;
            }

            held = rate;
        }

        return [new SelfTestLine("null service", "highest rate that left on time, one worker", "shown", $"{Units.Rate(held)}; {why}", null)];
    }

    private static async Task<(Histogram Lateness, double OnTime, long NotOk)> OfferAsync(IDriver driver, double rate, long lengthNs, CancellationToken cancel)
    {
        var schedule = new ArrivalSchedule(new RateCurve([new ConstantRate(rate, lengthNs)]), ArrivalKind.Even, 1);
        var plan = new LoadPlan(schedule, [new Phase("all", 0, lengthNs)], [1]);
        var recording = new RecordingPlan(plan.Phases, 1, [], SecondNs, SecondNs);
        var clock = new MonotonicClock();
        var recorder = new RunRecorder(recording, 1);
        var scratch = new RunRecorder(recording, 1);
        long warmUpNs = lengthNs / 4;
        var warmUp = new LoadPlan(new ArrivalSchedule(new RateCurve([new ConstantRate(Math.Min(rate, 1_000), warmUpNs)]), ArrivalKind.Even, 1), [new Phase("all", 0, warmUpNs)], [1]);
        long startNs = clock.NowNs + SecondNs / 5;
        var options = new EngineOptions
        {
            T0Ns = startNs + warmUpNs + SecondNs,
            DeadlineNs = SecondNs,
            DrainNs = SecondNs,
            SlotsPerWorker = EngineOptions.SlotsFor(rate, SecondNs, 1),
        };
        await new LoadEngine(options, plan, driver, clock, recorder, new Rehearsal(warmUp, startNs, scratch)).RunAsync(cancel).ConfigureAwait(false);
        recorder.TakeIntervals((_, _, _, _) => { });
        RunBooks books = recorder.Close();
        long Sum(CellField field) => books.Cells.Sum(0, books.Cells.Grid.PlanCells, -1, field);
        long planned = Sum(CellField.Planned);
        return (
            books.Totals[recording.HistogramIndex(0, 0, TimeKind.Lateness)],
            planned == 0 ? 1 : (Sum(CellField.Sent) - Sum(CellField.SentAfterCell)) / (double)planned,
            planned - Sum(CellField.Ok));
    }
}
