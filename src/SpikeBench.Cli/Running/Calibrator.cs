using System.Runtime.InteropServices;
using SpikeBench.Cli.SelfTest;
using SpikeBench.Core;
using SpikeBench.Core.Engine;
using SpikeBench.Core.Recording;
using SpikeBench.Core.Schedule;
using SpikeBench.Grpc;
using SpikeBench.Grpc.Payloads;
using SpikeBench.Histograms;

namespace SpikeBench.Cli.Running;

/// <summary>
/// Measures the generator against nothing, before a run and on its machine: how late it is at the run's rate, how many calls one worker
/// can make, and what a service that does nothing seems to take. Some six seconds, once a day per machine and rate.
/// </summary>
/// <param name="clock">The run's clock.</param>
/// <param name="time">When it was measured.</param>
/// <param name="say">Is told why it could not be.</param>
internal sealed class Calibrator(IClock clock, TimeProvider time, Func<string, Task> say)
{
    private const double RateMargin = 1.2;
    private const long SecondNs = 1_000_000_000;
    private const long LeadNs = 100_000_000;
    private const long WarmUpNs = SecondNs;
    private const long MeasureNs = 2 * SecondNs;
    private const long DeadlineNs = SecondNs;

    // The ceiling: more than any worker can start, for so short that it takes less than a second even at a tenth of that.
    private const double FloodPerSecond = 2_000_000;
    private const long FloodNs = 50_000_000;

    // A call to nothing ends at the next poll, and a worker polls after 256 starts.
    private const int NullSlots = 4_096;

    /// <summary>The stored calibration that fits the run, or a new one; null where it could not be made.</summary>
    /// <param name="store">Where calibrations are kept.</param>
    /// <param name="driver">The run's driver.</param>
    /// <param name="workers">The run's workers.</param>
    /// <param name="peakPerSecond">The run's peak rate.</param>
    /// <param name="connectionsFor">Connections for a rate.</param>
    /// <param name="findOnly">Takes a stored one or none.</param>
    /// <param name="cancel">Gives up.</param>
    public async Task<Calibration?> ForAsync(
        CalibrationStore store, string driver, int workers, double peakPerSecond, Func<double, int> connectionsFor, bool findOnly, CancellationToken cancel)
    {
        double rate = RateMargin * peakPerSecond;
        string machine = $"{Environment.MachineName}, {RuntimeInformation.OSDescription}, {RuntimeInformation.FrameworkDescription}, {Environment.ProcessorCount} cores, {workers} workers";
        string tool = $"spikebench {typeof(Calibrator).Assembly.GetName().Version?.ToString(3)}";
        if (store.Find(machine, tool, driver, rate, time.GetUtcNow()) is { } stored)
        {
            return stored;
        }

        if (findOnly)
        {
            return null;
        }

        try
        {
            Calibration measured = await MeasureAsync(machine, tool, driver, workers, rate, connectionsFor(rate), cancel).ConfigureAwait(false);
            store.Keep(measured);
            return measured;
        }
        catch (Exception e) when (e is TargetException or GeneratorException)
        {
            // Without a null service there is no calibration: the run goes on, its certificate does not. What this machine lacked for a
            // fifth more than the peak may do for the run, whose own connections are the ones that must come about.
            await say($"the generator could not be calibrated: {e.Message}").ConfigureAwait(false);
            return null;
        }
    }

    private async Task<Calibration> MeasureAsync(string machine, string tool, string driverName, int workers, double rate, int connections, CancellationToken cancel)
    {
        await using var nothing = new NullDriver();
        (Histogram lateness, _, _, _) = await PlayAsync(nothing, PlanOf(rate, 0, MeasureNs / 2), workers, NullSlots, cancel).ConfigureAwait(false);
        long floodStartNs = clock.NowNs;
        (_, _, long flooded, _) = await PlayAsync(nothing, PlanOf(FloodPerSecond, 0, FloodNs), 1, NullSlots, cancel).ConfigureAwait(false);
        double floodSeconds = Math.Max(FloodNs, clock.NowNs - floodStartNs - LeadNs) / 1e9;

        await using TargetProcess service = await TargetProcess.StartAsync(["--store", "memory"], cpus: null, cancel).ConfigureAwait(false);
        LoadPlan plan = PlanOf(rate, WarmUpNs, MeasureNs);
        int slots = EngineOptions.SlotsFor(rate, DeadlineNs, workers);
        await using IDriver driver = Drivers.Create(driverName);
        await driver.PrepareAsync(
            new CallPlan
            {
                Target = service.Address,
                Operations = PayloadPool.Build(Messages.Send, 1).Operations,
                Lanes = workers,
                Connections = Math.Max(workers, connections),
                SlotsPerLane = slots,
                RunId = "calibration",
            },
            cancel).ConfigureAwait(false);
        (_, Histogram responses, long calls, long bad) = await PlayAsync(driver, plan, workers, slots, cancel).ConfigureAwait(false);
        return new Calibration(
            machine, tool, driverName, time.GetUtcNow(), rate, calls, bad,
            responses.ValueAtPercentile(50), responses.ValueAtPercentile(99), responses.ValueAtPercentile(99.9), responses.ValueAtPercentile(99.99),
            lateness.ValueAtPercentile(99.9), flooded / floodSeconds);
    }

    /// <summary>Offers a plan and reads its last phase.</summary>
    private async Task<(Histogram Lateness, Histogram Response, long Calls, long Bad)> PlayAsync(IDriver driver, LoadPlan plan, int workers, int slots, CancellationToken cancel)
    {
        var recording = new RecordingPlan(plan.Phases, 1, [], 2 * DeadlineNs, DeadlineNs);
        var recorder = new RunRecorder(recording, workers);
        var options = new EngineOptions
        {
            Workers = workers,
            T0Ns = clock.NowNs + LeadNs,
            DeadlineNs = DeadlineNs,
            DrainNs = 2 * DeadlineNs,
            SlotsPerWorker = slots,
        };
        await new LoadEngine(options, plan, driver, clock, recorder).RunAsync(cancel).ConfigureAwait(false);
        recorder.TakeIntervals((_, _, _, _) => { });
        RunBooks books = recorder.Close();
        int last = plan.Phases.Count - 1;
        (int first, int end) = books.Cells.Grid.OfPhase(last);
        long calls = books.Cells.Sum(first, end, 0, CellField.Planned);
        return (
            books.Totals[recording.HistogramIndex(last, 0, TimeKind.Lateness)],
            books.Totals[recording.HistogramIndex(last, 0, TimeKind.Response)],
            calls,
            calls - books.Cells.Sum(first, end, 0, CellField.Ok));
    }

    private static LoadPlan PlanOf(double rate, long warmUpNs, long measureNs)
    {
        Phase[] phases = warmUpNs == 0 ? [new Phase("measured", 0, measureNs)] : [new Phase("warm-up", 0, warmUpNs), new Phase("measured", warmUpNs, warmUpNs + measureNs)];
        return new LoadPlan(new ArrivalSchedule(new RateCurve([new ConstantRate(rate, warmUpNs + measureNs)]), ArrivalKind.Poisson, 1), phases, [1]);
    }
}
