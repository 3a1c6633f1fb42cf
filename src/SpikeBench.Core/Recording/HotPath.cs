namespace SpikeBench.Core.Recording;

/// <summary>
/// The hot path's promise, held against each run: from the end of the warm-up to the end of the drain the workers' threads allocate next to
/// nothing, so that no collection is of their making.
/// </summary>
public static class HotPath
{
    // Buffers may still grow to their size in the first bursts; per call nothing is due.
    private const long AllowedBytes = 1_000_000;
    private const double AllowedBytesPerCall = 1;

    /// <summary>The most that the workers of a run may allocate.</summary>
    public static long BoundBytes(RunRecord run) =>
        AllowedBytes + (long)(AllowedBytesPerCall * run.Cells.Sum(0, run.Cells.Grid.PlanCells, -1, CellField.Sent));

    /// <summary>Whether they kept to it; null where it was not measured. The http driver cannot.</summary>
    public static bool? Holds(RunRecord run) => run.Summary.Health.WorkerAllocatedBytes is { } bytes ? bytes <= BoundBytes(run) : null;
}
