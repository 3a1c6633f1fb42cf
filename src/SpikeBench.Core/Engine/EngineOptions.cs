namespace SpikeBench.Core.Engine;

/// <summary>How a run is driven.</summary>
public sealed record EngineOptions
{
    /// <summary>Worker threads, each with a lane and a share of the calls of its own. (default: 1)</summary>
    public int Workers { get; init; } = 1;

    /// <summary>T0 on the run's clock: intended times count from it.</summary>
    public required long T0Ns { get; init; }

    /// <summary>How long an attempt may take, counted from its intended time.</summary>
    public required long DeadlineNs { get; init; }

    /// <summary>How long calls may end after the plan's end before they count as outstanding.</summary>
    public required long DrainNs { get; init; }

    /// <summary>The most operations that one worker has under way; more are not sent, and void the run.</summary>
    public required int SlotsPerWorker { get; init; }

    /// <summary>What OK replies must say, by operation; empty where nothing is asked of any. (default: empty)</summary>
    public IReadOnlyList<IReplyCheck?> ReplyChecks { get; init; } = [];

    /// <summary>Worker i is pinned to the i-th of these, from the front again when they run out; null pins none. (default: null)</summary>
    public CpuList? WorkerCpus { get; init; }

    /// <summary>
    /// In-flight room that a plan cannot exceed: at a deadline D no more than λ·D calls are in flight, 20 % and the spread of a Poisson
    /// count on top.
    /// </summary>
    public static int SlotsFor(double peakRatePerSecond, long deadlineNs, int workers)
    {
        double inFlight = peakRatePerSecond * (deadlineNs / 1e9) / workers;
        return (int)Math.Min(4_000_000, Math.Ceiling(1.2 * inFlight + 6 * Math.Sqrt(inFlight) + 64));
    }
}
