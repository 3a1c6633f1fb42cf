using SpikeBench.Core.Recording;
using SpikeBench.Histograms;

namespace SpikeBench.Core.Engine;

/// <summary>
/// The book of a ticker: how late each tick was. Every tick that was due is recorded, those of a pause too: a pause of 20 ms is twenty
/// ticks late by 20, 19, … 1 ms, so that a share of ticks is a share of time.
/// </summary>
/// <remarks>One writer; <see cref="WorstIn"/> may be asked by another thread about time that has passed.</remarks>
internal sealed class HiccupTicks
{
    /// <summary>A tick each millisecond.</summary>
    public const long TickNs = 1_000_000;

    private readonly long _t0Ns;
    private readonly Histogram _beforeT0 = RecordingPlan.NewHistogram();

    // The latest tick of each 100 ms, so that a second's worst can be told after it ended; one long per cell whatever the run's length.
    private readonly long[] _worst;

    /// <param name="startNs">The ticker's start, on the run's clock.</param>
    /// <param name="t0Ns">Ticks before it are not counted.</param>
    /// <param name="lengthNs">How long after it there may be ticks; the worst of later ones count in the last 100 ms.</param>
    public HiccupTicks(long startNs, long t0Ns, long lengthNs)
    {
        _t0Ns = t0Ns;
        _worst = new long[lengthNs / CellGrid.CellNs + 2];
        NextNs = startNs + TickNs;
    }

    /// <summary>When the next tick is due, on the run's clock.</summary>
    public long NextNs { get; private set; }

    /// <summary>Lateness of the ticks since T0, in nanoseconds.</summary>
    public Histogram Lateness { get; } = RecordingPlan.NewHistogram();

    /// <summary>The ticker runs again: whatever was due is late by so much.</summary>
    public void Woke(long nowNs)
    {
        for (; NextNs <= nowNs; NextNs += TickNs)
        {
            long lateNs = nowNs - NextNs;
            if (NextNs < _t0Ns)
            {
                _beforeT0.TryRecord(lateNs);
                continue;
            }

            Lateness.TryRecord(lateNs);
            ref long worst = ref _worst[Cell(NextNs - _t0Ns)];
            Volatile.Write(ref worst, Math.Max(worst, lateNs));
        }
    }

    /// <summary>The latest tick due in [<paramref name="startNs"/>, <paramref name="endNs"/>) from T0, to the nearest 100 ms.</summary>
    public long WorstIn(long startNs, long endNs)
    {
        long worst = 0;
        int end = Cell(endNs + CellGrid.CellNs / 2);
        for (int cell = Cell(startNs + CellGrid.CellNs / 2); cell < end; cell++)
        {
            worst = Math.Max(worst, Volatile.Read(ref _worst[cell]));
        }

        return worst;
    }

    private int Cell(long tNs) => (int)Math.Clamp(tNs / CellGrid.CellNs, 0, _worst.Length - 1);
}
