using SpikeBench.Core.Profiles;
using SpikeBench.Core.Recording;

namespace SpikeBench.Reporting;

/// <summary>A moment of the run that charts over time show.</summary>
internal sealed record EventMark(double AtNs, string Label);

/// <summary>The moments that the record knows of: midnight, and the end of the plan where calls were still open.</summary>
internal static class Marks
{
    public static IReadOnlyList<EventMark> Of(RunRecord run, Timeline timeline)
    {
        var marks = new List<EventMark>();
        double atNs = 0;
        foreach (LoadStep step in run.Summary.Profile.Load)
        {
            if (step is MidnightStep midnight)
            {
                marks.Add(new EventMark((atNs + midnight.LeadNs) / run.Summary.Profile.Compress, "midnight"));
            }

            atNs += DurationNs(step);
        }

        if (StoppedNs(run) is { } stoppedNs)
        {
            marks.Add(new EventMark(stoppedNs, "stopped"));
        }

        if (timeline.EndNs > timeline.PlanEndNs)
        {
            marks.Add(new EventMark(timeline.PlanEndNs, "plan ends"));
        }

        return marks;
    }

    /// <summary>When the first call was left unsent by a stop; null if none was.</summary>
    private static double? StoppedNs(RunRecord run)
    {
        for (int cell = 0; cell < run.Cells.Grid.PlanCells; cell++)
        {
            if (run.Cells.Sum(cell, cell + 1, -1, CellField.NotSentStopped) > 0)
            {
                return run.Cells.Grid.Span(cell).StartNs;
            }
        }

        return null;
    }

    private static long DurationNs(LoadStep step) => step switch
    {
        HoldStep hold => hold.ForNs,
        RampStep ramp => ramp.ForNs,
        MidnightStep midnight => midnight.ForNs,
        InjectStep inject => inject.DuringNs,
        RampingInjectStep ramping => ramping.DuringNs,
        InjectRandomStep random => random.DuringNs,
        PauseStep pause => pause.DuringNs,
        _ => 0,
    };
}
