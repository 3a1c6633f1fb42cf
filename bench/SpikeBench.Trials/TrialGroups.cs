using SpikeBench.Core.Verdict.Trials;

/// <summary>The groups of cells that tables are made of.</summary>
internal static class TrialGroups
{
    private const ulong PilotSeed = 9_000_000_000;

    private static readonly double[] Ratios = [1, 2, 0.5, 0.1];

    // At the bound that ten held midnights claim, and well to either side of it.
    private static readonly double[] MissChances = [0.259, 0.5, 0.05, 0.005];
    private static readonly double[] MissChancesOfThree = [0.632, 0.05];

    private static readonly string[] PhasesAfterTheLead = ["spike", "decay"];

    /// <summary>How many runs a shape without a closed form is calibrated with; their seeds are no trial's.</summary>
    public static int PilotRuns { get; set; }

    public static IReadOnlyDictionary<string, Func<IEnumerable<TrialCell>>> ByName { get; } =
        new Dictionary<string, Func<IEnumerable<TrialCell>>>
        {
            ["steady"] = () => Ratios.Select(r => TrialCell.Exact(TrialShape.Steady(0.9, 300), r)),
            ["lengths"] = () => new[] { 60, 120, 600 }.SelectMany(s => Ratios.Select(r => TrialCell.Exact(TrialShape.Steady(0.9, s), r))),
            ["midnight"] = () => LongPhases(repeats: 1),
            ["rare"] = () => RareFreezes,
            ["long-sets"] = () => LongPhases(repeats: 3).Concat(LongPhases(repeats: 10)),
            ["sets"] = () => new[] { 10.0, 3.0 }.SelectMany(ShortPhases),
            ["looks"] = () => Ratios.Select(r => TrialCell.Exact(TrialShape.Steady(0.9, 300), r) with { Looks = 3 }),
        };

    /// <summary>A long phase that few freezes fall into, and sometimes none.</summary>
    private static IEnumerable<TrialCell> RareFreezes => new[] { (Every: 50.0, Seconds: 0.5), (Every: 100.0, Seconds: 1.0) }.SelectMany(f =>
    {
        var pilot = new Lazy<TrialPilot>(() => new TrialPilot(TrialShape.Midnight("decay", 1, f.Every, f.Seconds), PilotRuns, PilotSeed));
        return Ratios.Select(r => TrialCell.Calibrated(pilot.Value, r));
    });

    /// <summary>Phases of a midnight in real time that are long enough for an interval, the true share of bad calls known from a pilot.</summary>
    private static IEnumerable<TrialCell> LongPhases(int repeats) => PhasesAfterTheLead.SelectMany(phase =>
    {
        var pilot = new Lazy<TrialPilot>(() => new TrialPilot(TrialShape.Midnight(phase, 1), PilotRuns, PilotSeed));
        return Ratios.Select(r => TrialCell.Calibrated(pilot.Value, r) with { Repeats = repeats });
    });

    /// <summary>Spikes that are one event, the true chance that one is missed known from a pilot: sets of ten, and of three.</summary>
    private static IEnumerable<TrialCell> ShortPhases(double compress)
    {
        var pilot = new Lazy<TrialPilot>(() => new TrialPilot(TrialShape.Midnight("spike", compress), PilotRuns, PilotSeed));
        return MissChances.Select(miss => TrialCell.Midnights(pilot.Value, miss, 10))
            .Concat(MissChancesOfThree.Select(miss => TrialCell.Midnights(pilot.Value, miss, 3)));
    }
}
