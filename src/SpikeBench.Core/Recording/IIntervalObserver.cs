using SpikeBench.Histograms;

namespace SpikeBench.Core.Recording;

/// <summary>
/// Sees each interval of a run as it is taken: histograms of all workers already merged. Called by the collecting thread, so it may take
/// milliseconds but must not block; the workers notice nothing of it.
/// </summary>
public interface IIntervalObserver
{
    /// <summary>One histogram of the interval that is being taken, never empty; valid during the call only.</summary>
    void Saw(int phase, int operation, TimeKind kind, Histogram histogram);

    /// <summary>The interval is complete.</summary>
    /// <param name="startNs">Its start, from T0.</param>
    /// <param name="endNs">Its end.</param>
    void Ended(long startNs, long endNs);
}
