using SpikeBench.Cli.Metrics;
using SpikeBench.Cli.Ui;
using SpikeBench.Core;
using SpikeBench.Core.Engine;
using SpikeBench.Core.Profiles;
using SpikeBench.Core.Recording;
using SpikeBench.Core.Schedule;
using SpikeBench.Core.Verdict;

namespace SpikeBench.Cli.Running;

/// <summary>From T0 to the verdict: the engine and all that watches it, the books, the folder.</summary>
internal sealed partial class RunSession
{
    private async Task<FinishedRun> OfferAsync(Midnight midnight, DateTimeOffset? startAt, CancellationToken cancel)
    {
        LoadOffer offer = midnight.Offer;
        LoadPlan plan = offer.Plan;
        var clock = new MonotonicClock();
        (long Ns, DateTimeOffset Utc) t0 = await ChooseT0Async(clock, startAt, WatchedLoad.NoticeNs(offer.Sizes), cancel).ConfigureAwait(false);
        using var load = new WatchedLoad(offer, clock, t0, midnight.Folder, time);
        using OtlpSender? sender = request.Otlp is { } endpoint ? new OtlpSender(endpoint) : null;
        OtlpMetrics? metrics = sender is null
            ? null
            : new OtlpMetrics(
                new OtlpRun(offer.Calls.RunId, offer.Profile.Name, RunFacts.Tool(), t0.Utc, plan.Phases, offer.Names), load.Recorder, load.Recording, () => load.LatestHost, sender.Post);

        // What prints a second runs once before T0 as well.
        new PlainLines(plan, TextWriter.Null).Show(new SecondSummary(0, 1_000_000_000, new TimeSummary(1, 1, 1, 1, 1, 1), default, new TimeSummary(1, 1, 1, 1, 1, 1)));
        RunRecord record;
        using (IRunScreen screen = Screen(plan, offer.Calls.Target))
        {
            try
            {
                record = await load.RunAsync(metrics is null ? [] : [metrics], screen.Show, Warn, cancel).ConfigureAwait(false);
            }
            finally
            {
                midnight.HasBegun = load.HasBegun;
            }
        }

        await FinishMetricsAsync(metrics, sender).ConfigureAwait(false);
        record = record with
        {
            Observed = await _observer.ReadAsync(t0.Utc, time.GetUtcNow(), line => terminal.Error.WriteLineAsync($"spikebench: {line}"), CancellationToken.None).ConfigureAwait(false),
        };
        string? notKept = load.Keep(record);
        if (notKept is null)
        {
            ResultFolders.Release(midnight.Folder);
        }

        return new FinishedRun(record, Judge.Decide(record), midnight.Folder, notKept);
    }

    // However quiet the run is: what fails from the first call on is seldom meant to.
    private void Warn(string what) => terminal.Error.WriteLine($"warning: {what}");

    private async Task FinishMetricsAsync(OtlpMetrics? metrics, OtlpSender? sender)
    {
        if (metrics is null)
        {
            return;
        }

        metrics.Close();
        if (await sender!.FinishAsync().ConfigureAwait(false) is { } complaint)
        {
            await terminal.Error.WriteLineAsync($"spikebench: --otlp {SafeUrl.Of(request.Otlp!)}: {complaint} The run is not affected.").ConfigureAwait(false);
        }
    }

    private IRunScreen Screen(LoadPlan plan, Uri target) => request.Ui switch
    {
        UiMode.Live => new LiveScreen(
            new LiveFrame(plan, setup.Profile.Slo, $"{setup.Profile.Name} at {Units.Multiple(setup.Scale)} of {Units.Rate(setup.Profile.Reference.RatePerSecond)}", SafeUrl.Of(target)),
            terminal.Error as FramedWriter ?? new FramedWriter(terminal.Error),
            UiModes.WantsColour(terminal.Variable)),
        UiMode.Plain => new PlainLines(plan, terminal.Error),
        _ => new NoScreen(),
    };
}
