namespace SpikeBench.Core.Schedule;

/// <summary>A stretch of a closed load: copies in a line from one number to another, [<see cref="StartNs"/>, <see cref="EndNs"/>) from T0.</summary>
public readonly record struct CopiesStretch(long StartNs, long EndNs, int From, int To);

/// <summary>
/// A load of the closed model: how many copies there are at any time. Each waits for its answer before its next call, so the target decides
/// how many calls there are: there is nothing to plan, and no claim about capacity can rest on it.
/// </summary>
/// <param name="Stretches">Adjacent, from 0.</param>
/// <param name="Iterations">How many calls all copies make together; null: until the last stretch ends.</param>
public sealed record ClosedPlan(IReadOnlyList<CopiesStretch> Stretches, long? Iterations)
{
    /// <summary>The most copies at once.</summary>
    public int MostCopies => Stretches.Max(s => Math.Max(s.From, s.To));

    /// <summary>When the load ends, in nanoseconds from T0.</summary>
    public long EndNs => Stretches[^1].EndNs;

    /// <summary>Copies at a time: the line, rounded to whole copies; 0 outside.</summary>
    public int CopiesAt(long tNs)
    {
        foreach (CopiesStretch stretch in Stretches)
        {
            if (tNs < stretch.EndNs)
            {
                double share = (tNs - stretch.StartNs) / (double)(stretch.EndNs - stretch.StartNs);
                return tNs < 0 ? 0 : (int)Math.Floor(stretch.From + (stretch.To - stretch.From) * share + 0.5);
            }
        }

        return 0;
    }

    /// <summary>The first time at or after <paramref name="fromNs"/> at which there are at least <paramref name="copies"/>; the end if there is none.</summary>
    public long NextAtLeast(int copies, long fromNs)
    {
        foreach (CopiesStretch stretch in Stretches)
        {
            if (fromNs >= stretch.EndNs)
            {
                continue;
            }

            long startNs = Math.Max(fromNs, stretch.StartNs);
            if (CopiesAt(startNs) >= copies)
            {
                return startNs;
            }

            if (stretch.To > stretch.From && stretch.To >= copies)
            {
                double share = (copies - 0.5 - stretch.From) / (stretch.To - stretch.From);
                long atNs = Math.Max(startNs, stretch.StartNs + (long)Math.Ceiling(share * (stretch.EndNs - stretch.StartNs)));
                while (atNs < stretch.EndNs && CopiesAt(atNs) < copies)
                {
                    atNs++;
                }

                if (atNs < stretch.EndNs)
                {
                    return atNs;
                }
            }
        }

        return EndNs;
    }
}
