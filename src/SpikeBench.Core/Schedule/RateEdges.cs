namespace SpikeBench.Core.Schedule;

/// <summary>A stretch of the plan, [<see cref="StartNs"/>, <see cref="EndNs"/>) from T0.</summary>
public readonly record struct Stretch(long StartNs, long EndNs);

/// <summary>
/// Where a curve is steep: the stretches in which a generator that is late by less than a second could still show the target a flatter
/// edge than the plan's.
/// </summary>
/// <remarks>
/// Lateness alone cannot flatter a target that answers in order: each departure comes no earlier when arrivals come later, and response
/// time counts from the intended time. What a late generator can hide is steepness, and only from a target that sheds, drops or adapts.
/// Where the planned rate is the same within a tenth for half a second to either side, calls that slip by less than that leave the rate
/// as planned; the check per second sees the others. Elsewhere every 100 ms counts.
/// </remarks>
public static class RateEdges
{
    /// <summary>The width that edges are found on and checked on: 100 ms.</summary>
    private const long CellNs = Recording.CellGrid.CellNs;

    private const int Reach = 5;
    private const double Steady = 1.1;

    /// <summary>The edges of a curve: 100 ms cells whose rate differs by more than 10 % from another's within 0.5 s, joined.</summary>
    public static IReadOnlyList<Stretch> Of(RateCurve curve)
    {
        int cells = (int)((curve.DurationNs + CellNs - 1) / CellNs);
        var rates = new double[cells];
        for (int i = 0; i < cells; i++)
        {
            long startNs = i * CellNs;
            long endNs = Math.Min(curve.DurationNs, startNs + CellNs);
            rates[i] = (curve.Integral(endNs) - curve.Integral(startNs)) / (endNs - startNs);
        }

        var edges = new List<Stretch>();
        for (int i = 0; i < cells; i++)
        {
            ReadOnlySpan<double> near = rates.AsSpan(Math.Max(0, i - Reach)..Math.Min(cells, i + Reach + 1));
            double least = double.MaxValue, most = 0;
            foreach (double rate in near)
            {
                (least, most) = (Math.Min(least, rate), Math.Max(most, rate));
            }

            if (most > Steady * least)
            {
                var cell = new Stretch(i * CellNs, (i + 1) * CellNs);
                if (edges.Count > 0 && edges[^1].EndNs == cell.StartNs)
                {
                    edges[^1] = edges[^1] with { EndNs = cell.EndNs };
                }
                else
                {
                    edges.Add(cell);
                }
            }
        }

        return edges;
    }
}
