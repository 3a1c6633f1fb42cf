using SpikeBench.Core.Engine;
using SpikeBench.Core.Profiles;
using SpikeBench.Core.Schedule;

namespace SpikeBench.Core.Recording;

/// <summary>What follows from a profile alone: the times that a run goes by, and how many connections and calls at once it needs.</summary>
public sealed class RunSizes
{
    /// <summary>Calls that one connection should carry at the peak: 70 of the 100 streams that most servers allow.</summary>
    private const double StreamsInUse = 70;

    private const double ConnectionMargin = 1.2;
    private const long SecondNs = 1_000_000_000;

    private readonly ClientOptions _client;

    public RunSizes(Profile profile)
    {
        _client = profile.Client;
        DeadlineNs = (long)(_client.DeadlineNs / profile.Compress);
        ThresholdsNs = RecordingPlan.CountedNs(profile, DeadlineNs);
        long giveUpNs = (long)((_client.GiveUpNs ?? _client.DeadlineNs) / profile.Compress);
        DrainNs = Math.Max(ThresholdsNs[^1], giveUpNs) + SecondNs;
    }

    /// <summary>The times that calls are counted against exactly, in nanoseconds.</summary>
    public IReadOnlyList<long> ThresholdsNs { get; }

    /// <summary>Per attempt, after compression, in nanoseconds.</summary>
    public long DeadlineNs { get; }

    /// <summary>How long calls may end after the plan's end, in nanoseconds.</summary>
    public long DrainNs { get; }

    /// <summary>The shape of a plan's books.</summary>
    public RecordingPlan RecordingOf(LoadPlan plan) => new(plan.Phases, plan.Operations, ThresholdsNs, DrainNs, DeadlineNs);

    /// <summary>
    /// Connections for a peak rate: at a deadline D at most λ·D calls are in flight, and no connection should carry more than 70.
    /// </summary>
    public int ConnectionsFor(double peakRatePerSecond, int workers)
    {
        double inFlight = ConnectionMargin * peakRatePerSecond * (DeadlineNs / 1e9);
        return _client.Connections ?? Math.Max(workers, (int)Math.Ceiling(inFlight / StreamsInUse));
    }

    /// <summary>Connections for a plan: no more calls are in flight than a closed load has copies.</summary>
    public int ConnectionsFor(LoadPlan plan, int workers) => plan.Closed is { } closed
        ? _client.Connections ?? Math.Max(workers, (int)Math.Ceiling(closed.MostCopies / StreamsInUse))
        : ConnectionsFor(plan.Schedule.Curve.PeakRate, workers);

    /// <summary>Calls that one worker may have in flight: what the plan can come to, a closed load's copies, or the profile's own ceiling.</summary>
    public int SlotsFor(LoadPlan plan, int workers)
    {
        int needed = plan.Closed is { } closed
            ? (closed.MostCopies + workers - 1) / workers
            : EngineOptions.SlotsFor(plan.Schedule.Curve.PeakRate, DeadlineNs, workers);
        return _client.MaxInFlight is { } most ? Math.Min(needed, Math.Max(1, most / workers)) : needed;
    }
}
