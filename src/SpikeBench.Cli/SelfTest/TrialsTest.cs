using SpikeBench.Core.Profiles;
using SpikeBench.Core.Verdict;
using SpikeBench.Core.Verdict.Trials;

namespace SpikeBench.Cli.SelfTest;

/// <summary>
/// The judge on runs whose truth is known: M/M/8 at ρ = 0.9, p99, 300 s, with thresholds that exactly so many times the budget exceeds.
/// The same seeds give the same counts everywhere; the large tables take hours, these few seconds.
/// </summary>
internal static class TrialsTest
{
    private const string Part = "verdict trials";
    private const int Trials = 50;
    private const ulong Seed = 900_000;

    // An instrument of the stated rates is called wrong once in a thousand.
    private const double Alpha = 0.001;

    public static Task<IReadOnlyList<SelfTestLine>> RunAsync(CancellationToken cancel) => Task.Run(() => Run(cancel), cancel);

    private static IReadOnlyList<SelfTestLine> Run(CancellationToken cancel)
    {
        TrialShape shape = TrialShape.Steady(0.9, 300);
        var lines = new List<SelfTestLine>();
        TrialCounts line = Of(1), twice = Of(2), tenth = Of(0.1);
        lines.Add(AtMost("false PASS of a target at the line", line.Pass, 0.07));
        lines.Add(AtMost("false PASS at twice the budget", twice.Pass, 0.01));
        lines.Add(AtLeast("FAIL at twice the budget", twice.Fail, 0.85));
        lines.Add(AtLeast("PASS at a tenth of the budget", tenth.Pass, 0.90));
        lines.Add(AtMost("INVALID though the generator was healthy", line.Invalid + twice.Invalid + tenth.Invalid, 0.02, 3 * Trials));
        return lines;

        TrialCounts Of(double ratio)
        {
            cancel.ThrowIfCancellationRequested();
            return VerdictTrials.Run(TrialCell.Exact(shape, ratio), Trials, Seed);
        }
    }

    private static SelfTestLine AtMost(string what, int count, double rate, int trials = Trials) =>
        new(Part, what, $"at most {Units.Percent(rate)}", $"{count} of {trials}", BinomialBounds.Lower(count, trials, Alpha) <= rate);

    private static SelfTestLine AtLeast(string what, int count, double rate, int trials = Trials) =>
        new(Part, what, $"at least {Units.Percent(rate)}", $"{count} of {trials}", BinomialBounds.Upper(count, trials, Alpha) >= rate);
}
