using SpikeBench.Core.Verdict.Trials;

/// <summary>The groups of cells that tables are made of.</summary>
internal static class TrialGroups
{
    private const ulong PilotSeed = 9_000_000_000;

    /// <summary>How many runs a shape without a closed form is calibrated with; their seeds are no trial's.</summary>
    public static int PilotRuns { get; set; }

    private static readonly double[] Ratios = [1, 2, 0.5, 0.1];

    public static IReadOnlyDictionary<string, Func<IEnumerable<TrialCell>>> ByName { get; } =
        new Dictionary<string, Func<IEnumerable<TrialCell>>>
        {
            ["steady"] = () => Ratios.Select(r => TrialCell.Exact(TrialShape.Steady(0.9, 300), r)),
            ["lengths"] = () => new[] { 60, 120, 600 }.SelectMany(s => Ratios.Select(r => TrialCell.Exact(TrialShape.Steady(0.9, s), r))),
            ["midnight"] = () => new[] { "decay", "spike" }.SelectMany(phase =>
            {
                var pilot = new TrialPilot(TrialShape.Midnight(phase, 1), PilotRuns, PilotSeed);
                return Ratios.Select(r => TrialCell.Calibrated(pilot, r));
            }),
            ["sets"] = () => Sets(),
        };

    /// <summary>Sets of midnights played ten times faster: at the bound that so many held ones claim, and well to either side of it.</summary>
    private static IEnumerable<TrialCell> Sets()
    {
        var pilot = new TrialPilot(TrialShape.Midnight("spike", 10), PilotRuns, PilotSeed);
        foreach ((int repeats, double[] misses) in new[] { (10, new[] { 0.259, 0.5, 0.05, 0.005 }), (3, new[] { 0.632, 0.05 }) })
        {
            foreach (double miss in misses)
            {
                yield return TrialCell.Midnights(pilot, miss, repeats);
            }
        }
    }
}
