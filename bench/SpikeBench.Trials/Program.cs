using System.Diagnostics;
using System.Globalization;
using SpikeBench.Core.Verdict.Trials;

// trials GROUP [TRIALS] [SEED]: one row per cell as soon as it is done, for results/trials/GROUP.md.
const string Usage = "usage: trials steady|lengths|midnight|sets [TRIALS] [SEED]";
if (args is [] || !TrialGroups.ByName.TryGetValue(args[0], out Func<IEnumerable<TrialCell>>? cellsOf))
{
    Console.Error.WriteLine(Usage);
    return 64;
}

int trials = args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 2000;
ulong seed = args.Length > 2 ? ulong.Parse(args[2], CultureInfo.InvariantCulture) : 1;
var clock = Stopwatch.StartNew();
bool first = true;
foreach (TrialCell cell in cellsOf())
{
    // Cells never share a run: a seed is of one cell and one run.
    string[] rows = TrialTable.Render([VerdictTrials.Run(cell, trials, seed)]).Split('\n', StringSplitOptions.RemoveEmptyEntries);
    foreach (string row in first ? rows : rows[2..])
    {
        Console.WriteLine(row);
    }

    first = false;
    seed += 10_000_000;
    Console.Error.WriteLine($"{clock.Elapsed.TotalSeconds:0} s: {cell.Shape.Name}, {cell.Truth}");
}

return 0;
