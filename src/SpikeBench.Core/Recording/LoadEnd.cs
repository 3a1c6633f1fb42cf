using SpikeBench.Core.Engine;
using SpikeBench.Core.Profiles;
using SpikeBench.Core.Schedule;
using SpikeBench.Histograms;

namespace SpikeBench.Core.Recording;

/// <summary>All that watched a load, when it is over: closes the books and makes the record of them.</summary>
/// <param name="Plan">What was offered.</param>
/// <param name="Counts">Its counts.</param>
/// <param name="Engine">Has ended.</param>
/// <param name="Driver">Made the calls.</param>
/// <param name="Recorder">Kept the books; closed here.</param>
/// <param name="Taker">Took the seconds; has finished.</param>
/// <param name="Host">Watched the machine; finished here.</param>
/// <param name="Hiccups">Watched the clock; finished here.</param>
internal sealed record LoadEnd(
    LoadPlan Plan, PlanCounts Counts, LoadEngine Engine, IDriver Driver, RunRecorder Recorder, IntervalTaker Taker, HostMeter Host, HiccupMeter Hiccups)
{
    /// <summary>The record of a load; to be asked for once.</summary>
    /// <param name="begun">The summary as it stood before T0.</param>
    /// <param name="stoppedBy">The rule that ended it, or null.</param>
    /// <param name="interruptedAfterNs">When somebody ended it, from T0, or null.</param>
    public RunRecord Record(RunSummary begun, string? stoppedBy, long? interruptedAfterNs)
    {
        Histogram ticks = Hiccups.Finish();
        (IReadOnlyList<HostSecond> seconds, GeneratorHealth health) = Host.Finish(Hiccups);
        RunBooks books = Recorder.Close();
        return new RunRecord
        {
            Cells = books.Cells,
            Seconds = Taker.Seconds,
            Totals = books.Totals,
            Batches = books.Batches,
            ErrorSeconds = books.ErrorSeconds,
            Host = seconds,
            Hiccups = ticks,
            Summary = begun with
            {
                // A closed load has no plan: what its copies did is what there is to account for.
                Plan = begun.Plan.With(Plan.Closed is null ? Counts : books.Taken(Plan)),
                Driver = begun.Driver with
                {
                    PeakInFlight = Engine.PeakInFlight,
                    Counters = Driver.Counters,
                    StreamsPerConnection = Driver.StreamsPerConnection,
                    LocalFailures = Driver.Shortage?.Connections,
                    CallsLostToLocalFailures = Driver.Shortage?.Calls,
                },
                OfferedFingerprint = books.Offered.ToString(),
                Errors = RunFacts.Errors(books, Plan.Phases, begun.Plan.Operations),
                Interrupted = interruptedAfterNs is { } ns ? $"interrupted after {Units.Duration(Math.Max(0, ns))}" : null,
                Finished = true,
                StoppedBy = stoppedBy,
                Health = health,
            },
        };
    }
}
