using System.Globalization;
using SpikeBench.Core.Schedule;

namespace SpikeBench.Core.Profiles;

/// <summary>What the parts of a profile must be to one another: which steps go together, and how far time may be compressed.</summary>
/// <remarks>
/// <para>Compression divides the load's times and the client's timeouts by κ. What it cannot divide: a round trip and a service take as long
/// as in life. Where a compressed timeout comes near those, calls time out for want of time and not of capacity; where an edge becomes
/// shorter than the 100 ms that load is checked in, nobody can tell whether it was offered. Both are refused. A threshold is not divided
/// either: a queue that delays by 4 s in life delays by 0.2 s at κ = 20, so a compressed run forgives what life would not. That is
/// warned of, as are edges played more than ten times as fast.</para>
/// </remarks>
public static class LoadRules
{
    // Ten times a millisecond: what a call within a data centre takes, and a timeout must leave room for ten of them.
    private const long ShortestDeadlineNs = 10_000_000;
    private const long ShortestEdgeNs = Recording.CellGrid.CellNs;
    private const double FastestEdge = 10;

    /// <summary>What is allowed and should be known before a run.</summary>
    public static IReadOnlyList<string> Warnings(Profile profile)
    {
        var warnings = new List<string>();
        double kappa = profile.Compress;
        List<LoadStep> steps = [.. Flat(profile.Load)];
        if (kappa > 1)
        {
            long strictest = profile.Slo.Where(s => s.ThresholdNs is not null).Select(s => s.ThresholdNs!.Value).DefaultIfEmpty(0).Min();
            if (strictest > 0)
            {
                warnings.Add(string.Create(
                    CultureInfo.InvariantCulture,
                    $"compress {kappa:0.###}: backlogs shrink with time and thresholds do not, so a queue that takes {Units.Duration(strictest)} here takes {Units.Duration(strictest * kappa)} in life"));
            }

            if (kappa > FastestEdge && steps.Any(s => EdgeNs(s) > 0))
            {
                warnings.Add(string.Create(
                    CultureInfo.InvariantCulture,
                    $"compress {kappa:0.###}: edges should be played at most {FastestEdge:0} times as fast as life; shorten the plateaus and tails instead"));
            }
        }

        if (steps.Any(s => s is ClosedStep))
        {
            warnings.Add("the load is closed: its copies wait for the target's answers, so a slow target gets fewer calls; no claim rests on it");
        }

        if (profile.Arrivals != ArrivalKind.Even && steps.OfType<TraceStep>().Any(t => t.Data is { IsArrivals: true }))
        {
            warnings.Add($"arrivals {Word(profile.Arrivals)}: a trace of single arrivals gives only its rate; 'arrivals: even' plays the recorded moments");
        }

        return warnings;
    }

    /// <summary>All steps, those inside repeats and overlays too.</summary>
    public static IEnumerable<LoadStep> Flat(IEnumerable<LoadStep> load) => load.SelectMany(step => step switch
    {
        RepeatStep repeat => Flat(repeat.Load),
        OverlayStep overlay => overlay.Waves.SelectMany(w => Flat(w.Load)),
        _ => [step],
    });

    internal static void Check(Profile profile, MappingReader root)
    {
        List<LoadStep> steps = [.. Flat(profile.Load)];
        CheckClosed(steps, root);
        CheckNBomber(profile, root);
        CheckCompression(profile, steps, root);
    }

    private static void CheckClosed(List<LoadStep> steps, MappingReader root)
    {
        LoadStep? closed = steps.Find(s => s is ClosedStep);
        LoadStep? open = steps.Find(s => s is not ClosedStep and not PauseStep);
        if (closed is not null && open is not null)
        {
            root.Report("load", $"phase '{closed.Phase}' is of the closed model and '{(open.Phase.Length > 0 ? open.Phase : "jump")}' of the open one; make them two profiles");
        }

        if (steps.Count > 1 && steps.Exists(s => s is IterationsForConstantStep))
        {
            root.Report("load", "iterations_for_constant ends when its calls are made, so nothing can come before or after it");
        }
    }

    private static void CheckNBomber(Profile profile, MappingReader root)
    {
        if (profile.Arrivals is not (ArrivalKind.NBomber4 or ArrivalKind.NBomber4Burst))
        {
            return;
        }

        LoadStep? other = profile.Load.FirstOrDefault(s => s is not InjectStep and not RampingInjectStep and not InjectRandomStep and not PauseStep);
        if (other is not null)
        {
            root.Report("arrivals", "places calls by NBomber's own ticks: the load may have inject, ramping_inject, inject_random and pause only");
        }

        if (profile.Load.Any(s => s is InjectStep { RatePerInterval: var r } && r != Math.Floor(r) || s is RampingInjectStep { RatePerInterval: var q } && q != Math.Floor(q)))
        {
            root.Report("arrivals", "NBomber's rates are whole numbers per interval");
        }

        if (profile.Compress != 1)
        {
            root.Report("compress", "NBomber's ticks are in real time: leave compress out, or use other arrivals");
        }
    }

    private static void CheckCompression(Profile profile, List<LoadStep> steps, MappingReader root)
    {
        double kappa = profile.Compress;
        if (kappa <= 1)
        {
            return;
        }

        if (profile.Client.DeadlineNs / kappa < ShortestDeadlineNs)
        {
            root.Report("compress", string.Create(
                CultureInfo.InvariantCulture,
                $"makes the client's deadline of {Units.Duration(profile.Client.DeadlineNs)} {Units.Duration(profile.Client.DeadlineNs / kappa)}; round trips and services do not shrink and need {Units.Duration(ShortestDeadlineNs)}: at most {Math.Floor(profile.Client.DeadlineNs / (double)ShortestDeadlineNs):0}"));
        }

        LoadStep? edge = steps.Where(s => EdgeNs(s) >= ShortestEdgeNs).MinBy(EdgeNs);
        if (edge is not null && EdgeNs(edge) / kappa < ShortestEdgeNs)
        {
            root.Report("compress", string.Create(
                CultureInfo.InvariantCulture,
                $"makes an edge of {Units.Duration(EdgeNs(edge))} (phase '{edge.Phase}') {Units.Duration(EdgeNs(edge) / kappa)}; under {Units.Duration(ShortestEdgeNs)} nothing shows that it was offered: at most {Math.Floor(EdgeNs(edge) / (double)ShortestEdgeNs):0}"));
        }
    }

    /// <summary>How long a step's edge takes in life, in nanoseconds; 0 where it has none, or one that takes no time anyway.</summary>
    private static long EdgeNs(LoadStep step) => step switch
    {
        RampStep ramp => ramp.ForNs,
        RampingInjectStep ramp => ramp.DuringNs,
        MidnightStep midnight => (long)((midnight.Shape.RiseSeconds + midnight.Shape.PeakAfterSeconds) * 1e9),
        SineStep sine => sine.PeriodNs / 2,
        _ => 0,
    };

    private static string Word(ArrivalKind kind) => kind.ToString().ToLowerInvariant();
}
