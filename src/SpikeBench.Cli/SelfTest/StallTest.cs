using System.Globalization;
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
/// A programmed stall over real sockets. The reference messenger has one slot: a send holds it for exactly 1 ms, and one login in the
/// middle for exactly 1,000 ms. A call is due every 10 ms, so the k-th send after the login, from 0, answers 991 − 9k ms after it was due.
/// </summary>
/// <remarks>
/// <para>The messenger computes departures rather than timing them, so none can be early: each quantile has an exact lower bound, and an
/// instrument that omits what was due in the stall falls below it (a send-time p98 is 1 ms here, the truth 541 ms).</para>
/// <para>The login has a due time of its own, for the messenger handles what comes at once in either order. Where m sends overtake it all the
/// same, it came 10m ms late or more and found the slot a millisecond later still: the r-th longest time, from 0, is 992 − 9r ms or more.</para>
/// <para>How much later an answer is seen is the machine's doing, and measured beside the stall: the latest dispatch of any call, the
/// longest time that an unhindered call took beyond its 1 ms, and the latest tick of a 1 ms ticker. Twice the first two and once the third
/// explain what the stall's own second may have met; a quantile above is the instrument's fault.</para>
/// </remarks>
internal static class StallTest
{
    private const string Part = "a second's stall, sockets";
    private const long MsNs = 1_000_000;
    private const long SecondNs = 1_000_000_000;
    private const int Sends = 2_500;
    private const long GapNs = 10 * MsNs;
    private const long StallNs = 12_500 * MsNs;
    private const long QuietAgainNs = 14_000 * MsNs;
    private const long LengthNs = (Sends + 1) * GapNs;
    private const long LeadNs = 1_500 * MsNs;

    private static readonly string[] Flags = ["--store", "memory", "--slots", "1", "--service", "1ms", "--law", "fixed", "--login-cost", "1000"];

    public static async Task<IReadOnlyList<SelfTestLine>> RunAsync(CancellationToken cancel)
    {
        await using TargetProcess messenger = await TargetProcess.StartAsync(Flags, cpus: null, cancel).ConfigureAwait(false);
        var phases = new[] { new Phase("before", 0, StallNs), new Phase("stall", StallNs, QuietAgainNs), new Phase("after", QuietAgainNs, LengthNs) };
        var plan = new RecordingPlan(phases, 2, [200 * MsNs], 6 * SecondNs, 5 * SecondNs);
        (RunBooks books, long hiccupNs) = await OfferAsync(messenger.Address, plan, Calls(phases), cancel).ConfigureAwait(false);
        return Judge(plan, books, hiccupNs);
    }

    /// <summary>Sends every 10 ms, and the login in place of the one that would begin the stall.</summary>
    private static Arrival[] Calls(Phase[] phases)
    {
        var calls = new List<Arrival>();
        for (int i = 0; i <= Sends; i++)
        {
            long dueNs = i * GapNs;
            int phase = Array.FindLastIndex(phases, p => dueNs >= p.StartNs);
            calls.Add(new Arrival(i, dueNs, dueNs == StallNs ? 1 : 0, i % LoadPlan.PoolSize, phase));
        }

        return [.. calls];
    }

    private static async Task<(RunBooks Books, long HiccupNs)> OfferAsync(Uri target, RecordingPlan plan, Arrival[] calls, CancellationToken cancel)
    {
        const int slots = 1_000;
        await using IDriver driver = Drivers.CreateBest();
        await driver.PrepareAsync(
            new CallPlan { Target = target, Operations = PayloadPool.Build(Messages.SendAndLogin, 1).Operations, Lanes = 1, Connections = 1, SlotsPerLane = slots, RunId = "selftest" },
            cancel).ConfigureAwait(false);
        var recorder = new RunRecorder(plan, 1);
        var clock = new MonotonicClock();
        using var hiccups = new HiccupMeter(clock, clock.NowNs, LengthNs + 4 * LeadNs);
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var thread = new Thread(Run) { IsBackground = true, Name = "spikebench-selftest" };
        thread.Start();
        await done.Task.ConfigureAwait(false);
        recorder.TakeIntervals((_, _, _, _) => { });
        return (recorder.Close(), hiccups.Finish().Max);

#pragma warning disable CA1031 // The worker's failure must reach whoever waits for it, whatever it is.
        void Run()
        {
            try
            {
                PreciseWait.PrepareThread();
                using ILane lane = driver.OpenLane(0, clock);
                Rehearse(lane, clock, slots);
                var options = new EngineOptions { T0Ns = clock.NowNs + LeadNs, DeadlineNs = 5 * SecondNs, DrainNs = 6 * SecondNs, SlotsPerWorker = slots };
                new Worker(options, new GivenCalls(calls), lane, clock, new SingleAttempt(), recorder.ForWorker(0)).Run(LengthNs, cancel);
                done.SetResult();
            }
            catch (Exception e)
            {
                done.SetException(e);
            }
        }
#pragma warning restore CA1031
    }

    /// <summary>What a process's first calls cost must not be taken for the machine's usual lateness.</summary>
    private static void Rehearse(ILane lane, MonotonicClock clock, int slots)
    {
        var phase = new Phase("warm-up", 0, SecondNs);
        var scratch = new RunRecorder(new RecordingPlan([phase], 2, [200 * MsNs], SecondNs, SecondNs), 1);
        var options = new EngineOptions { T0Ns = clock.NowNs + LeadNs / 3, DeadlineNs = SecondNs, DrainNs = SecondNs, SlotsPerWorker = slots };
        Arrival[] calls = [.. Enumerable.Range(0, 100).Select(i => new Arrival(i, i * GapNs, 0, i, 0))];
        new Worker(options, new GivenCalls(calls), lane, clock, new SingleAttempt(), scratch.ForWorker(0)).Run(SecondNs, CancellationToken.None);
    }

    private static List<SelfTestLine> Judge(RecordingPlan plan, RunBooks books, long hiccupNs)
    {
        long ok = books.Cells.Sum(0, books.Cells.Grid.Count, -1, CellField.Ok);
        if (ok != Sends + 1)
        {
            return [new SelfTestLine(Part, "calls that ended OK", $"{Sends + 1}", $"{ok}", false)];
        }

        Histogram Sum(TimeKind kind, params int[] phases)
        {
            Histogram sum = RecordingPlan.NewHistogram();
            foreach (int phase in phases)
            {
                sum.Add(books.Totals[plan.HistogramIndex(phase, 0, kind)]);
            }

            return sum;
        }

        long lateNs = Math.Max(Sum(TimeKind.Lateness, 0, 1, 2).Max, books.Totals[plan.HistogramIndex(1, 1, TimeKind.Lateness)].Max);
        long slowNs = Math.Max(0, Sum(TimeKind.Service, 0, 2).Max - MsNs);
        long allowedNs = 2 * (lateNs + slowNs) + hiccupNs + MsNs;
        Histogram response = Sum(TimeKind.Response, 0, 1, 2);
        var lines = new List<SelfTestLine>
        {
            new(Part, "latest dispatch, longest delay, longest hiccup", "shown", $"{Ms(lateNs)}, {Ms(slowNs)}, {Ms(hiccupNs)}", null),
        };

        // P(late + slow > a + b) ≤ P(late > a) + P(slow > b): with the 4.5 % of the calls that are stalled, fewer than half are above this.
        long medianNs = Sum(TimeKind.Lateness, 0, 1, 2).ValueAtPercentile(78) + Sum(TimeKind.Service, 0, 2).ValueAtPercentile(78) + MsNs;
        lines.Add(Between("p50 from intended", response.ValueAtPercentile(50), MsNs, medianNs, Ms));
        foreach ((double percentile, long ms) in new[] { (96.0, 91L), (98.0, 541L), (99.6, 901L), (100.0, 991L) })
        {
            lines.Add(Between(
                string.Create(CultureInfo.InvariantCulture, $"p{percentile} from intended"), response.ValueAtPercentile(percentile), ms * MsNs, ms * MsNs + allowedNs, Ms));
        }

        // 991 − 9k > 200 for k = 0 … 87 of 111; each 9 ms of delay may lift one more over the line, 199 ms every call of the phase.
        long others = (QuietAgainNs - StallNs) / GapNs - 1 - 88;
        long more = allowedNs > 199 * MsNs ? others : Math.Min(23, allowedNs / (9 * MsNs) + 1);
        lines.Add(Between("calls of the stall over 200 ms, exactly", Over(books, 1), 88, 88 + more, Units.Count));
        return lines;
    }

    private static string Ms(double ns) => string.Create(CultureInfo.InvariantCulture, $"{ns / MsNs:0.##} ms");

    private static long Over(RunBooks books, int phase)
    {
        (int first, int end) = books.Cells.Grid.OfPhase(phase);
        return books.Cells.Sum(first, end, 0, 0, ThresholdField.Bad);
    }

    private static SelfTestLine Between(string what, long got, long least, long most, Func<double, string> text)
    {
        // The histogram knows a value to 0.1 %.
        bool holds = got >= least * 0.999 && got <= most * 1.001;
        return new SelfTestLine(Part, what, $"{text(least)}, at most {text(most)}", text(got), holds);
    }
}
