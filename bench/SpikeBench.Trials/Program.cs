using System.Diagnostics;
using System.Globalization;
using SpikeBench.Core.Verdict;
using SpikeBench.Core.Verdict.Trials;

// trials GROUP [TRIALS] [SEED] [CELL] [EVIDENCE]: one row per cell as soon as it is done, for results/trials/GROUP.md.
// Fewer runs do not tell what share of the calls is above a threshold: a midnight has some five freezes in its spike.
const int LeastPilotRuns = 300;
const string Usage = "usage: trials steady|lengths|midnight|rare|long-sets|sets|looks [TRIALS] [SEED] [CELL] [EVIDENCE]";
if (args is [] || !TrialGroups.ByName.TryGetValue(args[0], out Func<IEnumerable<TrialCell>>? cellsOf))
{
    Console.Error.WriteLine(Usage);
    return 64;
}

int trials = args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 2000;
ulong seed = args.Length > 2 ? ulong.Parse(args[2], CultureInfo.InvariantCulture) : 1;
var clock = Stopwatch.StartNew();
TrialGroups.PilotRuns = Math.Max(trials, LeastPilotRuns);
int only = args.Length > 3 ? int.Parse(args[3], CultureInfo.InvariantCulture) : -1;
bool first = true;
foreach ((int index, TrialCell cell) in cellsOf().Index())
{
    if (only >= 0 && index != only)
    {
        continue;
    }

    // Cells never share a run: a seed is of one cell and one run.
    ulong cellSeed = seed + 10_000_000 * (ulong)index;
    string[] rows = TrialTable.Render([VerdictTrials.Run(cell, trials, cellSeed, Evidence(args, index))]).Split('\n', StringSplitOptions.RemoveEmptyEntries);
    foreach (string row in first ? rows : rows[2..])
    {
        Console.WriteLine(row);
    }

    first = false;
    Console.Error.WriteLine($"{clock.Elapsed.TotalSeconds:0} s: {cell.Shape.Name}, {cell.Truth}");
}

return 0;

// With a fifth argument, N, X, deff and the verdict of every run go to that file: any other level can be tried on them.
static Action<RunVerdict>? Evidence(string[] args, int index)
{
    if (args.Length < 5)
    {
        return null;
    }

    var file = new StreamWriter($"{args[4]}-{index}.csv") { AutoFlush = true };
    file.WriteLine("calls,bad,deff,outcome");
    return verdict => file.WriteLine(string.Create(
        CultureInfo.InvariantCulture, $"{verdict.Slos[0].Calls},{verdict.Slos[0].Bad},{verdict.Slos[0].DesignEffect:R},{verdict.Slos[0].Outcome}"));
}
