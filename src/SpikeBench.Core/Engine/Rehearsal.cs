using SpikeBench.Core.Recording;
using SpikeBench.Core.Schedule;

namespace SpikeBench.Core.Engine;

/// <summary>
/// A little load before T0, over the same lanes and through the same code, that is booked elsewhere: what the first calls of a process
/// cost (compilation, first buffers, a target's cold paths) must not look like lateness or latency.
/// </summary>
/// <param name="Plan">A second or two at a low rate; it must be over, deadline included, before the run's T0.</param>
/// <param name="T0Ns">Its own T0 on the run's clock.</param>
/// <param name="Recorder">Books that nobody judges.</param>
public sealed record Rehearsal(LoadPlan Plan, long T0Ns, RunRecorder Recorder)
{
    /// <summary>By status: what the target said with it; null where nothing was heard. To be read when the rehearsal is over.</summary>
    internal string?[] Words { get; } = new string?[GrpcStatus.BookedCount];
}
